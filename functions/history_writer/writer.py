"""One message of the history queue: an ended stream is settled, gathered and written.

An erasure can run meanwhile. It takes away where history is gathered from before it takes history,
so that looking there again after the last row is written shows whatever it could have missed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ayinel_live.audience.series import HealthChange
from ayinel_live.history.collecting import HistoryCollector
from ayinel_live.history.erasure import HistoryErasure
from ayinel_live.history.messages import counted_messages
from ayinel_live.history.store import HistoryStore
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.ids import StreamId
from ayinel_live.streams.records import StreamRecord


class EndedStream(BaseModel):
    """What the queue tells: a stream that has ended."""

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    stream_id: StreamId


class HistoryWriter:
    """Writes ended streams.

    Args:
        records: Gives a stream with all that is kept of it.
        collector: Settles and gathers.
        store: Writes.
        erasure: Deletes what was written of a stream that was erased meanwhile.
        prepare: Brings the database up to date; called before the first write.
    """

    def __init__(
        self,
        records: Callable[[str], StreamRecord],
        collector: HistoryCollector,
        store: HistoryStore,
        erasure: HistoryErasure,
        prepare: Callable[[], object],
    ) -> None:
        self._records = records
        self._collector = collector
        self._store = store
        self._erasure = erasure
        self._prepare = prepare
        self._is_prepared = False

    def write(self, body: str) -> bool:
        """Write the stream that a message names.

        Args:
            body: The message.

        Returns:
            Whether it was written now; False where it is written already, runs again or is gone.

        Raises:
            ValueError: The message names no stream.
            UpstreamError: The database or the tables cannot be reached; the message comes again.
        """
        stream_id = EndedStream.model_validate_json(body).stream_id
        if not self._is_prepared:
            self._prepare()
            self._is_prepared = True
        record = self._kept(stream_id)
        if record is None:
            # A writing before this one may have died between its last row and its second look.
            self._erasure.erase_stream(stream_id)
            return False
        stream = record.stream
        if stream.end_time is None or self._store.has(stream_id, stream.end_time):
            return False
        health = [HealthChange(to_milliseconds(at), state) for at, state in record.health.states()]
        history = self._collector.collect(stream, counted_messages(stream_id), health)
        self._store.write(history, partial(self._collector.present, stream_id))
        if self._kept(stream_id) is None:
            self._erasure.erase_stream(stream_id)
            return False
        return True

    def _kept(self, stream_id: str) -> StreamRecord | None:
        """Return a stream that is neither gone nor about to go."""
        try:
            record = self._records(stream_id)
        except NotFoundError:
            return None
        return None if record.is_deleted else record
