from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ayinel_live.runtime import metrics
from ayinel_live.runtime.errors import BusyError
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import NEVER_PUSHED_LIMIT, StreamState
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables

MODULE = "functions.reconciler.handler"


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with moto_tables(*STREAM_ITEMS), pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "STAGE": "test",
            "CHANNELS_TABLE": "Channels",
            "STREAMS_TABLE": "Streams",
            "VIDEO_WORK_QUEUE_URL": "x",
            "ERASURE_QUEUE_URL": "x",
        }.items():
            environment.setenv(name, value)
        sys.modules.pop(MODULE, None)
        yield importlib.import_module(MODULE)
        sys.modules.pop(MODULE, None)


@pytest.fixture
def house(module: Any) -> House:
    empty_tables()
    house = House()
    module.reconciler = house.reconciler
    return house


def told(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """Return the reports that were logged since the last look."""
    records = [vars(record) for record in caplog.records if record.msg == "streams_reconciled"]
    caplog.clear()
    return records


def tick(module: Any, house: House, seconds: float = 60) -> None:
    house.clock.advance(seconds)
    module.handler({"source": "aws.events"}, None)


def test_stream_whose_events_were_lost_is_live_after_two_ticks(
    module: Any, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    started = house.start()
    house.clock.advance(2)
    assert house.provider.push(started.key.value) is not None
    tick(module, house)
    stream_id = started.stream.stream_id
    assert house.streams.get(stream_id).status is StreamState.OFFLINE
    (doubt,) = told(caplog)
    assert doubt["doubted"] == [stream_id]
    tick(module, house)
    assert house.streams.get(stream_id).status is StreamState.LIVE
    (mended,) = told(caplog)
    assert mended["mended"] == [stream_id]


def test_stream_that_nobody_pushed_to_ends_and_its_key_dies(module: Any, house: House) -> None:
    started = house.start()
    tick(module, house, NEVER_PUSHED_LIMIT.total_seconds() + 1)
    tick(module, house)
    assert house.streams.get(started.stream.stream_id).status is StreamState.ENDED
    assert house.working_keys() == []


def test_tick_that_finds_nothing_writes_nothing(
    module: Any, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.go_live(house.start())
    tick(module, house)
    assert told(caplog) == []


def test_one_stream_that_cannot_be_mended_does_not_keep_the_others(
    module: Any, house: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = house.start("ana"), house.start("ben")
    change = house.streams.change

    def refuse(stream_id: str, *arguments: Any) -> Any:
        if stream_id == stuck.stream.stream_id:
            raise BusyError("others write without end", retry_after_seconds=1)
        return change(stream_id, *arguments)

    monkeypatch.setattr(house.streams, "change", refuse)
    tick(module, house, NEVER_PUSHED_LIMIT.total_seconds() + 1)
    (report,) = told(caplog)
    assert report["failed"] == [stuck.stream.stream_id]
    assert house.streams.get(other.stream.stream_id).status is StreamState.ENDED


@pytest.mark.parametrize("is_on_air", [False, True])
def test_one_stream_that_cannot_be_read_is_reported_and_does_not_keep_the_others(
    module: Any,
    house: House,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    *,
    is_on_air: bool,
) -> None:
    bad, other = house.start("ana"), house.start("ben")
    if is_on_air:
        house.go_live(bad)
    StreamItem(bad.stream.stream_id).update([StreamItem.facts.set("what Ana said")])
    counted: dict[str, int] = {}
    monkeypatch.setattr(module.telemetry, "count", counted.__setitem__)
    tick(module, house, NEVER_PUSHED_LIMIT.total_seconds() + 1)
    (error,) = [vars(record) for record in caplog.records if record.levelname == "ERROR"]
    assert error["msg"] == "streams_unreadable"
    assert error["stream_ids"] == [bad.stream.stream_id]
    assert "Ana said" not in caplog.text
    assert counted[metrics.STREAMS_NOT_MENDED] == 1
    assert house.streams.get(other.stream.stream_id).status is StreamState.ENDED
