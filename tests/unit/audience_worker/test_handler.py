"""The audience worker by its handler: what is answered to Lambda and what is kept apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import boto3
import pytest

from ayinel_live.audience.service import AudienceReader
from ayinel_live.runtime import aws
from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.items import StreamItem
from tests.support.audience import AUDIENCE_ITEMS, World
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.presence import STREAM_ID
from tests.support.streams import put_stream


@pytest.fixture(scope="module")
def module() -> Iterator[Any]:
    with (
        moto_tables(*AUDIENCE_ITEMS, StreamItem),
        pytest.MonkeyPatch.context() as patch,
    ):
        url = boto3.client("sqs").create_queue(QueueName="aside")["QueueUrl"]
        for name, value in {
            "STAGE": "test",
            "AUDIENCE_TABLE": "Audience",
            "AUDIENCE_MARKERS_TABLE": "AudienceMarkers",
            "STREAMS_TABLE": "Streams",
            "SET_ASIDE_QUEUE_URL": url,
        }.items():
            patch.setenv(name, value)
        aws.aws_client.cache_clear()
        yield import_module("functions.audience_worker.handler")
        aws.aws_client.cache_clear()


@pytest.fixture
def world(module: Any) -> World:
    empty_tables()
    world = World()
    put_stream(STREAM_ID, "ana", started_at=world.clock())
    return world


def test_batch_is_counted_and_acknowledged(module: Any, world: World) -> None:
    world.join("c1", "ada")

    assert module.handler({"Records": world.records}, None) == {"batchItemFailures": []}

    assert AudienceReader().totals(STREAM_ID).viewer_count == 1


def test_poison_goes_to_its_queue_and_holds_up_nobody(module: Any, world: World) -> None:
    world.join("c1", "ada")
    poison = {"eventID": "e1", "eventName": "INSERT", "dynamodb": {"Keys": {}}}

    answer = module.handler({"Records": [poison, *world.records]}, None)

    assert answer == {"batchItemFailures": []}
    assert AudienceReader().totals(STREAM_ID).viewer_count == 1
    url = module.settings.set_aside_queue_url
    [kept] = boto3.client("sqs").receive_message(QueueUrl=url)["Messages"]
    assert json.loads(kept["Body"])["record"] == poison


def test_stream_that_cannot_be_counted_now_brings_the_batch_again(
    module: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.join("c1", "ada")

    def busy(stream_id: str, subjects: object) -> int:
        raise UpstreamError("busy")

    monkeypatch.setattr(module.worker._counter, "count", busy)
    answer = module.handler({"Records": world.records}, None)

    first = world.records[0]["dynamodb"]["SequenceNumber"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": first}]}


def test_end_of_the_stream_is_known_to_the_count(module: Any, world: World) -> None:
    put_stream(STREAM_ID, "ana", started_at=world.clock(), ended_at=world.clock())
    world.clock.advance(5)
    world.join("c1", "ada")

    module.handler({"Records": world.records}, None)

    totals = AudienceReader().totals(STREAM_ID)
    assert (totals.viewer_count, totals.total_views) == (1, 0)
