from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.video_work import RevokeViewer, VideoWorker, VideoWorkQueue
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables

MODULE = "functions.video_worker.handler"


class FakeBucket:
    """A bucket with thumbnails."""

    def list_objects_v2(self, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803  AWS's name
        return {"Contents": [{"Key": f"{Prefix}720p30/thumb0.jpg"}]}


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with moto_tables(*STREAM_ITEMS), pytest.MonkeyPatch.context() as environment:
        environment.setenv("STAGE", "test")
        environment.setenv("CHANNELS_TABLE", "Channels")
        environment.setenv("STREAMS_TABLE", "Streams")
        sys.modules.pop(MODULE, None)
        yield importlib.import_module(MODULE)


@pytest.fixture
def house(module: Any) -> House:
    empty_tables()
    house = House()
    module.worker = VideoWorker(house.provider, house.observer, FakeBucket, house.clock)
    return house


def handle(module: Any, *bodies: dict[str, Any] | str) -> list[str]:
    """Hand over messages; returns the numbers of those that come again."""
    records = [
        {"messageId": str(number), "body": body if isinstance(body, str) else json.dumps(body)}
        for number, body in enumerate(bodies)
    ]
    failures = module.handler({"Records": records}, None)["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def test_calls_to_the_provider_are_made_one_after_the_other() -> None:
    class Queue:
        groups: ClassVar[list[str]] = []

        def send_message(self, **message: Any) -> None:
            self.groups.append(message["MessageGroupId"])

    work = VideoWorkQueue(Queue, "queue")
    for number in range(3):
        revoke = RevokeViewer(channel_id=f"channel-{number}", viewer_id="x", up_to_version=1)
        work.send(revoke, key=str(number))
    # Of one group SQS hands nothing out while a batch of it is being worked on.
    assert len(set(Queue.groups)) == 1


def test_what_the_encoder_sends_is_kept_with_the_stream(module: Any, house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    work = {
        "work": "read-ingest",
        "streamId": started.stream.stream_id,
        "channelId": session.channel_id,
        "sessionId": session.session_id,
    }
    assert handle(module, work) == []
    record = house.streams.record(started.stream.stream_id)
    assert record.health.ingest is not None
    assert record.health.ingest.width == 1280
    assert (record.health.summary() or {})["height"] == 720


def test_thumbnails_are_found_and_shown(module: Any, house: House) -> None:
    stream_id = house.start().stream.stream_id
    work = {"work": "find-pictures", "streamId": stream_id, "bucket": "b", "prefix": "p"}
    handle(module, work)
    record = house.streams.record(stream_id)
    assert record.latest_picture == "p/media/latest_thumbnail/720p30/thumb0.jpg"
    assert house.streams.get(stream_id).thumbnail_key == record.latest_picture


def test_revocation_reaches_the_provider(module: Any, house: House) -> None:
    work = {"work": "revoke-viewer", "channelId": "arn", "viewerId": "v", "upToVersion": 7}
    handle(module, work)
    assert house.provider.revoked == [("arn", "v", 7)]


def test_provider_that_does_not_answer_has_the_rest_come_again_in_order(
    module: Any, house: House
) -> None:
    house.provider.fault = UpstreamError("busy")
    work = {"work": "revoke-viewer", "channelId": "arn", "viewerId": "v", "upToVersion": 7}
    assert handle(module, "poison", work, work) == ["1", "2"]


def test_work_about_what_is_gone_is_done(module: Any, house: House) -> None:
    gone = {
        "work": "find-pictures",
        "streamId": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "bucket": "b",
        "prefix": "p",
    }
    assert handle(module, gone, "{}", "no JSON") == []
