from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.streams.model import StreamState
from ayinel_live.streams.video_work import FindPictures, ReadIngest
from ayinel_live.video.model import VideoSession
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables

MODULE = "functions.ivs_events.handler"


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with moto_tables(*STREAM_ITEMS), pytest.MonkeyPatch.context() as environment:
        environment.setenv("STAGE", "test")
        environment.setenv("VIDEO_WORK_QUEUE_URL", "x")
        environment.setenv("CHANNELS_TABLE", "Channels")
        environment.setenv("STREAMS_TABLE", "Streams")
        sys.modules.pop(MODULE, None)
        yield importlib.import_module(MODULE)


@pytest.fixture
def house(module: Any) -> House:
    empty_tables()
    house = House()
    module.observer, module.video_work = house.observer, house.work
    return house


def envelope(session: VideoSession, detail_type: str, **detail: Any) -> dict[str, Any]:
    return {
        "version": "0",
        "id": f"{detail}",
        "detail-type": detail_type,
        "source": "aws.ivs",
        "account": "123456789012",
        "time": to_rfc3339(session.started_at),
        "region": "us-east-1",
        "resources": [session.channel_id],
        "detail": {"channel_name": "n", "stream_id": session.session_id, **detail},
    }


def push(house: House, key: str) -> VideoSession:
    session = house.provider.push(key)
    assert session is not None
    return session


def test_stream_start_makes_the_stream_live_and_asks_for_the_encoders_settings(
    module: Any, house: House
) -> None:
    started = house.start()
    session = push(house, started.key.value)
    event = envelope(session, "IVS Stream State Change", event_name="Stream Start")
    for _ in range(3):
        module.handler(event, None)
    assert house.streams.get(started.stream.stream_id).status is StreamState.LIVE
    (work,) = house.work.sent
    assert isinstance(work, ReadIngest)


@pytest.mark.parametrize("status", ["Recording Start", "Recording End"])
def test_recording_asks_where_its_pictures_lie(module: Any, house: House, status: str) -> None:
    started = house.start()
    session = push(house, started.key.value)
    module.handler(
        envelope(
            session,
            "IVS Recording State Change",
            recording_status=status,
            recording_s3_bucket_name="bucket",
            recording_s3_key_prefix="a/b",
            recording_duration_ms=1000,
            recording_session_id="r",
        ),
        None,
    )
    (work,) = house.work.sent
    assert isinstance(work, FindPictures)
    assert (work.bucket, work.prefix) == ("bucket", "a/b")


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"id": "x", "detail-type": "IVS Stream State Change"},
        {"id": "x", "time": "soon", "detail-type": "IVS Limit Breach", "detail": {}},
    ],
)
def test_event_of_no_known_shape_is_let_go(
    module: Any, house: House, event: dict[str, Any]
) -> None:
    module.handler(event, None)
    assert house.work.sent == []


def test_event_of_no_stream_is_let_go(module: Any, house: House) -> None:
    started = house.start()
    session = push(house, started.key.value)
    nobody = VideoSession("st-x", session.started_at, "arn:aws:ivs:us-east-1:1:channel/x")
    for kind in ("Stream Start", "Stream Dreamt"):
        module.handler(envelope(nobody, "IVS Stream State Change", event_name=kind), None)
    assert house.streams.get(started.stream.stream_id).status is StreamState.OFFLINE


def test_fault_of_the_table_is_raised_so_that_the_event_comes_again(
    module: Any, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = house.start()
    session = push(house, started.key.value)

    def refuse(*_: object) -> None:
        raise RuntimeError("the table is away")

    monkeypatch.setattr(house.streams, "change", refuse)
    # Telemetry may put its own error, which names the fault's type, in the fault's place.
    with pytest.raises(Exception, match=r"RuntimeError|the table is away"):
        module.handler(
            envelope(session, "IVS Stream State Change", event_name="Stream Start"), None
        )
