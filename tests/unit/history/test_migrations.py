"""One source of migrations: what Aurora DSQL is sent, and how its index jobs are waited for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ayinel_live.history.database import Database
from ayinel_live.history.migrations import MigrationError, migrate, render, steps


def test_dsql_is_sent_nothing_that_it_does_not_take() -> None:
    text = ";\n".join(step.statement for step in steps("dsql")) + ";\n"
    linter = Path(sys.executable).parent / "dsql-lint"

    found = subprocess.run([linter, "-"], input=text, text=True, capture_output=True, check=False)

    assert found.returncode == 0, found.stdout


def test_indexes_are_built_in_the_background_on_dsql_alone() -> None:
    plain = "CREATE INDEX IF NOT EXISTS i ON t (c)"

    assert render(plain, "dsql") == "CREATE INDEX ASYNC IF NOT EXISTS i ON t (c)"
    assert (
        render("CREATE UNIQUE INDEX i ON t (c)", "dsql") == "CREATE UNIQUE INDEX ASYNC i ON t (c)"
    )
    assert render(plain, "postgres") == plain
    assert [step.name for step in steps("dsql")] == [step.name for step in steps("postgres")]


class FakeDsql(Database):
    """Answers like DSQL: an index gives a job, a job takes a while."""

    def __init__(self, outcome: str = "completed") -> None:
        super().__init__("cluster", "dsql")
        self.applied: list[str] = []
        self.statements: list[str] = []
        self.looks = 0
        self._outcome = outcome

    def run(self, statement: Any, values: Any = None) -> list[tuple[Any, ...]]:
        text = statement.decode() if isinstance(statement, bytes) else str(statement)
        self.statements.append(text)
        if text.startswith("CREATE INDEX ASYNC"):
            return [("job-1",)]
        if "sys.jobs" in text:
            self.looks += 1
            return [("processing" if self.looks % 3 else self._outcome, "why")]
        if text.startswith("INSERT INTO migrations"):
            self.applied.append(values[0])
        if text.startswith("SELECT step"):
            return [(name,) for name in self.applied]
        return []


def test_each_statement_is_a_step_and_an_index_is_waited_for() -> None:
    database = FakeDsql()
    waits: list[float] = []

    taken = migrate(database, pause=waits.append)

    assert taken == len(database.applied) == len(list(steps("dsql")))
    indexes = sum(text.startswith("CREATE INDEX ASYNC") for text in database.statements)
    assert len(waits) == 2 * indexes > 0
    assert migrate(database, pause=waits.append) == 0


def test_failed_index_stops_the_migration_and_is_taken_up_again() -> None:
    database = FakeDsql("failed")

    with pytest.raises(MigrationError):
        migrate(database, pause=lambda seconds: None)

    assert len(database.applied) < len(list(steps("dsql")))
