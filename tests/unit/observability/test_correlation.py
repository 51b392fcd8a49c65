"""Whoever works learns on whose behalf, whichever queue or table lies between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from ayinel_live.chat.message_store import message_item
from ayinel_live.chat.moderation_queue import ModerationQueue
from ayinel_live.fan_out.handover import Handover, Parcel
from ayinel_live.fan_out.outbox import Outbox
from ayinel_live.fan_out.postings import Posting, ToConnections, ToShard
from ayinel_live.runtime.correlation import (
    begin_work,
    correlation_id_of,
    correlation_of,
    end_work,
    present_correlation_id,
    working_on,
)
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.deletion import EraseStream, ErasureQueue
from ayinel_live.streams.records import StreamRecord, item_from
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from functions.moderation_worker.queues import ModerationLane, RevealQueue
from functions.stream_events.publisher import StreamEventPublisher
from tests.support.chat import STREAM_ID, message, pending
from tests.support.clock import START
from tests.support.streams import live_stream

QUEUE = "https://sqs/queue.fifo"
CONTEXT = SimpleNamespace(aws_request_id="lambda-1")


class Sqs:
    """An SQS client, and the post worker's own, that remember what they were given."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    def send_message(self, **arguments: Any) -> None:
        self.sent.append(arguments)

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803  AWS's names
        self.sent.extend(Entries)
        return {"Successful": [{"Id": entry["Id"]} for entry in Entries]}

    def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803  AWS's names
        return {"Entries": [{"EventId": "x"} for _ in Entries]}

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert operation == "SendMessageBatch"
        return self.send_message_batch(**arguments)

    async def close(self) -> None:
        """Nothing is open."""


@contextmanager
def work(event: dict[str, Any]) -> Iterator[None]:
    begun = begin_work(event, correlation_of(event), CONTEXT)
    try:
        yield
    finally:
        end_work(begun)


def delivered(*ids: str) -> list[dict[str, Any]]:
    return [
        {
            "messageId": f"m{place}",
            "body": "x",
            "attributes": {"MessageGroupId": "g"},
            "messageAttributes": {"correlationId": {"stringValue": one, "dataType": "String"}},
        }
        for place, one in enumerate(ids)
    ]


def arrived(sent: dict[str, Any]) -> dict[str, Any]:
    """Return a sent message as Lambda hands it over."""
    attributes = {
        name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
        for name, value in sent.get("MessageAttributes", {}).items()
    }
    return {"messageId": "m", "messageAttributes": attributes}


def ended_record() -> StreamRecord:
    stream = live_stream(STREAM_ID, "ana", started_at=START, ended_at=START)
    return StreamRecord(stream, "channel", Broadcast(created_at=0), is_ready=True)


def moderation(sqs: Sqs) -> None:
    ModerationQueue(QUEUE, lambda: sqs).put(pending(), "key")


def reveals(sqs: Sqs) -> None:
    RevealQueue(QUEUE, lambda: sqs).schedule(STREAM_ID, "m", 5)


def set_aside_messages(sqs: Sqs) -> None:
    ModerationLane(QUEUE, QUEUE, lambda: sqs).set_aside(delivered("request-1")[0], "unreadable")


def erasures(sqs: Sqs) -> None:
    ErasureQueue(lambda: sqs, QUEUE).send(EraseStream(stream_id=STREAM_ID))


def video_work(sqs: Sqs) -> None:
    VideoWorkQueue(lambda: sqs, QUEUE).ask_for_ingest(STREAM_ID, "channel", "session", START)


def posts(sqs: Sqs) -> None:
    event = {"type": "message", "id": "m"}
    Handover(QUEUE, lambda: sqs).send([Parcel(Posting(ToShard(STREAM_ID, 0), (event,)), ("e1",))])


def posts_that_are_left(sqs: Sqs) -> None:
    posting = Posting(ToConnections(STREAM_ID, ("c",), "lane"), ({"type": "message"},))
    asyncio.run(Outbox(sqs, QUEUE, QUEUE, "").requeue([posting]))


def departures(sqs: Sqs) -> None:
    asyncio.run(Outbox(sqs, QUEUE, QUEUE, "").report_departures([("c", STREAM_ID)], "now"))


@pytest.mark.parametrize(
    "send",
    [
        moderation,
        reveals,
        set_aside_messages,
        erasures,
        video_work,
        posts,
        posts_that_are_left,
        departures,
    ],
)
def test_each_queue_hands_the_request_on(send: Callable[[Sqs], None]) -> None:
    sqs = Sqs()
    with work({"requestContext": {"requestId": "request-1"}}):
        send(sqs)
    (sent,) = sqs.sent
    assert correlation_id_of(arrived(sent)) == "request-1"
    assert correlation_of({"Records": [arrived(sent)]})["correlation_ids"] == ["request-1"]


def test_history_queue_hands_on_who_ended_the_stream() -> None:
    sqs = Sqs()
    with work({"requestContext": {"requestId": "request-1"}}):
        image = item_from(ended_record()).serialize()
    record = {
        "eventID": "e1",
        "dynamodb": {"SequenceNumber": "1", "NewImage": image, "Keys": {}},
    }
    publisher = StreamEventPublisher(
        lambda: sqs,
        "bus",
        lambda: sqs,
        QUEUE,
        PlaybackRevocation(StreamStore(), None, None),  # type: ignore[arg-type]  # not reached
        Logger(service="correlation"),
    )
    with work({"Records": [record]}):
        assert publisher({"Records": [record]}, None) == {"batchItemFailures": []}
    (sent,) = sqs.sent
    assert json.loads(sent["MessageBody"])["streamId"] == STREAM_ID
    assert correlation_id_of(arrived(sent)) == "request-1"


def test_each_message_of_a_batch_becomes_an_item_with_its_own_id() -> None:
    one, other = delivered("request-1", "request-2")
    with work({"Records": [one, other]}):
        items = []
        for record in (one, other):
            with working_on(record):
                items.append(message_item(message()))
        assert present_correlation_id() == "request-1,request-2"
    assert [item.correlation_id for item in items] == ["request-1", "request-2"]
    assert present_correlation_id() is None


def test_change_of_an_item_hands_its_id_to_whoever_tells_viewers() -> None:
    with work({"requestContext": {"requestId": "request-1"}}):
        image = message_item(message()).serialize()
    event = {"Records": [{"eventID": "e1", "dynamodb": {"Keys": {}, "NewImage": image}}]}
    assert correlation_of(event)["correlation_ids"] == ["request-1"]
    sqs = Sqs()
    with work(event):
        posts(sqs)
    assert correlation_id_of(arrived(sqs.sent[0])) == "request-1"
