"""A stream with all that is kept of it, and how that lies in its item."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.correlation import present_correlation_id
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.health import StreamHealth
from ayinel_live.streams.items import LISTED, UNFINISHED, StreamItem
from ayinel_live.streams.model import LiveStream, RecordingState, StreamState, Visibility
from ayinel_live.streams.state import outcome


class UnreadableStreamError(ValueError):
    """An item of the table holds no stream that we know how to read.

    Args:
        stream_id: Its key.
        fault: The name of what went wrong; never what the item says.
    """

    def __init__(self, stream_id: str, fault: str) -> None:
        super().__init__(f"the item of a stream cannot be read: {fault}")
        self.stream_id = stream_id


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


def _time(text: str | None) -> datetime | None:
    return from_rfc3339(text) if text else None


def _text(moment: datetime | None) -> str | None:
    return to_rfc3339(moment) if moment else None


def stream_from(item: StreamItem) -> LiveStream:
    """Return the stream that an item holds, as last written."""
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
    """Return the record that an item holds.

    Raises:
        UnreadableStreamError: The item holds none.
    """
    try:
        return _record_from(item)
    except (KeyError, TypeError, ValueError) as error:
        # Not the fault itself, which quotes the item.
        raise UnreadableStreamError(item.stream_id, type(error).__name__) from None


def _record_from(item: StreamItem) -> StreamRecord:
    log = item.health_log
    return StreamRecord(
        stream=stream_from(item),
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
