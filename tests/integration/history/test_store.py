"""History on a real PostgreSQL: written once however often, read by its owner alone, erased."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from ayinel_live.history.database import Database
from ayinel_live.history.erasure import HistoryErasure
from ayinel_live.history.migrations import migrate
from ayinel_live.history.model import ViewSession, viewer_key
from ayinel_live.history.period import Period
from ayinel_live.history.reader import HistoryReader
from ayinel_live.history.store import BATCH_ROWS, HistoryStore
from ayinel_live.runtime.errors import NotFoundError, UpstreamError
from local.history import HistoryDatabase
from tests.support.history import START, past_stream

DAY = Period(date(2026, 1, 2), date(2026, 1, 2))
TABLES = (
    "streams",
    "stream_minutes",
    "stream_groups",
    "view_sessions",
    "owner_viewers",
    "owner_days",
    "owner_hours",
)


def snapshot(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, without the time of writing."""
    rows = {name: database.run(f"SELECT * FROM {name} ORDER BY 1, 2, 3") for name in TABLES}
    rows["streams"] = [row[:-1] for row in rows["streams"]]
    return rows


def test_migrating_again_takes_no_step(database: Database) -> None:
    assert migrate(database) == 0


def test_written_stream_is_read_back(database: Database) -> None:
    HistoryStore(database).write(past_stream("s1", viewers=("v1", "v2", "v3")))

    overview = HistoryReader(database).overview("ada", DAY)

    assert (overview.sums.streams, overview.sums.views, overview.sums.new_viewers) == (1, 3, 3)
    assert overview.sums.watched_ms == 3 * 90 * 60_000
    assert overview.best is not None
    assert overview.best.stream_id == "s1"
    assert [(hour.hour, hour.watched_ms) for hour in overview.peak_hours] == [
        (20, 3 * 60 * 60_000),
        (21, 3 * 30 * 60_000),
    ]
    details = HistoryReader(database).stream("ada", "s1")
    assert sum(point.watched_milliseconds for point in details.minutes) == 3 * 90 * 60_000
    assert details.groups == {"country": (("DE", 3),), "device": (("mobile", 3),)}


def test_redelivered_end_changes_nothing(database: Database) -> None:
    store = HistoryStore(database)
    history = past_stream("s1")
    store.write(history)
    before = snapshot(database)

    store.write(history)

    assert snapshot(database) == before
    assert store.has("s1", history.ended_at)
    assert not store.has("s1", history.ended_at + timedelta(seconds=1))


def test_end_that_is_known_better_leaves_nothing_of_the_other(database: Database) -> None:
    store = HistoryStore(database)
    late = past_stream("s1", started_at=START - timedelta(days=1), minutes=190)
    early = past_stream("s1", minutes=60)
    comes_after = ViewSession(viewer_key("v3"), 0, early.ended_at, early.ended_at, "", "", "")
    known_worse = replace(
        late,
        sessions=(*late.sessions, comes_after),
        groups={**late.groups, "referrer": {"blog.example": 1}},
    )
    store.write(past_stream("s2"))
    other = HistoryReader(database).stream("ada", "s2").minutes
    store.write(known_worse)

    store.write(early)

    rows = snapshot(database)
    assert HistoryReader(database).stream("ada", "s2").minutes == other
    of_stream = {name: [row for row in rows[name] if row[0] == "s1"] for name in rows}
    assert len(of_stream["stream_minutes"]) == 60
    assert {row[1] for row in of_stream["stream_groups"]} == {"country", "device"}
    viewers = {row[1] for row in of_stream["view_sessions"]}
    assert viewers == {viewer_key("v1"), viewer_key("v2")}
    assert [row[1] for row in rows["owner_hours"] if row[2] == "s1"] == [START]
    days = {row[1]: row[2] for row in rows["owner_days"]}
    assert days[START.date()] == 2
    assert days[START.date() - timedelta(days=1)] == 0


def test_writing_that_died_half_way_is_completed_by_the_next(database: Database) -> None:
    class DyingStore(HistoryStore):
        def _finish(self, *args: object) -> None:
            raise UpstreamError("gone")

    history = past_stream("s1")
    with pytest.raises(UpstreamError):
        DyingStore(database).write(history)
    assert not HistoryStore(database).has("s1", history.ended_at)
    overview = HistoryReader(database).overview("ada", DAY)
    assert (overview.sums.streams, overview.peak_hours) == (0, ())

    HistoryStore(database).write(history)

    assert HistoryReader(database).overview("ada", DAY).sums.views == 2


def test_stream_larger_than_one_transaction_is_written_whole(database: Database) -> None:
    viewers = tuple(f"v{number}" for number in range(BATCH_ROWS * 2 + 17))

    HistoryStore(database).write(past_stream("s1", viewers=viewers, minutes=2))

    assert database.run("SELECT count(*) FROM view_sessions") == [(len(viewers),)]
    assert HistoryReader(database).overview("ada", DAY).sums.new_viewers == len(viewers)


def test_who_came_back_is_told_in_any_order_of_writing(database: Database) -> None:
    store = HistoryStore(database)
    first = past_stream("s1", viewers=("v1", "v2"))
    later = START + timedelta(hours=3)
    second = past_stream("s2", started_at=later, viewers=("v2", "v3", "v4"), minutes=10)

    store.write(second)
    store.write(first)

    streams = {s.stream_id: s for s in HistoryReader(database).overview("ada", DAY).streams}
    assert streams["s1"].new_viewers == 2
    assert streams["s2"].new_viewers == 2
    assert HistoryReader(database).overview("ada", DAY).sums.returning_share == pytest.approx(0.2)


def test_start_that_is_known_to_be_later_makes_nobody_older_a_guest(database: Database) -> None:
    store, hour = HistoryStore(database), timedelta(hours=1)
    early = past_stream("s2", viewers=("v1", "v2"), started_at=START)
    store.write(past_stream("s1", viewers=("v1",), started_at=START - timedelta(days=1)))
    store.write(early)
    store.write(past_stream("s3", viewers=("v2", "v3"), started_at=START + hour, minutes=30))

    later = past_stream("s2", viewers=("v1", "v2"), started_at=START + 2 * hour)
    for _ in range(2):
        store.write(later)

    first = dict(database.run("SELECT viewer_key, first_stream_at FROM owner_viewers"))
    assert first == {
        viewer_key("v1"): START - timedelta(days=1),
        viewer_key("v2"): START + hour,
        viewer_key("v3"): START + hour,
    }
    new = dict(database.run("SELECT stream_id, new_viewers FROM streams"))
    assert new == {"s1": 1, "s2": 0, "s3": 2}


def test_growth_compares_with_the_period_before(database: Database) -> None:
    store = HistoryStore(database)
    store.write(past_stream("s0", started_at=START - timedelta(days=1), viewers=("v1",)))
    store.write(past_stream("s1", viewers=("v1", "v2", "v3")))

    overview = HistoryReader(database).overview("ada", DAY)

    assert overview.growth.views == pytest.approx(2.0)
    assert overview.growth.streams == 0
    alone = HistoryReader(database).overview("ada", Period(date(2026, 1, 1), date(2026, 1, 1)))
    assert alone.growth.views is None


def test_nobody_reads_anothers_history(database: Database) -> None:
    HistoryStore(database).write(past_stream("s1", owner_id="ada"))

    with pytest.raises(NotFoundError):
        HistoryReader(database).stream("eve", "s1")
    assert HistoryReader(database).overview("eve", DAY).sums.streams == 0


def test_concurrent_writers_of_one_day_leave_a_right_rollup(
    database: Database, postgres: HistoryDatabase
) -> None:
    def write(number: int) -> None:
        own = Database(postgres.dsn(), "postgres")
        started_at = START + timedelta(minutes=number)
        HistoryStore(own).write(
            past_stream(f"s{number}", started_at=started_at, viewers=("v1",), minutes=1)
        )
        own.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    overview = HistoryReader(database).overview("ada", DAY)
    assert (overview.sums.streams, overview.sums.views) == (6, 6)
    assert overview.sums.new_viewers == 1


def test_conflict_is_tried_again(database: Database) -> None:
    class Conflict(psycopg.errors.SerializationFailure):
        sqlstate = "OC000"

    attempts = []

    def work(connection: object) -> str:
        attempts.append(1)
        if len(attempts) < 3:
            raise Conflict
        return "done"

    assert database.transact(work) == "done"
    assert len(attempts) == 3


def test_erased_stream_leaves_no_row_and_no_trace_in_the_rollups(database: Database) -> None:
    store = HistoryStore(database)
    store.write(past_stream("s1"))
    kept = snapshot(database)
    store.write(past_stream("s2", started_at=START + timedelta(hours=1), viewers=("v1",)))

    assert HistoryErasure(database).erase_stream("s2") > 0

    after = snapshot(database)
    assert {name: after[name] for name in TABLES if name != "owner_viewers"} == {
        name: kept[name] for name in TABLES if name != "owner_viewers"
    }
    assert HistoryErasure(database).erase_stream("s2") == 0


def test_erased_person_is_in_no_row_and_the_sums_stay(database: Database) -> None:
    store = HistoryStore(database)
    store.write(past_stream("s1", owner_id="ada", viewers=("v1", "v2")))
    store.write(past_stream("s2", owner_id="v1", viewers=("ada",)))

    HistoryErasure(database).erase_user("v1")

    text = str(snapshot(database))

    assert str(viewer_key("v1")) not in text
    assert "'v1'" not in text
    assert "s2" not in text
    assert HistoryReader(database).overview("ada", DAY).sums.views == 2
