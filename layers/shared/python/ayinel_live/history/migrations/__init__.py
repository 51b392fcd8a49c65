"""Migrations of the history: one source for Aurora DSQL and PostgreSQL, and what runs it.

DSQL takes one DDL statement a transaction and builds indexes in the background; so each statement
is a step of its own, remembered by its place, and an index is waited for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files

from ayinel_live.history.database import Database, DatabaseKind

_INDEX = re.compile(r"^CREATE (UNIQUE )?INDEX ", re.IGNORECASE)
_COMMENT = re.compile(r"--[^\n]*")
_JOURNAL = (
    "CREATE TABLE IF NOT EXISTS migrations "
    "(step varchar(64) PRIMARY KEY, applied_at timestamptz NOT NULL)"
)
_JOB_SECONDS = 300.0


class MigrationError(Exception):
    """A step failed for good, such as an index whose job failed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement; `name` is its file and place."""

    name: str
    statement: str


def steps(kind: DatabaseKind) -> Iterator[Step]:
    """Yield all statements in order.

    Args:
        kind: What they are rendered for.
    """
    folder = files(__package__)
    for entry in sorted(folder.iterdir(), key=lambda file: file.name):
        if not entry.name.endswith(".sql"):
            continue
        text = _COMMENT.sub("", entry.read_text(encoding="utf-8"))
        statements = [part.strip() for part in text.split(";") if part.strip()]
        for place, statement in enumerate(statements):
            yield Step(f"{entry.name.removesuffix('.sql')}#{place}", render(statement, kind))


def render(statement: str, kind: DatabaseKind) -> str:
    """Return a statement as a database takes it.

    Args:
        statement: One statement of the source.
        kind: The database.
    """
    if kind == "dsql":
        return _INDEX.sub(lambda found: f"CREATE {found[1] or ''}INDEX ASYNC ", statement)
    return statement


def migrate(database: Database, pause: Callable[[float], None] = time.sleep) -> int:
    """Bring a database up to date; one that is stays as it is, and two at once do no harm.

    Args:
        database: The database.
        pause: Waits between looks at a job, seconds.

    Returns:
        How many steps were taken.

    Raises:
        MigrationError: An index could not be built.
        UpstreamError: The database cannot be reached.
    """
    database.run(_JOURNAL)
    applied = {row[0] for row in database.run("SELECT step FROM migrations")}
    pending = [step for step in steps(database.kind) if step.name not in applied]
    for step in pending:
        # The text comes from files of ours, never from a caller.
        for (job,) in database.run(step.statement.encode()):
            _wait_for(database, str(job), pause)
        database.run(
            "INSERT INTO migrations (step, applied_at) VALUES (%s, now()) "
            "ON CONFLICT (step) DO NOTHING",
            (step.name,),
        )
    return len(pending)


def _wait_for(database: Database, job: str, pause: Callable[[float], None]) -> None:
    """Wait for an index's job (`sys.jobs`, Aurora DSQL user guide, "Asynchronous indexes")."""
    waited = 0.0
    while waited < _JOB_SECONDS:
        rows = database.run("SELECT status, details FROM sys.jobs WHERE job_id = %s", (job,))
        if not rows or rows[0][0] == "completed":
            return
        if rows[0][0] == "failed":
            raise MigrationError(f"the index job {job} failed: {rows[0][1]}")
        pause(1.0)
        waited += 1.0
    raise MigrationError(f"the index job {job} did not end in {_JOB_SECONDS:.0f} s")
