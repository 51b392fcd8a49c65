"""New values for the secrets that only our own functions and CloudFront share.

A secret is JSON: `current`, `previous` and `rotatedAt`. The previous value stays good until the
next rotation, so that whoever still shows or signs with it is not turned away.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now

ROTATE_AFTER = timedelta(days=30)
# 64 letters and digits, as when the stack makes the first.
_SECRET_BYTES = 48


@dataclass(frozen=True, slots=True)
class SharedSecret:
    """A secret as it lies in Secrets Manager.

    Attributes:
        current: What to sign with or to show.
        previous: What was current before; "" where nothing was.
        rotated_at: Since when it is current.
    """

    current: str = field(repr=False)
    previous: str = field(repr=False)
    rotated_at: datetime


class SecretRotation:
    """Rotates secrets that are old.

    Args:
        client: Gives a botocore `secretsmanager` client.
        clock: Tells how old they are.
        make: Makes a new value.
    """

    def __init__(
        self,
        client: Callable[[], Any],
        clock: Clock = utc_now,
        make: Callable[[], str] = lambda: secrets.token_urlsafe(_SECRET_BYTES),
    ) -> None:
        self._client = client
        self._clock = clock
        self._make = make

    def rotate(self, secret_arn: str) -> SharedSecret:
        """Give a secret a new value if it is old, and return what it holds now.

        Two that rotate at once write one after the other; what the first wrote is then neither
        current nor previous, but was never handed out for longer than their race.

        Args:
            secret_arn: The secret.
        """
        found = self._read(secret_arn)
        now = self._clock()
        if now - found.rotated_at < ROTATE_AFTER:
            return found
        fresh = SharedSecret(self._make(), found.current, now)
        stored = {
            "current": fresh.current,
            "previous": fresh.previous,
            "rotatedAt": to_rfc3339(now),
        }
        self._client().put_secret_value(SecretId=secret_arn, SecretString=json.dumps(stored))
        return fresh

    def _read(self, secret_arn: str) -> SharedSecret:
        answer = self._client().get_secret_value(SecretId=secret_arn)
        stored: dict[str, str] = json.loads(answer["SecretString"])
        since = stored.get("rotatedAt")
        return SharedSecret(
            current=stored["current"],
            previous=stored.get("previous", ""),
            # The stack makes the first value and notes no time.
            rotated_at=from_rfc3339(since) if since else answer["CreatedDate"],
        )
