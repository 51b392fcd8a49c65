"""From a stream's history to rows of its tables: pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from ayinel_live.audience.keys import MINUTE_MILLISECONDS
from ayinel_live.history.model import StreamHistory

Row = tuple[object, ...]
_HOUR_SECONDS = 3600


def session_rows(history: StreamHistory) -> Iterator[Row]:
    """Yield rows of `view_sessions`."""
    for session in history.sessions:
        yield (
            history.stream_id,
            session.viewer_key,
            session.number,
            session.started_at,
            session.ended_at,
            session.country,
            session.device_class,
            session.referrer_host,
        )


def minute_rows(history: StreamHistory) -> Iterator[Row]:
    """Yield rows of `stream_minutes`."""
    for point in history.minutes:
        yield (
            history.stream_id,
            _time(point.minute * MINUTE_MILLISECONDS // 1000),
            point.viewers_max,
            point.watched_milliseconds,
            point.joins,
            point.leaves,
            point.messages,
            point.moderated_messages,
            point.health,
        )


def group_rows(history: StreamHistory) -> Iterator[Row]:
    """Yield rows of `stream_groups`."""
    for dimension, groups in history.groups.items():
        for name, views in groups.items():
            if views:
                yield (history.stream_id, dimension, name, views)


def hour_rows(history: StreamHistory) -> Iterator[Row]:
    """Yield rows of `owner_hours`."""
    hours: dict[int, tuple[int, int]] = {}
    for point in history.minutes:
        seconds = point.minute * 60
        hour = seconds - seconds % _HOUR_SECONDS
        watched, highest = hours.get(hour, (0, 0))
        hours[hour] = (watched + point.watched_milliseconds, max(highest, point.viewers_max))
    for hour, (watched, highest) in hours.items():
        yield (history.owner_id, _time(hour), history.stream_id, watched, highest)


def _time(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
