"""The owner's dashboard on an embedded PostgreSQL: `python -m tests.benchmarks.history_dashboard`.

200 creators who each broadcast once a day for 90 days, 20 million view minutes, made inside the
database. Aurora DSQL is another matter: the same queries go through the same keys there, but its
round trips and its storage are its own, and nothing here says how long they take.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from ayinel_live.history.database import Database
from ayinel_live.history.migrations import migrate
from ayinel_live.history.period import Period
from ayinel_live.history.reader import HistoryReader
from local.history import HistoryDatabase
from tests.benchmarks.harness import Figure, figure
from tests.support.history_load import fill

OWNERS = 200
DAYS = 90
MINUTES = 60
# 200 x 90 streams of an hour with 19 views through the whole of it: 20.5 million view minutes.
SESSIONS = 19
QUARTER = Period(date(2026, 1, 1), date(2026, 3, 31))
LIMIT_MS = 200


@contextmanager
def filled_database() -> Iterator[Database]:
    """Hold a PostgreSQL with all that history."""
    folder = Path(tempfile.mkdtemp(prefix="history-"))
    folder.chmod(0o755)
    server = HistoryDatabase(folder / "data", folder / "logs")
    server.start()
    try:
        database = Database(server.dsn(), "postgres")
        migrate(database)
        fill(database, owners=OWNERS, days=DAYS, minutes=MINUTES, sessions=SESSIONS)
        yield database
        database.close()
    finally:
        server.stop()
        shutil.rmtree(folder)


def percentile_ms(call: Callable[[int], object], rounds: int) -> float:
    """Return the 95th percentile of a call's time over owners in turn, in milliseconds."""
    times = []
    for number in range(rounds):
        began = time.perf_counter()
        call(number)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.quantiles(times, n=20)[-1]


def measure() -> list[Figure]:
    """Measure overview and one stream's details for every owner."""
    with filled_database() as database:
        reader = HistoryReader(database)
        [(view_minutes,)] = database.run("SELECT sum(watched_ms) / 60000 FROM streams")
        overview = percentile_ms(
            lambda number: reader.overview(f"owner-{number % OWNERS}", QUARTER), 2 * OWNERS
        )
        details = percentile_ms(
            lambda number: reader.stream(
                f"owner-{number % OWNERS}",
                "01KE" + str((number % OWNERS) * 100 + number % DAYS).zfill(20) + "AA",
            ),
            2 * OWNERS,
        )
    note = f"at most {LIMIT_MS} ms; {float(view_minutes) / 1e6:.1f} million view minutes"
    return [
        figure(
            "History, 90 days of one owner, p95", overview, "ms", "limit", overview / LIMIT_MS, note
        ),
        figure("History, one stream with its minutes, p95", details, "ms"),
    ]


if __name__ == "__main__":
    for line in measure():
        print(line["name"], line["value"], line["unit"], line.get("note", ""))
