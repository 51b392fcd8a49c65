"""Builders of history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ayinel_live.audience.series import MinutePoint
from ayinel_live.history.model import StreamHistory, ViewSession, viewer_key

START = datetime(2026, 1, 2, 20, 0, tzinfo=UTC)


def past_stream(
    stream_id: str,
    owner_id: str = "ada",
    *,
    started_at: datetime = START,
    viewers: tuple[str, ...] = ("v1", "v2"),
    minutes: int = 90,
    title: str = "A stream",
) -> StreamHistory:
    """A stream whose viewers all watched from its start to its end."""
    ended_at = started_at + timedelta(minutes=minutes)
    first = int(started_at.timestamp()) // 60
    count = len(viewers)
    return StreamHistory(
        stream_id=stream_id,
        owner_id=owner_id,
        title=title,
        started_at=started_at,
        ended_at=ended_at,
        peak_viewers=count,
        peak_at=started_at if viewers else None,
        views=count,
        unique_viewers=count,
        watched_ms=count * minutes * 60_000,
        messages=3,
        moderated_messages=1,
        chatters=2,
        minutes=tuple(
            MinutePoint(
                minute=first + number,
                milliseconds=60_000,
                viewers_max=count,
                watched_milliseconds=count * 60_000,
                joins=count if number == 0 else 0,
                leaves=0,
                messages=0,
                moderated_messages=0,
                health="healthy",
            )
            for number in range(minutes)
        ),
        groups={"country": {"DE": count}, "device": {"mobile": count}},
        sessions=tuple(
            ViewSession(viewer_key(viewer), 0, started_at, ended_at, "DE", "mobile", "")
            for viewer in viewers
        ),
    )
