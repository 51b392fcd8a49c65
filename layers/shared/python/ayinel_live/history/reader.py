"""Reading history for its owner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ayinel_live.audience.keys import MINUTE_MILLISECONDS
from ayinel_live.audience.series import MinutePoint
from ayinel_live.history import queries
from ayinel_live.history.model import NoHistoryYetError
from ayinel_live.history.period import Period
from ayinel_live.history.report import (
    HourOfDay,
    Overview,
    PastDay,
    PastStream,
    by_watch_time,
    growth_of,
    sums_of,
)
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import NotFoundError

if TYPE_CHECKING:
    # Whoever only names what is read pays for no driver.
    from psycopg import Connection

    from ayinel_live.history.database import Database

MAX_STREAMS = 1_000


@dataclass(frozen=True, slots=True)
class PastStreamDetails:
    """One ended stream with its series and groups (dimension -> (name, views), most first)."""

    stream: PastStream
    minutes: tuple[MinutePoint, ...]
    groups: dict[str, tuple[tuple[str, int], ...]]


class HistoryReader:
    """What is kept of a creator's streams; nobody sees another's.

    Args:
        database: Where it lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def overview(self, owner_id: str, period: Period, *, limit: int = 100) -> Overview:
        """Return a creator's history over a period.

        Args:
            owner_id: The creator.
            period: The days.
            limit: How many streams to list, the latest first.

        Raises:
            UpstreamError: The database cannot be reached.
        """
        try:
            return self._database.transact(
                lambda connection: _overview(connection, owner_id, period, limit)
            )
        except NoHistoryYetError:
            return _overview_of(period, (), (), (), None)

    def stream(self, owner_id: str, stream_id: str) -> PastStreamDetails:
        """Return one ended stream of a creator.

        Args:
            owner_id: The creator.
            stream_id: The stream.

        Raises:
            NotFoundError: There is no such stream of the creator, or it is not written yet.
            UpstreamError: The database cannot be reached.
        """
        try:
            return self._database.transact(
                lambda connection: _stream(connection, owner_id, stream_id)
            )
        except NoHistoryYetError:
            raise _unknown() from None


def _overview(connection: Connection, owner_id: str, period: Period, limit: int) -> Overview:
    begin, until = period.bounds
    before = Period(period.first - period.length, period.first - timedelta(days=1))
    ask: dict[str, object] = {
        "owner": owner_id,
        "first": before.first,
        "last": period.last,
        "from": begin,
        "until": until,
        "limit": min(limit, MAX_STREAMS),
    }
    days = [PastDay(*row) for row in connection.execute(queries.DAYS, ask)]
    hours = [HourOfDay(*row) for row in connection.execute(queries.HOURS, ask)]
    streams = [PastStream(*row) for row in connection.execute(queries.STREAMS, ask)]
    best = connection.execute(queries.BEST_STREAM, ask).fetchone()
    return _overview_of(period, days, hours, streams, None if best is None else PastStream(*best))


def _overview_of(
    period: Period,
    days: Sequence[PastDay],
    hours: Sequence[HourOfDay],
    streams: Sequence[PastStream],
    best: PastStream | None,
) -> Overview:
    now = [day for day in days if day.day >= period.first]
    sums = sums_of(now)
    return Overview(
        first=period.first,
        last=period.last,
        sums=sums,
        growth=growth_of(sums, sums_of(day for day in days if day.day < period.first)),
        best=best,
        days=tuple(now),
        peak_hours=by_watch_time(hours),
        streams=tuple(streams),
    )


def _unknown() -> NotFoundError:
    return NotFoundError("There is no history of such a stream.")


def _stream(connection: Connection, owner_id: str, stream_id: str) -> PastStreamDetails:
    ask = {"owner": owner_id, "stream": stream_id}
    row = connection.execute(queries.STREAM, ask).fetchone()
    if row is None:
        raise _unknown()
    stream = PastStream(*row)
    minutes = [_point(line, stream) for line in connection.execute(queries.MINUTES, ask)]
    groups: dict[str, list[tuple[str, int]]] = {}
    for dimension, name, views in connection.execute(queries.GROUPS, ask):
        groups.setdefault(dimension, []).append((name, views))
    return PastStreamDetails(
        stream, tuple(minutes), {name: tuple(group) for name, group in groups.items()}
    )


def _point(row: tuple[Any, ...], stream: PastStream) -> MinutePoint:
    minute, viewers_max, watched_ms, joins, leaves, messages, moderated, health = row
    begin = to_milliseconds(minute)
    passed = to_milliseconds(stream.ended_at) - begin
    return MinutePoint(
        minute=begin // MINUTE_MILLISECONDS,
        milliseconds=max(0, min(MINUTE_MILLISECONDS, passed)),
        viewers_max=viewers_max,
        watched_milliseconds=watched_ms,
        joins=joins,
        leaves=leaves,
        messages=messages,
        moderated_messages=moderated,
        health=health,
    )
