"""What a change in Streams, Audience or Invitations tells whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ayinel_live.audience.store import TOTALS, AudienceItem
from ayinel_live.connections.frames import StreamHealthFrame, StreamStatusFrame, ViewerCountFrame
from ayinel_live.fan_out.images import Image, flat_map, optional_text, text, whole
from ayinel_live.fan_out.news import (
    EveryoneOut,
    ForEveryone,
    ForPerson,
    InvitationLost,
    News,
    StrangersOut,
    event_of,
)
from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.streams.invitation_store import InvitationItem, is_count
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import PUBLIC_STATUS, RecordingState, StreamState, Visibility


def stream_news(old: Image | None, new: Image | None) -> Iterator[News]:
    """Yield what a changed stream tells whom; a new one has no viewers yet.

    Args:
        old: The image before, None where the stream is new.
        new: The image after, None where it was deleted.
    """
    if old is None:
        return
    stream_id = text(old, StreamItem.stream_id)
    if new is None or (_is_deleted(new) and not _is_deleted(old)):
        yield EveryoneOut(stream_id)
        return
    if _shown(old) != _shown(new):
        yield ForEveryone(stream_id, event_of(_status_frame(new)))
    health = flat_map(new, StreamItem.health)
    if health and health != flat_map(old, StreamItem.health):
        frame = StreamHealthFrame.model_validate(
            {"streamId": stream_id, "version": whole(new, StreamItem.version), **health}
        )
        yield ForPerson(stream_id, text(new, StreamItem.user_id), event_of(frame))
    if _is_private(new) and not _is_private(old):
        yield StrangersOut(stream_id, text(new, StreamItem.user_id))


def audience_news(old: Image | None, new: Image | None) -> Iterator[News]:
    """Yield the viewer count where it is another one.

    Args:
        old: The image before, None where the item is new.
        new: The image after, None where it was deleted.
    """
    if new is None or text(new, AudienceItem.kind) != TOTALS:
        return
    count = whole(new, AudienceItem.viewer_count)
    if count == (whole(old, AudienceItem.viewer_count) if old is not None else 0):
        return
    stream_id = text(new, AudienceItem.stream_id)
    frame = ViewerCountFrame(
        stream_id=stream_id, viewer_count=count, version=whole(new, AudienceItem.version)
    )
    yield ForEveryone(stream_id, event_of(frame))


def invitation_news(old: Image | None, new: Image | None) -> Iterator[News]:
    """Yield that a person lost an invitation.

    Args:
        old: The image before, None where the invitation is new.
        new: The image after, None where it was withdrawn.
    """
    if old is None or new is not None:
        return
    stream_id = text(old, InvitationItem.stream_id)
    if not is_count(stream_id):
        yield InvitationLost(stream_id, text(old, InvitationItem.user_id))


def _status_frame(image: Image) -> StreamStatusFrame:
    start = _time(optional_text(image, StreamItem.start_time))
    end = _time(optional_text(image, StreamItem.end_time))
    until = end or _time(text(image, StreamItem.updated_at))
    duration = (until - start).total_seconds() if start is not None and until is not None else 0
    return StreamStatusFrame(
        stream_id=text(image, StreamItem.stream_id),
        status=PUBLIC_STATUS[StreamState(text(image, StreamItem.status))],
        title=text(image, StreamItem.title),
        start_time=start,
        duration=max(0, int(duration)),
        recording_available=_is_recorded(image),
        version=whole(image, StreamItem.version),
    )


def _shown(image: Image) -> tuple[object, ...]:
    """Return what viewers see of a stream."""
    return (
        PUBLIC_STATUS[StreamState(text(image, StreamItem.status))],
        text(image, StreamItem.title),
        optional_text(image, StreamItem.start_time),
        _is_recorded(image),
    )


def _is_recorded(image: Image) -> bool:
    return optional_text(image, StreamItem.recording_state) == RecordingState.READY


def _is_deleted(image: Image) -> bool:
    return optional_text(image, StreamItem.deleted_at) is not None


def _is_private(image: Image) -> bool:
    return text(image, StreamItem.visibility) == Visibility.PRIVATE


def _time(value: str | None) -> datetime | None:
    return from_rfc3339(value) if value else None
