"""Viewer counts: at most one a second for each stream, and always the last one.

On AWS the Audience table's mapping gathers for a second before it calls, which does it alone. This
holds where a mapping does not gather (the emulator), and where two batches follow closely. Waiting
delays nobody else: a batch holds records of one table, and of Audience only counts go out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

COUNT_SECONDS = 1.0
_REMEMBERED_MAX = 10_000


class CountPace:
    """Remembers when each stream's viewers were told a count by this process.

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

    def wait(self, stream_ids: Iterable[str]) -> None:
        """Wait until a count of each of the streams may go out, and note that it does.

        Args:
            stream_ids: The streams.
        """
        wanted = list(stream_ids)
        due = max((self._told_at.get(stream_id, 0.0) for stream_id in wanted), default=0.0)
        rest = due + COUNT_SECONDS - self._now()
        if due and rest > 0:
            self._sleep(rest)
        now = self._now()
        if len(self._told_at) > _REMEMBERED_MAX:
            self._told_at = {
                stream_id: at for stream_id, at in self._told_at.items() if now - at < COUNT_SECONDS
            }
        self._told_at.update(dict.fromkeys(wanted, now))
