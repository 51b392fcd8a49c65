"""Streams, also put straight into their table, for tests of what stands on streams."""

from __future__ import annotations

from datetime import datetime

from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.health import StreamHealth
from ayinel_live.streams.model import LiveStream, StreamState, Visibility
from ayinel_live.streams.records import StreamRecord, item_from
from ayinel_live.video.model import Quality


def live_stream(
    stream_id: str,
    owner_id: str,
    *,
    started_at: datetime,
    ended_at: datetime | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    title: str = "A stream",
) -> LiveStream:
    """Make a stream that is live, or ended."""
    return LiveStream(
        stream_id=stream_id,
        user_id=owner_id,
        title=title,
        status=StreamState.LIVE if ended_at is None else StreamState.ENDED,
        visibility=visibility,
        quality=Quality.HD,
        rtmp_url="rtmp://127.0.0.1/live",
        playback_url="http://127.0.0.1/live.m3u8",
        start_time=started_at,
        end_time=ended_at,
        created_at=started_at,
        updated_at=ended_at or started_at,
    )


def put_stream(
    stream_id: str,
    owner_id: str,
    *,
    started_at: datetime,
    ended_at: datetime | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    title: str = "A stream",
    health: StreamHealth | None = None,
) -> LiveStream:
    """Store a stream that is live, or ended."""
    stream = live_stream(
        stream_id,
        owner_id,
        started_at=started_at,
        ended_at=ended_at,
        visibility=visibility,
        title=title,
    )
    broadcast = Broadcast(created_at=to_milliseconds(started_at))
    record = StreamRecord(stream, "channel", broadcast, health or StreamHealth())
    item_from(record).save()
    return stream
