"""History as CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from ayinel_live.audience.series import MinutePoint
from ayinel_live.history.report import PastStream
from ayinel_live.runtime.clock import from_milliseconds, to_rfc3339

CSV_CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
# A cell that begins so is a formula to a spreadsheet (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_STREAM_HEADER = (
    "streamId",
    "title",
    "startTime",
    "endTime",
    "peakViewers",
    "totalViews",
    "uniqueViewers",
    "newViewers",
    "watchSeconds",
    "averageWatchTime",
    "messages",
    "moderatedMessages",
    "chatters",
)
_MINUTE_HEADER = (
    "minute",
    "viewersMax",
    "viewersAverage",
    "joins",
    "leaves",
    "messages",
    "moderatedMessages",
    "health",
)


def streams_csv(streams: Iterable[PastStream]) -> str:
    """Render streams, one a line under a header."""
    rows = (
        (
            stream.stream_id,
            stream.title,
            to_rfc3339(stream.started_at),
            to_rfc3339(stream.ended_at),
            stream.peak_viewers,
            stream.views,
            stream.unique_viewers,
            stream.new_viewers,
            round(stream.watched_ms / 1000, 3),
            round(stream.average_watch_seconds, 3),
            stream.messages,
            stream.moderated_messages,
            stream.chatters,
        )
        for stream in streams
    )
    return _render(_STREAM_HEADER, rows)


def minutes_csv(minutes: Iterable[MinutePoint]) -> str:
    """Render a series, one minute a line under a header."""
    rows = (
        (
            to_rfc3339(from_milliseconds(point.minute * 60_000)),
            point.viewers_max,
            round(point.viewers_average, 3),
            point.joins,
            point.leaves,
            point.messages,
            point.moderated_messages,
            point.health or "",
        )
        for point in minutes
    )
    return _render(_MINUTE_HEADER, rows)


def _render(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return "'" + value
    return value
