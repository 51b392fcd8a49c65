"""Streams, read and written: every write is conditional on the version that was read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from pynamodb.exceptions import DeleteError, UpdateError
from pynamodb.expressions.update import Action

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now
from ayinel_live.runtime.correlation import present_correlation_id
from ayinel_live.runtime.errors import BusyError, NotFoundError
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.health import StreamHealth
from ayinel_live.streams.items import LISTED, UNFINISHED, StreamItem
from ayinel_live.streams.model import (
    RECONNECT_GRACE,
    LiveStream,
    RecordingState,
    StreamState,
    Visibility,
)
from ayinel_live.streams.state import outcome

__all__ = ["LISTED", "UNFINISHED", "StreamItem", "StreamRecord", "StreamStore"]

_RETRIES = 12
_CONDITION_FAILED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """A stream with what only its keepers look at.

    Attributes:
        stream: The entity.
        channel_id: The video channel that the broadcast goes through.
        broadcast: What is known of its pushes and recordings.
        health: How its ingest does.
        is_ready: Whether a key was made for it.
        is_key_revoked: Whether the key that it was given is known to be dead.
        stopped_by: Who ended it, where a person did.
        doubt: How the last reconciliation found the provider to differ.
        latest_picture: Key of the latest thumbnail in the recordings' bucket.
        first_picture: Key of the first one.
        is_deleted: Whether it is being deleted.
    """

    stream: LiveStream
    channel_id: str
    broadcast: Broadcast
    health: StreamHealth = field(default_factory=StreamHealth)
    is_ready: bool = False
    is_key_revoked: bool = False
    stopped_by: str | None = None
    doubt: str | None = None
    latest_picture: str | None = None
    first_picture: str | None = None
    is_deleted: bool = False

    def with_broadcast(self, broadcast: Broadcast) -> StreamRecord:
        """Return the record with more known, and the stream's state as that means it."""
        meaning = outcome(broadcast)
        is_deleted = self.stream.recording_state is RecordingState.DELETED
        stream = self.stream.model_copy(
            update={
                "status": meaning.status,
                "start_time": meaning.start_time,
                "end_time": meaning.end_time,
                "interrupted_at": meaning.interrupted_at,
                "recording_state": RecordingState.DELETED
                if is_deleted
                else meaning.recording_state,
            }
        )
        return replace(self, stream=stream, broadcast=broadcast)

    def with_stream(self, **changes: object) -> StreamRecord:
        """Return the record with fields of the stream changed, validated."""
        values = {**self.stream.model_dump(), **changes}
        return replace(self, stream=LiveStream.model_validate(values))


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
        return self.as_of_now(_stream_from(item))

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
            if getattr(error, "cause_response_code", None) == _CONDITION_FAILED:
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
            if error.cause_response_code == _CONDITION_FAILED:
                return False
            raise
        return True

    def delete(self, stream_id: str) -> None:
        """Delete a stream that is marked deleted; nothing where there is none."""
        try:
            StreamItem(stream_id).delete(StreamItem.deleted_at.exists())
        except DeleteError as error:
            if error.cause_response_code != _CONDITION_FAILED:
                raise

    def of_channel(self, channel_id: str, limit: int) -> list[StreamRecord]:
        """Return the latest streams of a video channel, newest first, deleted ones too."""
        items = StreamItem.channel_index.query(channel_id, scan_index_forward=False, limit=limit)
        return [record_from(item) for item in items]

    def unfinished(self) -> Iterator[StreamRecord]:
        """Yield every stream that is not over and done, oldest first."""
        for item in StreamItem.unfinished_index.query(UNFINISHED):
            yield record_from(item)

    @staticmethod
    def _item(stream_id: str, *, is_consistent: bool) -> StreamItem:
        try:
            return StreamItem.get(stream_id, consistent_read=is_consistent)
        except StreamItem.DoesNotExist:
            raise NotFoundError("There is no such stream.") from None


# Settled by the audience when a stream has ended; a write of ours leaves them alone.
_OWNED_ELSEWHERE = frozenset({"peak_viewers", "total_views"})


def _time(text: str | None) -> datetime | None:
    return from_rfc3339(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return to_rfc3339(moment) if moment else None


def _stream_from(item: StreamItem) -> LiveStream:
    return LiveStream.model_validate(
        {
            "stream_id": item.stream_id,
            "user_id": item.user_id,
            "title": item.title,
            "description": item.description,
            "status": item.status,
            "visibility": item.visibility,
            "quality": item.quality,
            "rtmp_url": item.rtmp_url,
            "playback_url": item.playback_url,
            "start_time": _time(item.start_time),
            "end_time": _time(item.end_time),
            "interrupted_at": _time(item.interrupted_at),
            "peak_viewers": int(item.peak_viewers),
            "total_views": int(item.total_views),
            "created_at": _time(item.created_at),
            "updated_at": _time(item.updated_at),
            "version": int(item.version),
            "recording_state": item.recording_state,
            "thumbnail_key": item.latest_picture,
        }
    )


def record_from(item: StreamItem) -> StreamRecord:
    """Return the record that an item holds."""
    log = item.health_log
    return StreamRecord(
        stream=_stream_from(item),
        channel_id=item.channel_arn,
        broadcast=Broadcast.model_validate_json(item.facts),
        health=StreamHealth.model_validate_json(log) if log else StreamHealth(),
        is_ready=item.is_ready,
        is_key_revoked=item.is_key_revoked,
        stopped_by=item.stopped_by,
        doubt=item.doubt,
        latest_picture=item.latest_picture,
        first_picture=item.first_picture,
        is_deleted=bool(item.deleted_at),
    )


def item_from(record: StreamRecord) -> StreamItem:
    """Return the item that holds a record."""
    stream, health = record.stream, record.health
    is_listed = stream.status is StreamState.LIVE and stream.visibility is Visibility.PUBLIC
    is_ended = stream.status is StreamState.ENDED
    is_finished = is_ended and record.is_key_revoked and not record.is_deleted
    item = StreamItem(
        stream.stream_id,
        user_id=stream.user_id,
        title=stream.title,
        description=stream.description,
        status=stream.status.value,
        visibility=stream.visibility.value,
        quality=stream.quality.value,
        rtmp_url=stream.rtmp_url,
        playback_url=stream.playback_url,
        start_time=_text(stream.start_time),
        end_time=_text(stream.end_time),
        interrupted_at=_text(stream.interrupted_at),
        peak_viewers=stream.peak_viewers,
        total_views=stream.total_views,
        created_at=to_rfc3339(stream.created_at),
        updated_at=to_rfc3339(stream.updated_at),
        version=stream.version,
        listing=LISTED if is_listed and not record.is_deleted else None,
        unfinished=None if is_finished else UNFINISHED,
        channel_arn=record.channel_id,
        session_ids=set(record.broadcast.session_ids) or None,
        facts=record.broadcast.model_dump_json(by_alias=True, exclude_none=True),
        is_ready=record.is_ready,
        is_key_revoked=record.is_key_revoked,
        stopped_by=record.stopped_by,
        health_log=health.model_dump_json(by_alias=True, exclude_none=True)
        if health != StreamHealth()
        else None,
        recording_state=stream.recording_state.value,
        doubt=record.doubt,
        latest_picture=record.latest_picture,
        first_picture=record.first_picture,
        deleted_at=to_rfc3339(stream.updated_at) if record.is_deleted else None,
        correlation_id=present_correlation_id(),
    )
    summary = health.summary()
    if summary is not None:
        item.health = summary
    return item
