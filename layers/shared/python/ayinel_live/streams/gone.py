"""Streams that were erased, remembered for as long as a start of theirs can be asked for again.

A start that is repeated finds no stream both where the first call died before it made one and where
the stream has been erased since: only here do the two differ. Kept is a digest of the stream's id,
which tells nothing to who does not have the id.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from ayinel_live.runtime.idempotency import IdempotencyItem

# How long a repeated start is known as such; a day is also what Stripe and AWS keep.
IDEMPOTENCY_LIFE = timedelta(hours=24)


class GoneStreams:
    """Notes of erased streams."""

    def note(self, stream_id: str, now: datetime) -> None:
        """Remember that a stream is erased; before it is, so that no start comes between.

        Args:
            stream_id: The stream.
            now: The current time.
        """
        # Every claim on the stream's id is older than this, so that the note outlasts them all.
        expires_at = int((now + IDEMPOTENCY_LIFE).timestamp())
        IdempotencyItem(_key(stream_id), status="gone", expires_at=expires_at).save()

    def has(self, stream_id: str) -> bool:
        """Whether a stream was there and is erased."""
        try:
            IdempotencyItem.get(_key(stream_id), consistent_read=True)
        except IdempotencyItem.DoesNotExist:
            return False
        return True


def _key(stream_id: str) -> str:
    return f"gone#{hashlib.sha256(stream_id.encode()).hexdigest()}"
