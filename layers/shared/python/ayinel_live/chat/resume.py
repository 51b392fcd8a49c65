"""What a viewer missed: the changes since the last one that the viewer has seen."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ayinel_live.chat.change_ids import first_of
from ayinel_live.chat.model import ChatMessage
from ayinel_live.runtime.clock import Clock, from_milliseconds, to_milliseconds, utc_now

# Changes get their ids on many machines and reach the index a moment later: whoever has seen one
# may have missed some that are a little older.
OVERLAP_MILLISECONDS = 10_000
# More than this is a page of history, not a gap.
CHANGES_MAX = 300
# A continuation reads no more than a frame of 32 KB holds of short messages; only the first answer
# has to see whether the gap is too large.
PAGE_MAX = 120
# A change that is younger may still be on its way to the viewers.
SETTLING = timedelta(seconds=3)
_NEWEST_LIFE_SECONDS = 2.0
_STREAMS_REMEMBERED_MAX = 1000


class Changes(Protocol):
    """Reads changes."""

    def changed(self, stream_id: str, *, after: str, limit: int) -> Sequence[ChatMessage]:
        """Return messages in the order of their last change."""
        ...

    def newest_change(self, stream_id: str, *, until: datetime) -> str | None:
        """Return the id of the newest change that every viewer is told of."""
        ...


@dataclass(frozen=True, slots=True)
class Gap:
    """What was missed.

    Attributes:
        changes: The messages as they are now, in the order of their last change.
        is_too_large: Whether there is more than is worth telling one by one; then `changes` is
            empty.
        has_more: Whether there are later changes than these.
    """

    changes: tuple[ChatMessage, ...]
    is_too_large: bool = False
    has_more: bool = False


class Resumption:
    """Tells viewers what they missed.

    Args:
        changes: Reads changes.
        clock: Tells the time.
        monotonic: Seconds that only grow.
    """

    def __init__(
        self,
        changes: Changes,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._changes = changes
        self._clock = clock
        self._monotonic = monotonic
        self._newest: dict[str, tuple[float, str | None]] = {}

    def since(self, stream_id: str, after: str | None, *, is_continuation: bool) -> Gap:
        """Return what changed.

        Args:
            stream_id: The stream.
            after: The last change that the viewer has seen; None for a viewer that just came.
            is_continuation: Whether the viewer has been given everything up to `after` by the
                answer before, so that no overlap is needed.
        """
        start = after if is_continuation and after is not None else self._start(after)
        most = PAGE_MAX if is_continuation else CHANGES_MAX
        found = self._changes.changed(stream_id, after=start, limit=most + 1)
        has_more = len(found) > most
        if has_more and not is_continuation:
            return Gap((), is_too_large=True)
        return Gap(tuple(found[:most]), has_more=has_more)

    def newest(self, stream_id: str) -> str | None:
        """Return the newest change that every viewer should have been told of by now.

        All connections of a stream ask for it at each heartbeat, so a process remembers it for a
        moment.

        Args:
            stream_id: The stream.
        """
        now = self._monotonic()
        known = self._newest.get(stream_id)
        if known is not None and now - known[0] < _NEWEST_LIFE_SECONDS:
            return known[1]
        newest = self._changes.newest_change(stream_id, until=self._clock() - SETTLING)
        if len(self._newest) >= _STREAMS_REMEMBERED_MAX:
            self._newest.clear()
        self._newest[stream_id] = (now, newest)
        return newest

    def _start(self, after: str | None) -> str:
        """Return where to read from; what a client has seen cannot lie in the future."""
        seen_at = to_milliseconds(self._clock())
        if after is not None:
            from ulid import ULID

            seen_at = min(seen_at, ULID.from_str(after).milliseconds)
        return first_of(from_milliseconds(max(0, seen_at - OVERLAP_MILLISECONDS)))
