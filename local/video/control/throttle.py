"""Holds callers to the rates of IVS: a token bucket for each operation.

Source: "Service Quotas" in the IVS user guide (call rates per account and region).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from local.video.control.errors import ThrottledError

CALLS_PER_SECOND = 5.0
RARE_CALLS_PER_SECOND = 3.0
BATCH_REVOCATIONS_PER_SECOND = 2.0
METADATA_PER_SECOND = 155.0
METADATA_PER_CHANNEL_PER_SECOND = 5.0

_RARE_WORDS = ("PlaybackKeyPair", "RecordingConfiguration", "PlaybackRestrictionPolic")


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """Counts calls."""

    def __init__(self, burst_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with full buckets.

        Args:
            burst_seconds: How much unused rate is saved up.
            clock: A monotonic clock in seconds.
        """
        self._burst_seconds = burst_seconds
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}

    def take(self, operation: str, channel_arn: str = "") -> None:
        """Count one call.

        Args:
            operation: Its name.
            channel_arn: The channel of a PutMetadata.

        Raises:
            ThrottledError: If it comes too soon.
        """
        if operation == "PutMetadata":
            self._spend(f"PutMetadata {channel_arn}", METADATA_PER_CHANNEL_PER_SECOND)
        self._spend(operation, _rate(operation))

    def _spend(self, name: str, rate: float) -> None:
        now = self._clock()
        size = max(rate * self._burst_seconds, 1.0)
        bucket = self._buckets.setdefault(name, _Bucket(size, now))
        bucket.tokens = min(size, bucket.tokens + (now - bucket.filled_at) * rate)
        bucket.filled_at = now
        if bucket.tokens < 1:
            raise ThrottledError("Rate exceeded")
        bucket.tokens -= 1


def _rate(operation: str) -> float:
    if operation == "PutMetadata":
        return METADATA_PER_SECOND
    if operation == "BatchStartViewerSessionRevocation":
        return BATCH_REVOCATIONS_PER_SECOND
    return RARE_CALLS_PER_SECOND if any(w in operation for w in _RARE_WORDS) else CALLS_PER_SECOND
