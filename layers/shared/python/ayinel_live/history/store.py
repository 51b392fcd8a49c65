"""Writing history: idempotent by stream, in transactions small enough for Aurora DSQL.

Rows of a stream have keys of their own, so writing them twice changes nothing, and what an earlier
writing had beyond them goes. The stream's own row and its creator's rollups, by day and by hour,
come last and together: before that nobody sees the stream, after it nothing of it is missing, and
an erasure that finds no such row has no rollup to take the stream out of.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import LiteralString
from uuid import UUID

from psycopg import Connection

from ayinel_live.history.database import Database
from ayinel_live.history.model import StreamHistory
from ayinel_live.history.pruning import deletions
from ayinel_live.history.rows import group_rows, hour_rows, minute_rows, session_rows
from ayinel_live.history.upserts import upsert_statement
from ayinel_live.history.visits import (
    former_start,
    move_first_visits,
    take_back_erased,
    visit_rows,
)
from ayinel_live.runtime.clock import Clock, utc_now

# DSQL changes 3,000 rows a transaction at most (user guide, "Quotas"); a third of it leaves room
# for the entries of indexes.
BATCH_ROWS = 1_000

_NEW_VIEWERS = """
    SELECT count(*) FROM view_sessions AS session
    JOIN owner_viewers AS viewer
      ON viewer.owner_id = %(owner)s AND viewer.viewer_key = session.viewer_key
    WHERE session.stream_id = %(stream)s AND session.number = 0
      AND viewer.first_stream_at >= %(started)s
"""
_STREAM = """
    INSERT INTO streams (
        stream_id, owner_id, title, started_at, ended_at, peak_viewers, peak_at, views,
        unique_viewers, new_viewers, watched_ms, messages, moderated_messages, chatters, written_at
    ) VALUES (
        %(stream)s, %(owner)s, %(title)s, %(started)s, %(ended)s, %(peak)s, %(peak_at)s, %(views)s,
        %(unique)s, %(new)s, %(watched)s, %(messages)s, %(moderated)s, %(chatters)s, %(written)s
    )
    ON CONFLICT (stream_id) DO UPDATE SET
        title = EXCLUDED.title, started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at,
        peak_viewers = EXCLUDED.peak_viewers, peak_at = EXCLUDED.peak_at, views = EXCLUDED.views,
        unique_viewers = EXCLUDED.unique_viewers, new_viewers = EXCLUDED.new_viewers,
        watched_ms = EXCLUDED.watched_ms, messages = EXCLUDED.messages,
        moderated_messages = EXCLUDED.moderated_messages, chatters = EXCLUDED.chatters,
        written_at = EXCLUDED.written_at
"""
_DAY = """
    INSERT INTO owner_days (
        owner_id, day, streams, views, unique_viewers, new_viewers, watched_ms, peak_viewers,
        messages, moderated_messages
    )
    SELECT CAST(%(owner)s AS varchar), CAST(%(day)s AS date), count(*), coalesce(sum(views), 0),
        coalesce(sum(unique_viewers), 0),
        coalesce(sum(new_viewers), 0), coalesce(sum(watched_ms), 0), coalesce(max(peak_viewers), 0),
        coalesce(sum(messages), 0), coalesce(sum(moderated_messages), 0)
    FROM streams
    WHERE owner_id = CAST(%(owner)s AS varchar)
        AND started_at >= %(from)s AND started_at < %(until)s
    ON CONFLICT (owner_id, day) DO UPDATE SET
        streams = EXCLUDED.streams, views = EXCLUDED.views,
        unique_viewers = EXCLUDED.unique_viewers, new_viewers = EXCLUDED.new_viewers,
        watched_ms = EXCLUDED.watched_ms, peak_viewers = EXCLUDED.peak_viewers,
        messages = EXCLUDED.messages, moderated_messages = EXCLUDED.moderated_messages
"""


class HistoryStore:
    """Writes ended streams.

    Args:
        database: Where to.
        clock: Tells the current time.
    """

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._database = database
        self._clock = clock

    def has(self, stream_id: str, ended_at: datetime) -> bool:
        """Whether a stream with this end is written, all of it.

        Args:
            stream_id: The stream.
            ended_at: Its end.
        """
        return bool(
            self._database.run(
                "SELECT 1 FROM streams WHERE stream_id = %s AND ended_at = %s",
                (stream_id, ended_at),
            )
        )

    def write(
        self, history: StreamHistory, present: Callable[[], Collection[UUID]] | None = None
    ) -> None:
        """Write a stream; once more changes nothing.

        Args:
            history: The stream.
            present: Tells whose views are there still, by pseudonym; who was erased since the
                history was gathered is not written back.

        Raises:
            UpstreamError: The database cannot be reached; what was written so far is no harm.
        """
        former = former_start(self._database, history)
        self._upsert("view_sessions", session_rows(history))
        self._upsert("owner_viewers", visit_rows(history))
        move_first_visits(self._database, history, former)
        self._upsert("stream_minutes", minute_rows(history))
        self._upsert("stream_groups", group_rows(history))
        self._prune(history)
        if present is not None:
            take_back_erased(self._database, history, present)
        self._database.transact(lambda connection: self._finish(connection, history))
        self._recount_later_streams(history, min(former, history.started_at))

    def _upsert(self, table: str, rows: Iterable[tuple[object, ...]]) -> None:
        pending = list(rows)
        for start in range(0, len(pending), BATCH_ROWS):
            batch = pending[start : start + BATCH_ROWS]
            self._database.run(
                upsert_statement(table, len(batch)), [value for row in batch for value in row]
            )

    def _prune(self, history: StreamHistory) -> None:
        for statement, values in deletions(history, BATCH_ROWS):
            run = partial(_row_count, statement, values)
            while self._database.transact(run) >= BATCH_ROWS:
                pass

    def _finish(self, connection: Connection, history: StreamHistory) -> None:
        former = connection.execute(
            "SELECT started_at FROM streams WHERE stream_id = %s", (history.stream_id,)
        ).fetchone()
        new_viewers = _count_new(
            connection, history.owner_id, history.stream_id, history.started_at
        )
        connection.execute(
            _STREAM,
            {
                "stream": history.stream_id,
                "owner": history.owner_id,
                "title": history.title,
                "started": history.started_at,
                "ended": history.ended_at,
                "peak": history.peak_viewers,
                "peak_at": history.peak_at,
                "views": history.views,
                "unique": history.unique_viewers,
                "new": new_viewers,
                "watched": history.watched_ms,
                "messages": history.messages,
                "moderated": history.moderated_messages,
                "chatters": history.chatters,
                "written": self._clock(),
            },
        )
        hours = list(hour_rows(history))
        if hours:
            values = [value for row in hours for value in row]
            connection.execute(upsert_statement("owner_hours", len(hours)), values)
        roll_up_day(connection, history.owner_id, history.started_at)
        if former is not None and former[0] != history.started_at:
            roll_up_day(connection, history.owner_id, former[0])

    def _recount_later_streams(self, history: StreamHistory, since: datetime) -> None:
        """Put new viewers right of streams that were written before this earlier one."""
        later = self._database.run(
            "SELECT stream_id, started_at FROM streams "
            "WHERE owner_id = %s AND started_at > %s ORDER BY started_at",
            (history.owner_id, since),
        )
        for stream_id, started_at in later:
            self._database.transact(partial(_recount, history.owner_id, stream_id, started_at))


def roll_up_day(connection: Connection, owner_id: str, moment: datetime) -> None:
    """Make a day's rollup anew from its streams.

    Args:
        connection: In a transaction.
        owner_id: The creator.
        moment: Any time of the day (UTC).
    """
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    connection.execute(
        _DAY,
        {
            "owner": owner_id,
            "day": midnight.date(),
            "from": midnight,
            "until": midnight + timedelta(days=1),
        },
    )


def _row_count(
    statement: LiteralString, values: Mapping[str, object], connection: Connection
) -> int:
    return connection.execute(statement, values).rowcount


def _recount(owner_id: str, stream_id: str, started_at: datetime, connection: Connection) -> None:
    new_viewers = _count_new(connection, owner_id, stream_id, started_at)
    connection.execute(
        "UPDATE streams SET new_viewers = %s WHERE stream_id = %s AND new_viewers <> %s",
        (new_viewers, stream_id, new_viewers),
    )
    roll_up_day(connection, owner_id, started_at)


def _count_new(connection: Connection, owner_id: str, stream_id: str, started_at: datetime) -> int:
    row = connection.execute(
        _NEW_VIEWERS, {"owner": owner_id, "stream": stream_id, "started": started_at}
    ).fetchone()
    return 0 if row is None else int(row[0])
