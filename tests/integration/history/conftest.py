"""A PostgreSQL of our own, one for the run, with fresh tables for each test."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ayinel_live.history.database import Database
from ayinel_live.history.migrations import migrate
from local.history import HistoryDatabase


@pytest.fixture(scope="session")
def postgres() -> Iterator[HistoryDatabase]:
    """The running server. Not under pytest's folder: its name is too long for a socket's path."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    folder.chmod(0o755)
    server = HistoryDatabase(folder / "data", folder / "logs")
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.fixture
def database(postgres: HistoryDatabase) -> Iterator[Database]:
    """A connection to fresh, empty tables."""
    if not postgres.is_running():
        postgres.start()
    database = Database(postgres.dsn(), "postgres", pause=lambda seconds: None)
    database.run("DROP SCHEMA IF EXISTS public CASCADE")
    database.run("CREATE SCHEMA public")
    migrate(database)
    yield database
    database.close()
