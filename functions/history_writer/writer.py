"""One message of the history queue: an ended stream is settled, gathered and written."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ayinel_live.audience.series import HealthChange
from ayinel_live.history.collecting import HistoryCollector
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
        prepare: Brings the database up to date; called before the first write.
    """

    def __init__(
        self,
        records: Callable[[str], StreamRecord],
        collector: HistoryCollector,
        store: HistoryStore,
        prepare: Callable[[], object],
    ) -> None:
        self._records = records
        self._collector = collector
        self._store = store
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
        ended = EndedStream.model_validate_json(body)
        try:
            record = self._records(ended.stream_id)
        except NotFoundError:
            return False
        stream = record.stream
        if stream.end_time is None or record.is_deleted:
            return False
        if not self._is_prepared:
            self._prepare()
            self._is_prepared = True
        if self._store.has(stream.stream_id, stream.end_time):
            return False
        health = [HealthChange(to_milliseconds(at), state) for at, state in record.health.states()]
        messages = counted_messages(stream.stream_id)
        self._store.write(self._collector.collect(stream, messages, health))
        return True
