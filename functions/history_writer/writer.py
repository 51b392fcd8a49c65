"""One message of the history queue: an ended stream is settled, gathered and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ayinel_live.audience.changes import counted_message
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.series import HealthChange
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.history.collecting import HistoryCollector
from ayinel_live.history.store import HistoryStore
from ayinel_live.runtime.clock import from_rfc3339, to_milliseconds
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.ids import StreamId
from ayinel_live.streams.store import StreamRecord


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
        messages = messages_of(stream.stream_id)
        self._store.write(self._collector.collect(stream, messages, health))
        return True


def messages_of(stream_id: str) -> Iterator[Counted]:
    """Yield a stream's messages and their senders as they are counted."""
    for item in ChatMessageItem.query(stream_id):
        yield from _counted(item)


def _counted(item: ChatMessageItem) -> Iterable[Counted]:
    return counted_message(
        item.message_id,
        item.user_id,
        version=int(item.version),
        sent_at=to_milliseconds(from_rfc3339(item.timestamp)),
        status=item.status,
        is_moderated=bool(item.is_moderated),
    )
