"""Settling a stream that has ended: every viewer counted up to the end, nobody beyond it.

While a stream runs its end is unknown, and what is counted around it can be a little over. Here
each state is counted once more with the end; what was right stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from ayinel_live.audience.changes import counted_viewer
from ayinel_live.audience.counter import MAX_SUBJECTS, AudienceCounter
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.presence_store import PresenceStore
from ayinel_live.runtime.clock import to_milliseconds


class Settlement:
    """Settles streams.

    Args:
        counter: Counts states.
        store: Where viewers lie.
    """

    def __init__(
        self, counter: AudienceCounter | None = None, store: PresenceStore | None = None
    ) -> None:
        self._counter = counter or AudienceCounter()
        self._store = store or PresenceStore()

    def settle(self, stream_id: str, end: datetime, messages: Iterable[Counted] = ()) -> int:
        """Count all of a stream's viewers up to its end.

        Args:
            stream_id: The stream.
            end: When it ended.
            messages: States of its messages and chatters, where they are at hand.

        Returns:
            How many states had not been counted so before.

        Raises:
            UpstreamError: Others kept counting the stream; may be tried again.
        """
        limit = to_milliseconds(end)
        viewers = (counted_viewer(v, limit) for v in self._store.viewers(stream_id))
        counted = sum(self._counter.count(stream_id, part) for part in _parts(viewers))
        return counted + sum(self._counter.count(stream_id, part) for part in _parts(messages))


def _parts(states: Iterable[Counted]) -> Iterator[list[Counted]]:
    iterator = iter(states)
    while part := list(islice(iterator, MAX_SUBJECTS)):
        yield part
