"""The connection to PostgreSQL: Aurora DSQL with a token of IAM, or any PostgreSQL by its DSN.

DSQL checks for conflicts when a transaction commits and refuses the later one; PostgreSQL does the
same at this isolation level. So a transaction is a function that may be called again.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import psycopg
from psycopg import Connection, Cursor, IsolationLevel
from psycopg.abc import Params, Query

from ayinel_live.history.model import NoHistoryYetError
from ayinel_live.runtime.errors import UpstreamError

DatabaseKind = Literal["dsql", "postgres"]
T = TypeVar("T")

# Aurora DSQL developer guide, "Concurrency control": OC000 rows, OC001 schema; 40001 is the class
# that PostgreSQL and DSQL both report them under. Two makers of one table at once: 23505, 42P07.
_CONFLICTS = frozenset({"40001", "40P01", "OC000", "OC001", "23505", "42P07"})
_ATTEMPTS = 8
_CONNECT_SECONDS = 5


class Database:
    """One connection, made on first use, made anew when it broke.

    Args:
        endpoint: Host of a DSQL cluster, or a PostgreSQL's DSN.
        kind: Which of the two.
        pause: Waits between attempts, seconds.
    """

    def __init__(
        self, endpoint: str, kind: DatabaseKind, pause: Callable[[float], None] = time.sleep
    ) -> None:
        self.kind: DatabaseKind = kind
        self._endpoint = endpoint
        self._pause = pause
        self._connection: Connection | None = None

    def transact(self, work: Callable[[Connection], T]) -> T:
        """Run a function in a transaction, again where another one was in its way.

        Args:
            work: Gets the connection; called once for each attempt.

        Raises:
            NoHistoryYetError: There is no table yet.
            UpstreamError: The database cannot be reached, or others never gave way.
        """
        for attempt in range(_ATTEMPTS):
            try:
                connection = self._open()
                with connection.transaction():
                    return work(connection)
            except psycopg.OperationalError as error:
                if error.sqlstate not in _CONFLICTS:
                    self.close()
                    # A connection that broke while it was idle deserves one more try.
                    if attempt > 0 or error.sqlstate == "57P03":
                        raise UpstreamError("The history is not reachable just now.") from error
            except psycopg.errors.UndefinedTable as error:
                raise NoHistoryYetError from error
            except psycopg.Error as error:
                if error.sqlstate not in _CONFLICTS:
                    raise
            self._pause(random.uniform(0, 0.02 * 2**attempt))  # noqa: S311  jitter, no secret
        raise UpstreamError("The history is too busy just now.", retry_after_seconds=1)

    def run(self, statement: Query, values: Params | None = None) -> list[tuple[Any, ...]]:
        """Run one statement in a transaction of its own and return its rows, if it has any.

        Args:
            statement: The statement, with placeholders.
            values: What they stand for.

        Raises:
            UpstreamError: As `transact`.
        """
        return self.transact(lambda connection: rows_of(connection.execute(statement, values)))

    def close(self) -> None:
        """Close the connection; the next use opens a new one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._connection.isolation_level = IsolationLevel.REPEATABLE_READ
        return self._connection

    def _connect(self) -> Connection:
        if self.kind == "postgres":
            return psycopg.connect(
                self._endpoint, autocommit=True, connect_timeout=_CONNECT_SECONDS
            )
        import aurora_dsql_psycopg

        connection: Connection = aurora_dsql_psycopg.connect(
            self._endpoint,
            user="admin",
            dbname="postgres",
            autocommit=True,
            connect_timeout=_CONNECT_SECONDS,
        )
        return connection


def rows_of(cursor: Cursor[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return a statement's rows; none where it is of a kind that has none."""
    return [] if cursor.description is None else cursor.fetchall()
