"""Erasing history: of a stream, of a creator, of one person as a viewer.

Rows go in transactions small enough for Aurora DSQL, and what died half way may be run again.
"""

from __future__ import annotations

from psycopg import Connection, sql

from ayinel_live.history.database import Database
from ayinel_live.history.model import viewer_key
from ayinel_live.history.store import BATCH_ROWS, roll_up_day
from ayinel_live.history.upserts import KEYS

_OF_STREAM = ("view_sessions", "stream_minutes", "stream_groups")
_OF_VIEWER = ("view_sessions", "owner_viewers")
_OF_OWNER = ("owner_viewers", "owner_hours", "owner_days")


class HistoryErasure:
    """Deletes.

    Args:
        database: Where history lies.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def erase_stream(self, stream_id: str) -> int:
        """Delete all rows of a stream and take it out of its creator's rollups.

        Args:
            stream_id: The stream.

        Returns:
            How many rows were deleted.

        Raises:
            UpstreamError: The database cannot be reached.
        """
        deleted = sum(self._in_parts(table, "stream_id", stream_id) for table in _OF_STREAM)
        return deleted + self._database.transact(
            lambda connection: _delete_stream(connection, stream_id)
        )

    def erase_user(self, user_id: str) -> int:
        """Delete what is kept of a person, as a creator and as a viewer.

        Sums of other creators' streams keep the person's views as numbers without a name.

        Args:
            user_id: The person, or the id of an anonymous viewer.

        Returns:
            How many rows were deleted.

        Raises:
            UpstreamError: The database cannot be reached.
        """
        own = self._database.run("SELECT stream_id FROM streams WHERE owner_id = %s", (user_id,))
        deleted = sum(self.erase_stream(stream_id) for (stream_id,) in own)
        deleted += sum(self._in_parts(table, "owner_id", user_id) for table in _OF_OWNER)
        key = viewer_key(user_id)
        return deleted + sum(self._in_parts(table, "viewer_key", key) for table in _OF_VIEWER)

    def _in_parts(self, table: str, column: str, value: object) -> int:
        """Delete the rows of a table with a value in a column, so many a transaction."""
        query = sql.SQL(
            "DELETE FROM {table} WHERE ({keys}) IN "
            "(SELECT {keys} FROM {table} WHERE {column} = %s LIMIT %s)"
        ).format(
            table=sql.Identifier(table),
            keys=sql.SQL(", ").join(map(sql.Identifier, KEYS[table])),
            column=sql.Identifier(column),
        )
        deleted = 0
        while True:
            part = self._database.transact(
                lambda connection: connection.execute(query, (value, BATCH_ROWS)).rowcount
            )
            deleted += part
            if part < BATCH_ROWS:
                return deleted


def _delete_stream(connection: Connection, stream_id: str) -> int:
    found = connection.execute(
        "SELECT owner_id, started_at, ended_at FROM streams WHERE stream_id = %s", (stream_id,)
    ).fetchone()
    if found is None:
        return 0
    owner_id, started_at, ended_at = found
    hours = connection.execute(
        "DELETE FROM owner_hours WHERE owner_id = %s AND stream_id = %s "
        "AND hour BETWEEN %s - interval '1 day' AND %s + interval '1 day'",
        (owner_id, stream_id, started_at, ended_at),
    ).rowcount
    streams = connection.execute("DELETE FROM streams WHERE stream_id = %s", (stream_id,)).rowcount
    roll_up_day(connection, owner_id, started_at)
    return hours + streams
