"""Rows of a stream that its history no longer has.

An end that comes to be known better can lie before the one that was written: views that began after
it are none, and neither are the minutes, hours and groups that they alone made. What is deleted
follows from the new history alone, so that two who write the same stream do each other no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import LiteralString

from ayinel_live.history.model import StreamHistory
from ayinel_live.history.rows import group_rows, hour_rows, minute_rows

_DAY = timedelta(days=1)
_SESSIONS: LiteralString = """
    DELETE FROM view_sessions WHERE (stream_id, viewer_key, number) IN (
        SELECT stream_id, viewer_key, number FROM view_sessions
        WHERE stream_id = %(stream)s AND started_at >= %(ended)s LIMIT %(limit)s
    )
"""
_MINUTES: LiteralString = """
    DELETE FROM stream_minutes WHERE stream_id = %(stream)s AND minute <> ALL(%(minutes)s)
"""
_GROUPS: LiteralString = """
    DELETE FROM stream_groups
    WHERE stream_id = %(stream)s AND dimension || '/' || name <> ALL(%(groups)s)
"""
_HOURS: LiteralString = """
    DELETE FROM owner_hours
    WHERE owner_id = %(owner)s AND stream_id = %(stream)s
        AND hour BETWEEN %(from)s AND %(until)s AND hour <> ALL(%(hours)s)
"""

Deletion = tuple[LiteralString, Mapping[str, object]]


def deletions(history: StreamHistory, limit: int) -> Iterator[Deletion]:
    """Yield statements with their values; each is to be run until it deletes less than the limit.

    Args:
        history: The stream as it is known now.
        limit: How many rows of views one statement deletes at most.
    """
    stream = {"stream": history.stream_id}
    yield _SESSIONS, {**stream, "ended": history.ended_at, "limit": limit}
    yield _MINUTES, {**stream, "minutes": [row[1] for row in minute_rows(history)]}
    yield _GROUPS, {**stream, "groups": [f"{row[1]}/{row[2]}" for row in group_rows(history)]}
    yield (
        _HOURS,
        {
            **stream,
            "owner": history.owner_id,
            "hours": [row[1] for row in hour_rows(history)],
            "from": history.started_at - _DAY,
            "until": history.ended_at + _DAY,
        },
    )
