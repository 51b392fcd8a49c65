"""Short texts that only this service can have made: HMAC-SHA256 under a secret that can rotate.

One secret serves several purposes; the purpose is part of what is signed, so that a signature made
for one is worth nothing for another.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.errors import UpstreamError

SECRET_LIFE_SECONDS = 300.0
# A signature that does not verify may be made with a secret that has just come in; forged ones
# must not make a request each.
REFRESH_PAUSE_SECONDS = 10.0


class Secrets(Protocol):
    """Where the secrets come from."""

    def current(self) -> tuple[bytes, ...]:
        """Return the secrets that are good now, the one to sign with first."""
        ...

    def refresh(self) -> bool:
        """Look for newer secrets; False where that was done a moment ago."""
        ...


class FixedSecrets:
    """Secrets that are at hand.

    Args:
        secrets: The one to sign with first.
    """

    def __init__(self, *secrets: str) -> None:
        self._secrets = tuple(secret.encode() for secret in secrets)

    def current(self) -> tuple[bytes, ...]:
        """Return the secrets."""
        return self._secrets

    def refresh(self) -> bool:
        """Do nothing: there are no others."""
        return False


def _secrets_client() -> Any:
    # Both attempts together stay below the five seconds of a handshake's authorizer.
    return aws_client("secretsmanager", read_timeout_seconds=1.5, attempts=2)


class RotatingSecrets:
    """Secrets from AWS Secrets Manager, a JSON object `{"current": …, "previous": …}`.

    Args:
        arn: The secret's ARN or name.
        client: Makes the Secrets Manager client, on first use.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        arn: str,
        client: Callable[[], Any] = _secrets_client,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._arn = arn
        self._client = client
        self._monotonic = monotonic
        self._secrets: tuple[bytes, ...] = ()
        self._read_at = 0.0

    def current(self) -> tuple[bytes, ...]:
        """Return the secrets, read again after a while.

        Raises:
            UpstreamError: They were never read and cannot be.
        """
        if not self._secrets or self._monotonic() - self._read_at > SECRET_LIFE_SECONDS:
            self._read()
        return self._secrets

    def refresh(self) -> bool:
        """Read again, unless that was done a moment ago."""
        if self._secrets and self._monotonic() - self._read_at < REFRESH_PAUSE_SECONDS:
            return False
        self._read()
        return True

    def _read(self) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client().get_secret_value(SecretId=self._arn)
            values: dict[str, str] = json.loads(answer["SecretString"])
            found = (values["current"], values.get("previous", ""))
        except (BotoCoreError, ClientError, UpstreamError, KeyError, ValueError):
            # UpstreamError: another attempt would outlast the invocation (`runtime.deadline`).
            self._read_at = self._monotonic()
            if self._secrets:
                return  # What was good stays good while the service is out of reach.
            raise UpstreamError("A secret cannot be had.", retry_after_seconds=1) from None
        self._secrets = tuple(value.encode() for value in found if value)
        self._read_at = self._monotonic()


class Signer:
    """Makes and checks signatures for one purpose.

    Args:
        secrets: Where the secrets come from.
        purpose: A fixed name, part of what is signed.
    """

    def __init__(self, secrets: Secrets, purpose: str) -> None:
        self._secrets = secrets
        self._purpose = purpose.encode() + b"\x00"

    def digest(self, data: bytes) -> bytes:
        """Return the 32 bytes of the signature under the current secret."""
        return self._digest(self._secrets.current()[0], data)

    def sign(self, data: bytes) -> str:
        """Return the signature as text that is safe in an address."""
        return encode(self.digest(data))

    def verify(self, data: bytes, signature: str) -> bool:
        """Say whether this service has signed the data, with any secret that is good now."""
        try:
            given = decode(signature)
        except ValueError:
            return False
        if self._matches(data, given):
            return True
        return self._secrets.refresh() and self._matches(data, given)

    def _matches(self, data: bytes, given: bytes) -> bool:
        return any(
            hmac.compare_digest(self._digest(secret, data), given)
            for secret in self._secrets.current()
        )

    def _digest(self, secret: bytes, data: bytes) -> bytes:
        return hmac.digest(secret, self._purpose + data, "sha256")


def encode(data: bytes) -> str:
    """Return base64url without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Return the bytes of base64url without padding.

    Args:
        text: What `encode` returned.

    Raises:
        ValueError: It is something else.
    """
    try:
        data = base64.b64decode(
            text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True
        )
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("not base64url") from None
    if encode(data) != text:
        raise ValueError("not the one form of base64url")
    return data
