"""The key pairs that sign recordings' addresses: private halves lie in Secrets Manager alone.

CloudFront serves a recording to whoever shows a policy signed by a key of its key group. A new pair
is made known there long before the first signature with it, and an old one stays known until every
signature that it made has expired, so that no viewer is cut off. What the secret says is the truth:
each look brings the key group up to it and removes pairs that were made and never written down.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now
from ayinel_live.runtime.errors import UpstreamError

ROTATE_AFTER = timedelta(days=90)
# CloudFront's edges learn of a key group's change within minutes.
KNOWN_AFTER = timedelta(hours=1)
# Longer than a signature lives, and than a function keeps the secret in memory.
RETIRE_AFTER = timedelta(days=1)
CACHE_SECONDS = 300.0
# What CloudFront takes (developer guide, "Create key pairs for your signers").
_KEY_BITS = 2048


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key pair.

    Attributes:
        key_pair_id: What CloudFront calls its public half.
        private_key: PEM of the private half.
        created_at: When it was made.
    """

    key_pair_id: str
    private_key: str = field(repr=False)
    created_at: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """What the secret holds.

    Attributes:
        current: Signs.
        next: Will sign once every edge knows it.
        previous: Signed before; what it signed is still good.
        changed_at: When `current` began to sign.
    """

    current: SigningKey | None = None
    next: SigningKey | None = None
    previous: SigningKey | None = None
    changed_at: str = ""

    @property
    def key_pair_ids(self) -> tuple[str, ...]:
        """Every pair of which signatures may be out."""
        keys = (self.current, self.next, self.previous)
        return tuple(key.key_pair_id for key in keys if key is not None)


class KeyGroup(Protocol):
    """Whose signatures are trusted."""

    def add(self, name: str, public_key_pem: str) -> str:
        """Make a public key known; returns its id. It is not trusted yet."""

    def trust(self, key_pair_ids: tuple[str, ...]) -> None:
        """Trust these keys and no others."""

    def names(self) -> Iterator[tuple[str, str]]:
        """Yield every known key as (id, name)."""

    def remove(self, key_pair_id: str) -> None:
        """Forget a key that is trusted no more."""


class RecordingKeySecret:
    """The secret, kept in memory for a while.

    Args:
        client: Gives a botocore `secretsmanager` client, asked when it is first needed.
        secret_arn: The secret.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        secret_arn: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secret_arn = secret_arn
        self._monotonic = monotonic
        self._ring = KeyRing()
        self._read_at: float | None = None

    def current(self) -> SigningKey | None:
        """Return the key that signs, or None before there is one.

        Raises:
            UpstreamError: It was never read and cannot be.
        """
        now = self._monotonic()
        if self._read_at is None or now - self._read_at >= CACHE_SECONDS:
            try:
                self._ring = self.read()
            except UpstreamError:
                if self._ring.current is None:
                    raise  # Else what was good stays good while the service is out of reach.
            # Asked for again at once while there is none.
            self._read_at = now if self._ring.current is not None else None
        return self._ring.current

    def read(self) -> KeyRing:
        """Return the keys as the secret holds them now; none where it was never filled.

        Raises:
            UpstreamError: Secrets Manager did not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            text = self._client().get_secret_value(SecretId=self._secret_arn)["SecretString"]
        except (BotoCoreError, ClientError):
            raise UpstreamError(
                "The recordings' keys cannot be had.", retry_after_seconds=2
            ) from None
        return _ring_from(text)

    def write(self, ring: KeyRing) -> None:
        """Replace the keys."""
        text = json.dumps({name: value for name, value in asdict(ring).items() if value})
        self._client().put_secret_value(SecretId=self._secret_arn, SecretString=text)
        self._ring, self._read_at = ring, None


class RecordingKeys:
    """Makes and rotates the key pairs, one step a look.

    Args:
        secret: Where they lie.
        group: Where their public halves are trusted.
        prefix: Begins the names of this deployment's keys and of no other's.
        clock: Tells the time.
    """

    def __init__(
        self, secret: RecordingKeySecret, group: KeyGroup, prefix: str, clock: Clock = utc_now
    ) -> None:
        self._secret = secret
        self._group = group
        self._prefix = prefix
        self._clock = clock

    def rotate(self) -> str:
        """Do what is due.

        Returns:
            What was done: `made`, `announced`, `changed`, `retired` or `kept`.
        """
        now = self._clock()
        found = self._secret.read()
        outcome, ring = self._step(found, now)
        if ring != found:
            self._secret.write(ring)
        self._settle(ring)
        return outcome

    def discard(self, stand_in: str) -> None:
        """Forget every key, as this deployment goes.

        Args:
            stand_in: The key that is trusted instead: a key group is never empty.
        """
        self._secret.write(KeyRing())
        self._group.trust((stand_in,))
        self._remove_all_but(())

    def _step(self, ring: KeyRing, now: datetime) -> tuple[str, KeyRing]:
        if ring.current is None:
            return "made", KeyRing(current=self._make(now), changed_at=to_rfc3339(now))
        if ring.next is not None:
            if now - from_rfc3339(ring.next.created_at) < KNOWN_AFTER:
                return "kept", ring
            return "changed", KeyRing(ring.next, None, ring.current, to_rfc3339(now))
        if ring.previous is not None:
            if now - from_rfc3339(ring.changed_at) < RETIRE_AFTER:
                return "kept", ring
            return "retired", replace(ring, previous=None)
        if now - from_rfc3339(ring.current.created_at) < ROTATE_AFTER:
            return "kept", ring
        return "announced", replace(ring, next=self._make(now))

    def _settle(self, ring: KeyRing) -> None:
        self._group.trust(ring.key_pair_ids)
        self._remove_all_but(ring.key_pair_ids)

    def _remove_all_but(self, kept: tuple[str, ...]) -> None:
        for key_pair_id, name in tuple(self._group.names()):
            if name.startswith(self._prefix) and key_pair_id not in kept:
                self._group.remove(key_pair_id)

    def _make(self, now: datetime) -> SigningKey:
        private_pem, public_pem = make_key_pair()
        key_pair_id = self._group.add(f"{self._prefix}{now:%Y%m%dT%H%M%S}", public_pem)
        return SigningKey(key_pair_id, private_pem, to_rfc3339(now))


def make_key_pair() -> tuple[str, str]:
    """Return a new RSA key pair as PEM: (private, public)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    private = rsa.generate_private_key(public_exponent=65537, key_size=_KEY_BITS)
    private_pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private_pem.decode(), public_pem.decode()


def _ring_from(text: str) -> KeyRing:
    try:
        stored = json.loads(text)
        keys = {
            name: SigningKey(**stored[name])
            for name in ("current", "next", "previous")
            if name in stored
        }
        return KeyRing(**keys, changed_at=stored.get("changed_at", ""))
    except (ValueError, TypeError):
        return KeyRing()  # As generated with the stack, before the first pair.
