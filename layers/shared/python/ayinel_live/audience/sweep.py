"""Ghosts: connections that are gone though nobody said so, found by their missing heartbeats.

A client sends a heartbeat each 45 s. Who was silent for 100 s has missed two and is swept; sweeps
run each minute, so a ghost is gone after 160 s and a little at most. Nothing here waits for
DynamoDB to expire an item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import PynamoDBException

from ayinel_live.audience.keys import MINUTE_MILLISECONDS
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.presence_store import OpenConnection, PresenceStore
from ayinel_live.audience.store import AudienceMarkerItem
from ayinel_live.runtime.clock import from_milliseconds, to_milliseconds
from ayinel_live.runtime.errors import RetryableError

SILENCE_SECONDS = 100
# API Gateway ends a connection after two hours (quota page): no older heartbeat is of a live one.
MAX_BACKLOG_MINUTES = 150
_FIRST_BACKLOG_MINUTES = 10
# How often a minute is looked at again, for what the index did not know yet.
_OVERLAP_MINUTES = 3
_CHECKPOINT = ("sweep", "checkpoint")


@dataclass(slots=True)
class Swept:
    """What a sweep did: connections closed, and those that could not be."""

    closed: int = 0
    failed: int = 0


class Checkpoint:
    """The last minute up to which everything has been swept."""

    def read(self) -> int | None:
        """Return it, in minutes since the epoch, or None before the first sweep."""
        try:
            return int(AudienceMarkerItem.get(*_CHECKPOINT, consistent_read=True).version)
        except AudienceMarkerItem.DoesNotExist:
            return None

    def write(self, minute: int) -> None:
        """Move it."""
        AudienceMarkerItem(*_CHECKPOINT, version=minute).save()


class Sweep:
    """Closes connections that went silent.

    Args:
        presence: Closes connections.
        store: Finds them.
        checkpoint: Remembers how far sweeps have come, so that an outage leaves no ghost behind.
    """

    def __init__(
        self,
        presence: Presence | None = None,
        store: PresenceStore | None = None,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        self._presence = presence or Presence()
        self._store = store or PresenceStore()
        self._checkpoint = checkpoint or Checkpoint()

    def run(self, now: datetime) -> Swept:
        """Sweep.

        Args:
            now: The current time.
        """
        limit = now - timedelta(seconds=SILENCE_SECONDS)
        last = to_milliseconds(limit) // MINUTE_MILLISECONDS
        done = self._checkpoint.read()
        if done is None:
            done = last - _FIRST_BACKLOG_MINUTES
            self._checkpoint.write(done)
        first = max(last - MAX_BACKLOG_MINUTES, min(done, last) - _OVERLAP_MINUTES)
        swept = Swept()
        for minute in range(first, last + 1):
            for connection in self._store.last_seen_in(minute):
                if connection.heartbeat_at <= to_milliseconds(limit):
                    self._close(connection, limit, swept)
        if not swept.failed:
            self._checkpoint.write(last)
        return swept

    def _close(self, connection: OpenConnection, limit: datetime, swept: Swept) -> None:
        """Close one as of its last sign of life; a failure leaves the others alone."""
        seen_at = from_milliseconds(connection.heartbeat_at)
        try:
            swept.closed += self._presence.leave(
                connection.connection_id, seen_at, "swept", seen_until=limit
            )
        except (RetryableError, PynamoDBException):
            swept.failed += 1
