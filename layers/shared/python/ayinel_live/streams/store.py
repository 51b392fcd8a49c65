"""Streams, read and written: every write is conditional on the version that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pynamodb.exceptions import DeleteError, UpdateError
from pynamodb.expressions.update import Action

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import BusyError, NotFoundError
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.streams.items import UNFINISHED, StreamItem
from ayinel_live.streams.model import RECONNECT_GRACE, LiveStream, RecordingState, StreamState
from ayinel_live.streams.records import (
    StreamRecord,
    UnreadableStreamError,
    item_from,
    record_from,
    stream_from,
)

_RETRIES = 12
_CONDITION_FAILED = "ConditionalCheckFailedException"
# Settled by the audience when a stream has ended; a write of ours leaves them alone.
_OWNED_ELSEWHERE = frozenset({"peak_viewers", "total_views"})

Change = Callable[[StreamRecord], StreamRecord]


class StreamStore:
    """Streams.

    Args:
        clock: Tells the time of writes, and whether an interruption has outlasted the grace time.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def get(self, stream_id: str, *, is_consistent: bool = False) -> LiveStream:
        """Return a stream.

        Args:
            stream_id: Its id.
            is_consistent: Whether the newest write must be seen.

        Raises:
            NotFoundError: There is none.
        """
        item = self._item(stream_id, is_consistent=is_consistent)
        if item.deleted_at:
            raise NotFoundError("There is no such stream.")
        return self.as_of_now(stream_from(item))

    def many(self, stream_ids: Iterable[str]) -> dict[str, LiveStream]:
        """Return streams by their ids, without those that are gone.

        Args:
            stream_ids: Some ids, repeats among them.
        """
        items = StreamItem.batch_get(sorted(set(stream_ids)))
        return {
            item.stream_id: self.as_of_now(stream_from(item))
            for item in items
            if not item.deleted_at
        }

    def record(self, stream_id: str) -> StreamRecord:
        """Return a stream with all that is kept of it, deleted ones too, as last written.

        Raises:
            NotFoundError: There is none.
        """
        return record_from(self._item(stream_id, is_consistent=True))

    def as_of_now(self, stream: LiveStream) -> LiveStream:
        """Return a stream as it is now: an interruption beyond the grace time is its end."""
        since = stream.interrupted_at
        if stream.status is not StreamState.LIVE or since is None:
            return stream
        if self._clock() < since + RECONNECT_GRACE:
            return stream
        is_recorded = stream.recording_state is RecordingState.RECORDING
        status = StreamState.PROCESSING if is_recorded else StreamState.ENDED
        return stream.model_copy(
            update={"status": status, "end_time": since, "interrupted_at": None}
        )

    def insert(self, record: StreamRecord) -> bool:
        """Store a new stream; False where its id is taken, which is then left as it is."""
        item = item_from(record)
        try:
            item.save(StreamItem.stream_id.does_not_exist())
        except Exception as error:
            if refusal_code(error) == _CONDITION_FAILED:
                return False
            raise
        return True

    def change(self, stream_id: str, change: Change) -> tuple[StreamRecord, StreamRecord]:
        """Apply a change to fresh data until no other write comes between.

        Args:
            stream_id: The stream.
            change: A pure function; returning its argument writes nothing.

        Returns:
            The record before and after.

        Raises:
            NotFoundError: There is no such stream.
            BusyError: Others write without end.
        """
        for _ in range(_RETRIES):
            item = self._item(stream_id, is_consistent=True)
            before = record_from(item)
            after = change(before)
            if after == before:
                return before, before
            after = after.with_stream(
                version=before.stream.version + 1,
                updated_at=max(self._clock(), before.stream.updated_at),
            )
            if self._write(item, after):
                return before, after
        raise BusyError("The stream is changing right now.", retry_after_seconds=1)

    def _write(self, item: StreamItem, after: StreamRecord) -> bool:
        condition = StreamItem.version == item.version
        wanted = item_from(after)
        actions: list[Action] = []
        for name, attribute in StreamItem.get_attributes().items():
            old, new = getattr(item, name), getattr(wanted, name)
            if attribute.is_hash_key or name in _OWNED_ELSEWHERE or old == new:
                continue
            actions.append(attribute.remove() if new is None else attribute.set(new))
        try:
            item.update(actions, condition=condition)
        except UpdateError as error:
            if refusal_code(error) == _CONDITION_FAILED:
                return False
            raise
        return True

    def delete(self, stream_id: str) -> None:
        """Delete a stream that is marked deleted; nothing where there is none."""
        try:
            StreamItem(stream_id).delete(StreamItem.deleted_at.exists())
        except DeleteError as error:
            if refusal_code(error) != _CONDITION_FAILED:
                raise

    def of_channel(self, channel_id: str, limit: int) -> list[StreamRecord]:
        """Return the latest streams of a video channel, newest first, deleted ones too."""
        items = StreamItem.channel_index.query(channel_id, scan_index_forward=False, limit=limit)
        return [record_from(item) for item in items]

    def unfinished(self, unreadable: Callable[[str], None] | None = None) -> Iterator[StreamRecord]:
        """Yield every stream that is not over and done, oldest first.

        Args:
            unreadable: Told the id of each that cannot be read, which is then passed over.

        Raises:
            UnreadableStreamError: One cannot be read, and nobody is to be told of it.
        """
        for item in StreamItem.unfinished_index.query(UNFINISHED):
            try:
                record = record_from(item)
            except UnreadableStreamError as error:
                if unreadable is None:
                    raise
                unreadable(error.stream_id)
            else:
                yield record

    @staticmethod
    def _item(stream_id: str, *, is_consistent: bool) -> StreamItem:
        try:
            return StreamItem.get(stream_id, consistent_read=is_consistent)
        except StreamItem.DoesNotExist:
            raise NotFoundError("There is no such stream.") from None
