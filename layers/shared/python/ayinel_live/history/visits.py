"""People in history: who watched a stream, and since when they have watched its creator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import LiteralString
from uuid import UUID

from ayinel_live.history.database import Database
from ayinel_live.history.model import StreamHistory

# A person can have many views of one stream, and a transaction changes 3,000 rows at most.
_PEOPLE_AT_ONCE = 100

_WATCHED = "SELECT DISTINCT viewer_key FROM view_sessions WHERE stream_id = %s"
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
    ordered = sorted(gone, key=str)
    for start in range(0, len(ordered), _PEOPLE_AT_ONCE):
        some = ordered[start : start + _PEOPLE_AT_ONCE]
        values = {"owner": history.owner_id, "stream": history.stream_id, "people": some}
        for statement in _TAKE_BACK:
            database.run(statement, values)
    return len(gone)
