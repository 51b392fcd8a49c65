"""The examples of the bus's event schemas: one of each, as it is sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ayinel_live.streams.domain_events import (
    RecordingFailed,
    RecordingReady,
    StreamCreated,
    StreamDeleted,
    StreamEnded,
    StreamEvent,
    StreamStarted,
    StreamUpdated,
    UserErased,
    event_id,
)
from ayinel_live.streams.model import Visibility
from ayinel_live.video.model import Quality

_CREATED = datetime(2026, 1, 31, 20, 0, 12, tzinfo=UTC)
_STARTED = _CREATED + timedelta(minutes=3)
_ENDED = _STARTED + timedelta(seconds=5_421)
_READY = _ENDED + timedelta(seconds=95)
_ERASED = _READY + timedelta(days=20)
_STREAM = "01JZ7Q4M8XV0T3K5N9R2C6B1DA"
_USER = "2f9c1c4e-70b1-4c5e-9a55-0c1b7f1f2a10"
_RECEIPT = "01K0TQ4M8XV0T3K5N9R2C6B1DA"


def _told(kind: type[StreamEvent], at: datetime, occasion: str = "1") -> dict[str, object]:
    named = event_id(_STREAM, kind.detail_type, occasion)
    return {"event_id": named, "stream_id": _STREAM, "user_id": _USER, "at": at}


EXAMPLES: tuple[StreamEvent | UserErased, ...] = (
    StreamCreated(
        **_told(StreamCreated, _CREATED),
        title="Evening walk through Alfama",
        visibility=Visibility.PUBLIC,
        quality=Quality.FULL_HD,
    ),
    StreamStarted(
        **_told(StreamStarted, _STARTED),
        title="Evening walk through Alfama",
        visibility=Visibility.PUBLIC,
        quality=Quality.FULL_HD,
        start_time=_STARTED,
    ),
    StreamUpdated(
        **_told(StreamUpdated, _STARTED + timedelta(minutes=10), "7"),
        title="Evening walk through Alfama, with music",
        description="Fado at the Miradouro around nine.",
        visibility=Visibility.PUBLIC,
    ),
    StreamEnded(
        **_told(StreamEnded, _ENDED),
        start_time=_STARTED,
        end_time=_ENDED,
        duration=5_421,
        is_stopped_by_owner=True,
        is_stopped_by_operator=False,
    ),
    RecordingReady(**_told(RecordingReady, _READY), duration=5_420),
    RecordingFailed(**_told(RecordingFailed, _READY)),
    StreamDeleted(**_told(StreamDeleted, _READY + timedelta(days=2))),
    UserErased(
        event_id=event_id(_USER, UserErased.detail_type, _RECEIPT),
        user_id=_USER,
        receipt_id=_RECEIPT,
        at=_ERASED,
        backups_expire_at=_ERASED + timedelta(days=35),
    ),
)
