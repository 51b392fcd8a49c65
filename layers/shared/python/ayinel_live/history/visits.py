"""People in history: who watched a stream, and since when they have watched its creator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from ayinel_live.history.database import Database
from ayinel_live.history.model import StreamHistory

# A person can have many views of one stream, and a transaction changes 3,000 rows at most.
_PEOPLE_AT_ONCE = 100

_WATCHED = "SELECT DISTINCT viewer_key FROM view_sessions WHERE stream_id = %s"
_FORMER = "SELECT started_at FROM streams WHERE stream_id = %s"
# Of somebody who came first to this stream, whose start is known to be later now: the first of the
# creator's streams that the person watched.
_MOVE_LATER: LiteralString = """
    UPDATE owner_viewers AS viewer SET first_stream_at = LEAST(%(started)s, (
        SELECT min(stream.started_at) FROM view_sessions AS session
        JOIN streams AS stream ON stream.stream_id = session.stream_id
        WHERE session.viewer_key = viewer.viewer_key AND stream.owner_id = viewer.owner_id
            AND stream.stream_id <> %(stream)s
    ))
    WHERE viewer.owner_id = %(owner)s AND viewer.viewer_key = ANY(%(people)s)
        AND viewer.first_stream_at = %(former)s
"""
# What another creator's stream tells of a person is deleted by the erasure itself. The views go
# last: they are what a run that died finds the person by.
_TAKE_BACK: tuple[LiteralString, ...] = (
    "DELETE FROM owner_viewers WHERE owner_id = %(owner)s AND viewer_key = ANY(%(people)s)",
    "DELETE FROM view_sessions WHERE stream_id = %(stream)s AND viewer_key = ANY(%(people)s)",
)


def visit_rows(history: StreamHistory) -> Iterable[tuple[object, ...]]:
    """Return the rows of `owner_viewers` that a stream makes.

    Args:
        history: The stream.
    """
    return [
        (history.owner_id, key, history.started_at, history.started_at) for key in people(history)
    ]


def people(history: StreamHistory) -> Sequence[UUID]:
    """Return who watched a stream, in an order that is always the same."""
    return sorted({session.viewer_key for session in history.sessions}, key=str)


def former_start(database: Database, history: StreamHistory) -> datetime:
    """Return the start under which a stream was written before; its present one where it was not.

    Args:
        database: Where history lies.
        history: The stream.
    """
    found = database.run(_FORMER, (history.stream_id,))
    return found[0][0] if found else history.started_at


def move_first_visits(database: Database, history: StreamHistory, former: datetime) -> None:
    """Put right since when people have watched a creator, where a start moved later.

    Merging keeps the earliest time ever told, which a start that was told too early would hold for
    good. Runs before the stream's row takes the new start, so that one that died is done again.

    Args:
        database: Where history lies.
        history: The stream, whose visits are written.
        former: From `former_start`.
    """
    if former >= history.started_at:
        return
    values = {
        "owner": history.owner_id,
        "stream": history.stream_id,
        "started": history.started_at,
        "former": former,
    }
    for some in _parts(people(history)):
        database.run(_MOVE_LATER, {**values, "people": some})


def take_back_erased(
    database: Database, history: StreamHistory, present: Callable[[], Collection[UUID]]
) -> int:
    """Delete the rows of people who were erased while their views were being written.

    An erasure deletes a person's views where they were counted before it deletes the history. So
    whoever is still there once all rows are written is erased after them, and whoever is not may
    have been erased before them.

    Args:
        database: Where history lies.
        history: The stream, whose rows are written.
        present: Tells who is there still, asked now.

    Returns:
        How many people there were.
    """
    written = {key for (key,) in database.run(_WATCHED, (history.stream_id,))}
    gone = written - set(present())
    for some in _parts(sorted(gone, key=str)):
        values = {"owner": history.owner_id, "stream": history.stream_id, "people": some}
        for statement in _TAKE_BACK:
            database.run(statement, values)
    return len(gone)


def _parts(keys: Sequence[UUID]) -> Iterator[list[UUID]]:
    for start in range(0, len(keys), _PEOPLE_AT_ONCE):
        yield list(keys[start : start + _PEOPLE_AT_ONCE])
