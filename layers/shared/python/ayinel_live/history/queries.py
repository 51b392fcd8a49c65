"""What dashboards ask the history. Each query runs along a key or an index of its owner or stream.

Named, so that a test can have the planner explain every one of them.
"""

from __future__ import annotations

from typing import LiteralString

DAYS: LiteralString = """
    SELECT day, streams, views, unique_viewers, new_viewers, watched_ms, peak_viewers, messages,
        moderated_messages
    FROM owner_days
    WHERE owner_id = %(owner)s AND day BETWEEN %(first)s AND %(last)s
    ORDER BY day
"""
HOURS: LiteralString = """
    SELECT CAST(extract(hour FROM hour AT TIME ZONE 'UTC') AS integer) AS hour_of_day,
        CAST(sum(watched_ms) AS bigint), max(viewers_max)
    FROM owner_hours
    WHERE owner_id = %(owner)s AND hour >= %(from)s AND hour < %(until)s
    GROUP BY hour_of_day
    ORDER BY hour_of_day
"""
_PAST_STREAMS: LiteralString = """
    SELECT stream_id, title, started_at, ended_at, peak_viewers, peak_at, views, unique_viewers,
        new_viewers, watched_ms, messages, moderated_messages, chatters
    FROM streams
"""
_OF_PERIOD: LiteralString = """
    WHERE owner_id = %(owner)s AND started_at >= %(from)s AND started_at < %(until)s
"""
STREAMS: LiteralString = _PAST_STREAMS + _OF_PERIOD + "ORDER BY started_at DESC LIMIT %(limit)s"
BEST_STREAM: LiteralString = (
    _PAST_STREAMS + _OF_PERIOD + "ORDER BY views DESC, started_at DESC LIMIT 1"
)
STREAM: LiteralString = _PAST_STREAMS + "WHERE stream_id = %(stream)s AND owner_id = %(owner)s"
MINUTES: LiteralString = """
    SELECT minute, viewers_max, watched_ms, joins, leaves, messages, moderated_messages, health
    FROM stream_minutes
    WHERE stream_id = %(stream)s
    ORDER BY minute
"""
GROUPS: LiteralString = """
    SELECT dimension, name, views
    FROM stream_groups
    WHERE stream_id = %(stream)s
    ORDER BY dimension, views DESC, name
"""

ALL: dict[str, LiteralString] = {
    "days": DAYS,
    "hours": HOURS,
    "streams": STREAMS,
    "best_stream": BEST_STREAM,
    "stream": STREAM,
    "minutes": MINUTES,
    "groups": GROUPS,
}
