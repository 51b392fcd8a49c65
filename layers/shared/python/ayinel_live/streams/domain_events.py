"""What the platform is told about streams: events on its bus, read off the table's changes.

Nothing is announced that is not stored, and nothing stored goes unannounced, since both are one
write. An event comes at least once; `eventId` is the same each time. Schemas are versioned by the
event's `version` member and kept in `docs/events/`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import ClassVar, Literal

from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireModel, WireTime
from ayinel_live.streams.broadcast import longest_recording
from ayinel_live.streams.model import LiveStream, RecordingState, Visibility
from ayinel_live.streams.records import StreamRecord
from ayinel_live.video.model import Quality

BUS_ENTRY_LIMIT = 10


class StreamEvent(WireModel):
    """What every event about a stream says.

    Attributes:
        event_id: The same however often the event comes.
        version: Of the event's schema.
        at: When it happened.
    """

    detail_type: ClassVar[str]

    event_id: str
    version: Literal[1] = 1
    stream_id: StreamId
    user_id: str
    at: WireTime


class StreamCreated(StreamEvent):
    """A creator has started a stream; no encoder has come yet."""

    detail_type = "StreamCreated"

    title: str
    visibility: Visibility
    quality: Quality


class StreamStarted(StreamEvent):
    """The first picture came."""

    detail_type = "StreamStarted"

    title: str
    visibility: Visibility
    quality: Quality
    start_time: WireTime


class StreamUpdated(StreamEvent):
    """Title, description or visibility changed."""

    detail_type = "StreamUpdated"

    title: str
    description: str
    visibility: Visibility


class StreamEnded(StreamEvent):
    """The broadcast is over; `duration` is seconds, 0 where no encoder ever came."""

    detail_type = "StreamEnded"

    start_time: WireTime | None = None
    end_time: WireTime
    duration: int
    is_stopped_by_owner: bool
    is_stopped_by_operator: bool


class RecordingReady(StreamEvent):
    """The recording can be played; `duration` is that of what is played, in seconds."""

    detail_type = "RecordingReady"

    duration: int


class RecordingFailed(StreamEvent):
    """There will be no recording."""

    detail_type = "RecordingFailed"


class StreamDeleted(StreamEvent):
    """The owner deleted the stream; what belongs to it is being erased."""

    detail_type = "StreamDeleted"


class UserErased(WireModel):
    """Everything of a user is erased; nothing more will be heard of the user."""

    detail_type: ClassVar[str] = "UserErased"

    event_id: str
    version: Literal[1] = 1
    user_id: str
    receipt_id: str
    at: WireTime
    backups_expire_at: WireTime


EVENT_MODELS: tuple[type[StreamEvent] | type[UserErased], ...] = (
    StreamCreated,
    StreamStarted,
    StreamUpdated,
    StreamEnded,
    RecordingReady,
    RecordingFailed,
    StreamDeleted,
    UserErased,
)


def event_id(stream_id: str, detail_type: str, occasion: str) -> str:
    """Return the id that an event has however often it comes.

    Args:
        stream_id: The stream.
        detail_type: The kind of event.
        occasion: What tells two of a kind of one stream apart.
    """
    return hashlib.sha256(f"{stream_id}#{detail_type}#{occasion}".encode()).hexdigest()[:32]


def events_between(before: StreamRecord | None, after: StreamRecord) -> Iterator[StreamEvent]:
    """Yield what happened between two states of a stream.

    Args:
        before: None where it was not there.
        after: The state now.
    """
    old, new = (None if before is None else before.stream), after.stream
    was_ready = before is not None and before.is_ready
    if after.is_ready and not was_ready:
        yield StreamCreated(
            **_common(new, StreamCreated, "1"),
            title=new.title,
            visibility=new.visibility,
            quality=new.quality,
        )
    if new.start_time is not None and (old is None or old.start_time is None):
        yield StreamStarted(
            **_common(new, StreamStarted, "1"),
            title=new.title,
            visibility=new.visibility,
            quality=new.quality,
            start_time=new.start_time,
        )
    if old is not None and _words(old) != _words(new):
        yield StreamUpdated(
            **_common(new, StreamUpdated, str(new.version)),
            title=new.title,
            description=new.description,
            visibility=new.visibility,
        )
    yield from _endings(before, after)


def _endings(before: StreamRecord | None, after: StreamRecord) -> Iterator[StreamEvent]:
    old, new = (None if before is None else before.stream), after.stream
    if after.is_ready and new.is_over and new.end_time and not (old and old.is_over):
        is_owner = after.stopped_by == new.user_id
        yield StreamEnded(
            **_common(new, StreamEnded, to_rfc3339(new.end_time)),
            start_time=new.start_time,
            end_time=new.end_time,
            duration=new.duration_seconds(new.end_time),
            is_stopped_by_owner=is_owner,
            is_stopped_by_operator=after.stopped_by is not None and not is_owner,
        )
    recording = new.recording_state
    if old is not None and recording is not old.recording_state:
        if recording is RecordingState.READY:
            played = longest_recording(after.broadcast)
            length = 0 if played is None else played.duration_ms
            yield RecordingReady(**_common(new, RecordingReady, "1"), duration=length // 1000)
        elif recording is RecordingState.FAILED:
            yield RecordingFailed(**_common(new, RecordingFailed, "1"))
    if after.is_deleted and before is not None and not before.is_deleted:
        yield StreamDeleted(**_common(new, StreamDeleted, "1"))


def _words(stream: LiveStream) -> tuple[str, str, Visibility]:
    return stream.title, stream.description, stream.visibility


def _common(stream: LiveStream, kind: type[StreamEvent], occasion: str) -> dict[str, object]:
    return {
        "event_id": event_id(stream.stream_id, kind.detail_type, occasion),
        "stream_id": stream.stream_id,
        "user_id": stream.user_id,
        "at": stream.updated_at,
    }


def is_history_due(before: StreamRecord | None, after: StreamRecord) -> bool:
    """Whether history must be written (again): the stream ended, or its end is known better.

    Args:
        before: None where it was not there.
        after: The state now.
    """
    if not after.is_ready or after.stream.end_time is None or after.stream.start_time is None:
        return False
    if before is None or not before.stream.is_over:
        return after.stream.is_over
    times = (before.stream.start_time, before.stream.end_time)
    return times != (after.stream.start_time, after.stream.end_time)


def is_made_private(before: StreamRecord | None, after: StreamRecord | None) -> bool:
    """Whether a stream that opened by its id alone opens to the invited only from now on."""
    if before is None or after is None:
        return False
    was_private = before.stream.visibility is Visibility.PRIVATE
    return after.stream.visibility is Visibility.PRIVATE and not was_private
