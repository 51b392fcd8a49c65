"""The drill: PostgreSQL is away while three streams end, comes back, and nothing is missing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from ayinel_live.audience.audit import Auditor
from ayinel_live.audience.erasure import AudienceErasure
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.history.collecting import HistoryCollector
from ayinel_live.history.database import Database
from ayinel_live.history.erasure import HistoryErasure
from ayinel_live.history.messages import counted_messages
from ayinel_live.history.model import StreamHistory, viewer_key
from ayinel_live.history.period import Period
from ayinel_live.history.reader import HistoryReader
from ayinel_live.runtime.clock import to_milliseconds, to_rfc3339
from ayinel_live.runtime.errors import NotFoundError, UpstreamError
from ayinel_live.streams.items import StreamItem
from local.history import HistoryDatabase
from tests.support.audience import AUDIENCE_ITEMS, World
from tests.support.moto_tables import moto_tables
from tests.support.streams import put_stream

Erasure = Callable[[], None]

STREAMS = tuple(f"01KE000000000000000000000{number}" for number in range(3))
TABLES = {
    "STREAMS_TABLE": "Streams",
    "VIEWERS_TABLE": "Viewers",
    "AUDIENCE_TABLE": "Audience",
    "AUDIENCE_MARKERS_TABLE": "AudienceMarkers",
    "CHAT_MESSAGES_TABLE": "ChatMessages",
}


@pytest.fixture
def writer(postgres: HistoryDatabase, database: Database) -> Iterator[Any]:
    """The function as it is deployed, on tables of its own."""
    items = (*AUDIENCE_ITEMS, ChatMessageItem, StreamItem)
    with moto_tables(*items), pytest.MonkeyPatch.context() as patch:
        for name, value in TABLES.items():
            patch.setenv(name, value)
        patch.setenv("STAGE", "test")
        patch.setenv("HISTORY_KIND", "postgres")
        patch.setenv("HISTORY_ENDPOINT", postgres.dsn())
        module = import_module("functions.history_writer.handler")
        yield module
        module.database.close()
    if not postgres.is_running():
        postgres.start()


def message(stream_id: str) -> dict[str, str]:
    return {"messageId": stream_id, "body": json.dumps({"streamId": stream_id, "userId": "ana"})}


def end_three_streams(world: World) -> None:
    """Each stream has one viewer more than the one before; nobody leaves by themselves."""
    began = world.clock()
    for number, stream_id in enumerate(STREAMS):
        world.ends[stream_id] = None
        for viewer in range(number + 2):
            world.join(f"c{number}-{viewer}", f"v{viewer}", stream_id=stream_id)
    world.clock.advance(600)
    for number, stream_id in enumerate(STREAMS):
        ChatMessageItem(
            stream_id,
            f"01KE00000000000000000000M{number}",
            owner_id="ana",
            user_id="v0",
            display_name="V",
            role="viewer",
            message="hello",
            timestamp=to_rfc3339(began),
            status="shown",
            client_message_id="c",
        ).save()
        started_at = began + timedelta(seconds=number)
        put_stream(stream_id, "ana", started_at=started_at, ended_at=world.clock())


def test_outage_delays_history_and_loses_nothing(
    writer: Any, postgres: HistoryDatabase, database: Database
) -> None:
    world = World()
    end_three_streams(world)
    queue = [message(stream_id) for stream_id in STREAMS]

    postgres.stop()
    answer = writer.handler({"Records": queue}, None)
    assert [entry["itemIdentifier"] for entry in answer["batchItemFailures"]] == list(STREAMS)
    with pytest.raises(UpstreamError):
        HistoryReader(Database(postgres_dsn(writer), "postgres")).stream("ana", STREAMS[0])

    postgres.start()
    assert writer.handler({"Records": queue}, None) == {"batchItemFailures": []}
    assert writer.handler({"Records": queue}, None) == {"batchItemFailures": []}

    day = world.clock().date()
    overview = HistoryReader(database).overview("ana", Period(day, day))
    assert (overview.sums.streams, overview.sums.views) == (3, 2 + 3 + 4)
    assert overview.sums.watched_ms == (2 + 3 + 4) * 600_000
    assert overview.sums.messages == 3
    assert overview.best is not None
    assert overview.best.stream_id == STREAMS[2]
    assert overview.sums.new_viewers == 4
    for stream_id in STREAMS:
        details = HistoryReader(database).stream("ana", stream_id)
        assert sum(point.joins for point in details.minutes) == details.stream.views
        watched = sum(point.watched_milliseconds for point in details.minutes)
        assert watched == details.stream.watched_ms
        audit = Auditor().audit(stream_id, world.clock(), counted_messages(stream_id))
        assert audit.differences == ()
        assert audit.viewers == details.stream.unique_viewers


def postgres_dsn(writer: Any) -> str:
    return str(writer.settings.history_endpoint)


def test_stream_that_runs_again_or_is_gone_is_left_alone(writer: Any, database: Database) -> None:
    world = World()
    put_stream(STREAMS[0], "ana", started_at=world.clock())

    answer = writer.handler({"Records": [message(STREAMS[0]), message(STREAMS[1])]}, None)

    assert answer == {"batchItemFailures": []}
    with pytest.raises(NotFoundError):
        HistoryReader(database).stream("ana", STREAMS[0])


@pytest.fixture
def while_writing(writer: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[[Erasure], None]:
    """Lets an erasure run between the gathering and the first row."""

    def arrange(erase: Erasure) -> None:
        collect = HistoryCollector.collect

        def collect_and_be_overtaken(*given: Any, **named: Any) -> StreamHistory:
            history = collect(*given, **named)
            erase()
            return history

        monkeypatch.setattr(HistoryCollector, "collect", collect_and_be_overtaken)

    return arrange


def test_person_who_is_erased_while_the_stream_is_written_is_not_written_back(
    writer: Any, database: Database, while_writing: Callable[[Erasure], None]
) -> None:
    world = World()
    end_three_streams(world)

    def erase() -> None:
        AudienceErasure(world.presence).erase_viewer("v1", world.clock())
        HistoryErasure(database).erase_user("v1")

    while_writing(erase)
    assert writer.handler({"Records": [message(STREAMS[0])]}, None) == {"batchItemFailures": []}

    for table in ("view_sessions", "owner_viewers"):
        left = {key for (key,) in database.run(f"SELECT viewer_key FROM {table}")}
        assert left == {viewer_key("v0")}, table
    assert HistoryReader(database).stream("ana", STREAMS[0]).stream.views == 2


@pytest.mark.parametrize("dies", [False, True])
def test_stream_that_is_erased_while_it_is_written_is_not_written_back(
    writer: Any,
    database: Database,
    while_writing: Callable[[Erasure], None],
    monkeypatch: pytest.MonkeyPatch,
    *,
    dies: bool,
) -> None:
    end_three_streams(World())

    def erase() -> None:
        HistoryErasure(database).erase_stream(STREAMS[0])
        StreamItem(STREAMS[0]).delete()

    asked: list[str] = []
    find = writer.writer._records

    def find_once(stream_id: str) -> Any:
        asked.append(stream_id)
        if len(asked) > 1:
            raise UpstreamError("gone")
        return find(stream_id)

    while_writing(erase)
    with monkeypatch.context() as patch:
        if dies:
            patch.setattr(writer.writer, "_records", find_once)
        answer = writer.handler({"Records": [message(STREAMS[0])]}, None)
        assert len(answer["batchItemFailures"]) == dies
    assert writer.handler({"Records": [message(STREAMS[0])]}, None) == {"batchItemFailures": []}

    for table in ("streams", "view_sessions", "stream_minutes", "stream_groups", "owner_hours"):
        assert database.run(f"SELECT 1 FROM {table}") == [], table


@pytest.mark.parametrize("body", ["", "{}", '{"streamId": "x"}', "null"])
def test_message_that_names_no_stream_comes_back_for_the_dead_letter_queue(
    writer: Any, body: str
) -> None:
    answer = writer.handler({"Records": [{"messageId": "m", "body": body}]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}


def test_late_viewer_of_an_ended_stream_is_counted_up_to_its_end(
    writer: Any, database: Database
) -> None:
    world = World()
    began = world.clock()
    world.join("c1", "v1", stream_id=STREAMS[0])
    end = began + timedelta(seconds=90)
    put_stream(STREAMS[0], "ana", started_at=began, ended_at=end)
    world.clock.advance(3600)
    world.presence.leave("c1", world.clock(), "disconnected")
    world.join("c2", "late", stream_id=STREAMS[0])

    writer.handler({"Records": [message(STREAMS[0])]}, None)

    details = HistoryReader(database).stream("ana", STREAMS[0])
    assert (details.stream.views, details.stream.watched_ms) == (1, 90_000)
    sessions = database.run("SELECT ended_at FROM view_sessions")
    assert [to_milliseconds(row[0]) for row in sessions] == [to_milliseconds(end)]
