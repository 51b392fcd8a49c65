"""Gathering: how long a stream's changes are held back so that more of them share a frame.

Two reasons to wait. Viewer counts go out at most once a second. And a crowd is served at the rate
that the account's quota allows: a frame to everybody takes `viewers / posts a second`, the cycle.
Meanwhile each batch of changes becomes one more message in each shard's group, of which a post
worker gets ten at a time (Amazon SQS quota of a FIFO batch). If more than ten came in a cycle, the
queue would grow without end; so batches of a crowded stream are spaced to five in a cycle. Below
some ten thousand viewers that is less than the stream is polled apart anyway, and nothing waits.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

COUNT_SECONDS = 1.0
_BATCHES_IN_A_CYCLE = 5
# The invocation must end in time, whatever the numbers say.
_LONGEST_WAIT_SECONDS = 10.0
_REMEMBERED_MAX = 10_000


def spacing_seconds(viewers: int, posts_per_second: float) -> float:
    """Return how far apart a stream's batches are kept.

    Args:
        viewers: The stream's audience.
        posts_per_second: What all post workers together may post; 0 for no limit.
    """
    if posts_per_second <= 0:
        return 0.0
    return viewers / posts_per_second / _BATCHES_IN_A_CYCLE


class Gathering:
    """Remembers when each stream was told of something by this process.

    A mapping calls for one batch of a shard at a time, so waiting is all it takes for the next
    batch to gather. What waits with it are other streams' changes in the same batch.

    Args:
        now: Seconds that only grow.
        sleep: Waits.
    """

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._told_at: dict[str, float] = {}

    def wait(self, spacings: Mapping[str, float]) -> None:
        """Wait until each stream's time has come, and note that it is told now.

        Args:
            spacings: For each stream how long after the last time, in seconds.
        """
        now = self._now()
        due = max(
            (
                self._told_at[stream_id] + seconds
                for stream_id, seconds in spacings.items()
                if seconds and stream_id in self._told_at
            ),
            default=now,
        )
        if due > now:
            self._sleep(min(due - now, _LONGEST_WAIT_SECONDS))
            now = self._now()
        if len(self._told_at) > _REMEMBERED_MAX:
            recent = now - _LONGEST_WAIT_SECONDS
            self._told_at = {
                stream_id: at for stream_id, at in self._told_at.items() if at > recent
            }
        self._told_at.update(dict.fromkeys(spacings, now))
