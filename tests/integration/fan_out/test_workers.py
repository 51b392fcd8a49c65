"""Both workers on the emulator's tables and queues, before a gateway that can fail."""

from __future__ import annotations

import asyncio
import importlib
import json
import re
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import pytest

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.shards import VIEWERS_PER_SHARD
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime import aws
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from tests.integration.emulator.running import Cloud, running
from tests.integration.fan_out.gateway import Gateway
from tests.support.tables import create_tables
from tests.unit.fan_out.records import STREAM, chat_message, connection, record, totals

ITEMS = (
    ChatMessageItem,
    AudienceItem,
    StreamItem,
    MemberItem,
    InvitationItem,
    ConnectionItem,
    ChatterItem,
)


@dataclass
class GatewayThread:
    """The gateway on a loop of its own, since the post worker has one too."""

    gateway: Gateway = field(default_factory=Gateway)
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def start(self) -> str:
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return asyncio.run_coroutine_threadsafe(self.gateway.start(), self.loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.gateway.stop(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


class Time:
    """Lambda's context, as far as the worker looks at it."""

    def get_remaining_time_in_millis(self) -> int:
        return 15_000


@dataclass
class House:
    """The workers' handlers and what stands around them."""

    cloud: Cloud
    gateway: Gateway
    fan_out: ModuleType
    post: ModuleType
    queues: dict[str, str]

    def connect(self, connection_id: str, shard: int = 0, viewer_id: str = "v") -> None:
        connection(connection_id, viewer_id, shard).save()

    def receive(self, queue: str) -> list[dict[str, Any]]:
        found = self.cloud.client("sqs").receive_message(
            QueueUrl=self.queues[queue],
            MaxNumberOfMessages=10,
            AttributeNames=["All"],
            WaitTimeSeconds=1,
        )
        messages: list[dict[str, Any]] = found.get("Messages", [])
        for message in messages:
            self.cloud.client("sqs").delete_message(
                QueueUrl=self.queues[queue], ReceiptHandle=message["ReceiptHandle"]
            )
        return messages

    def work_off(self) -> dict[str, Any]:
        """Give the post worker what the queue holds, as Lambda would."""
        records = [
            {
                "messageId": message["MessageId"],
                "body": message["Body"],
                "receiptHandle": message["ReceiptHandle"],
                "attributes": message["Attributes"],
            }
            for message in self.receive("posts.fifo")
        ]
        answer: dict[str, Any] = self.post.handler({"Records": records}, Time())
        return answer

    def got(self, connection_id: str) -> list[str]:
        ids: list[str] = []
        for body in self.gateway.received[connection_id]:
            frame = json.loads(body)
            events = frame["events"] if frame["type"] == "batch" else [frame]
            ids += [event["id"] for event in events]
        return ids


def _variable(logical_name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", logical_name).upper() + "_TABLE"


def _fresh(name: str) -> ModuleType:
    sys.modules.pop(name, None)
    return importlib.import_module(name)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    with running(tmp_path_factory.mktemp("fan-out")) as cloud:
        yield cloud


@pytest.fixture
def house(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, request: Any) -> Iterator[House]:
    prefix = f"{request.node.name[:40]}-"
    standing = GatewayThread()
    url = standing.start()
    sqs = cloud.client("sqs")
    queues = {}
    for name in ("posts.fifo", "departures", "aside"):
        attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        queues[name] = sqs.create_queue(QueueName=prefix + name, Attributes=attributes)["QueueUrl"]
    create_tables(cloud.client("dynamodb"), *ITEMS, prefix=prefix)
    credentials = cloud.emulator.credentials()
    environment = {
        "STAGE": "local",
        "AWS_REGION": credentials["region_name"],
        "AWS_DEFAULT_REGION": credentials["region_name"],
        "AWS_ACCESS_KEY_ID": credentials["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": credentials["aws_secret_access_key"],
        "AWS_ENDPOINT_URL": cloud.url,
        "CONNECTIONS_ENDPOINT_URL": url,
        "POSTS_QUEUE_URL": queues["posts.fifo"],
        "DEPARTURES_QUEUE_URL": queues["departures"],
        "SET_ASIDE_QUEUE_URL": queues["aside"],
        "POSTS_PER_SECOND": "2000",
        "POWERTOOLS_SERVICE_NAME": "test",
        **{_variable(item.logical_name): prefix + item.logical_name for item in ITEMS},
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    for item in ITEMS:
        item._connection = None
    aws._session.cache_clear()
    aws.aws_client.cache_clear()
    fan_out = _fresh("functions.fan_out_worker.handler")
    post = _fresh("functions.post_worker.handler")
    yield House(cloud, standing.gateway, fan_out, post, queues)
    post.loop.run_until_complete(post.delivery.close())
    post.loop.close()
    standing.stop()
    for item in ITEMS:
        item._connection = None
    aws._session.cache_clear()
    aws.aws_client.cache_clear()


def broadcast(house: House, *records: dict[str, Any]) -> None:
    table = house.fan_out.settings.chat_messages_table
    for one in records:
        name = one["eventSourceARN"].split("/")[1]
        if name.endswith("ChatMessages"):
            one["eventSourceARN"] = one["eventSourceARN"].replace(name, table)
        else:
            one["eventSourceARN"] = one["eventSourceARN"].replace(
                name, house.fan_out.settings.audience_table
            )
    assert house.fan_out.handler({"Records": list(records)}, None) == {"batchItemFailures": []}


def message(number: int) -> Any:
    return chat_message(message_id=f"01JZ00000000000000000000{number:02}")


def test_a_stored_message_reaches_every_shard(house: House) -> None:
    totals(1, 1, peak_viewers=2 * VIEWERS_PER_SHARD).save()
    for number in range(6):
        house.connect(f"c{number}=", shard=number % 2)
    broadcast(house, record(None, message(1)), record(None, message(2)))
    assert house.work_off() == {"batchItemFailures": []}
    expected = [f"01JZ00000000000000000000{number:02}" for number in (1, 2)]
    assert all(house.got(f"c{number}=") == expected for number in range(6))
    assert all(len(house.gateway.received[f"c{number}="]) == 1 for number in range(6))


def test_a_batch_that_comes_again_is_posted_once(house: House) -> None:
    house.connect("c=")
    records = [record(None, message(1)), record(totals(1, 1), totals(2, 2))]
    broadcast(house, *records)
    broadcast(house, *records)
    house.work_off()
    house.work_off()
    assert len(house.gateway.received["c="]) == 1


def test_a_gone_connection_is_told_and_a_stuck_one_gets_its_frame_later(house: House) -> None:
    for number in range(3):
        house.connect(f"c{number}=")
    house.gateway.faults["c0="].append(410)
    house.gateway.faults["c1="].extend([503] * 5)
    broadcast(house, record(None, message(1)))
    assert house.work_off() == {"batchItemFailures": []}
    (departure,) = house.receive("departures")
    assert json.loads(departure["Body"])["connectionId"] == "c0="
    assert house.gateway.received["c1="] == []
    assert house.work_off() == {"batchItemFailures": []}
    assert [len(house.gateway.received[f"c{number}="]) for number in range(3)] == [0, 1, 1]


def test_poison_on_either_side_is_kept_with_its_reason_and_holds_up_nobody(house: House) -> None:
    house.connect("c=")
    poison = record(None, message(1))
    del poison["dynamodb"]["NewImage"]["userId"]
    broadcast(house, poison, record(None, message(2)))
    house.cloud.client("sqs").send_message(
        QueueUrl=house.queues["posts.fifo"],
        MessageBody="poison",
        MessageGroupId=f"{STREAM}#0",
        MessageDeduplicationId="poison",
    )
    assert house.work_off() == {"batchItemFailures": []}
    assert house.got("c=") == ["01JZ0000000000000000000002"]
    reasons = {json.loads(kept["Body"])["reason"] for kept in house.receive("aside")}
    assert reasons == {"userId is missing", "JSONDecodeError"}


def test_who_is_banned_is_disconnected(house: House) -> None:
    house.connect("mine=", viewer_id="anna")
    house.connect("theirs=", viewer_id="bert")
    banned = record(None, MemberItem("creator", "anna", banned_until=253_402_214_400_000))
    banned["eventSourceARN"] = (
        f"arn:aws:dynamodb:x:1:table/{house.fan_out.settings.members_table}/stream/1"
    )
    house.fan_out.handler({"Records": [banned]}, None)
    house.work_off()
    assert house.gateway.closed == ["mine="]
