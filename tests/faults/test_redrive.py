"""Poison is set aside and blocks nobody; what was set aside can be tried again."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from typing import Any

import httpx

from ayinel_live.chat.model import PendingMessage
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.ids import new_ulid
from local.redrive import Redriven, redrive_here
from tests.faults.house import open_viewers
from tests.faults.proxy import FaultyRuntime
from tests.support.broadcast import start_stream, wait_until
from tests.support.stack import Stack


def put(stack: Stack, output: str, body: str, group: str) -> None:
    stack.client("sqs").send_message(
        QueueUrl=stack.outputs[output],
        MessageBody=body,
        MessageGroupId=group,
        MessageDeduplicationId=new_ulid(utc_now()),
    )


def waiting(stack: Stack, output: str) -> int:
    named = ["ApproximateNumberOfMessages"]
    answer = stack.client("sqs").get_queue_attributes(
        QueueUrl=stack.outputs[output], AttributeNames=named
    )
    return int(answer["Attributes"][named[0]])


def take(stack: Stack, output: str) -> dict[str, Any]:
    """Take the one message that a failure queue holds."""
    queues, url = stack.client("sqs"), stack.outputs[output]
    wait_until(lambda: waiting(stack, output) == 1, seconds=30, what=f"one message in {output}")
    (message,) = queues.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    taken: dict[str, Any] = message
    return taken


def pending(stream_id: str, owner_id: str, text: str) -> str:
    now = utc_now()
    message = PendingMessage(
        message_id=new_ulid(now),
        stream_id=stream_id,
        owner_id=owner_id,
        user_id="redriven",
        display_name="Redriven",
        role="viewer",
        message=text,
        client_message_id=text.replace(" ", "-"),
    )
    return message.model_dump_json(by_alias=True, exclude_none=True)


def newest_batch(stack: Stack) -> dict[str, str]:
    """Return what Lambda puts into a failure queue for a batch of the chat messages' stream."""
    name = stack.outputs["chatMessagesTableName"]
    arn = stack.client("dynamodb").describe_table(TableName=name)["Table"]["LatestStreamArn"]
    streams = stack.client("dynamodbstreams")
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    numbers = [
        record["dynamodb"]["SequenceNumber"]
        for record in streams.get_records(ShardIterator=iterator)["Records"]
    ]
    return {
        "streamArn": arn,
        "shardId": shard,
        "startSequenceNumber": numbers[0],
        "endSequenceNumber": numbers[-1],
    }


async def test_poison_is_set_aside_and_what_was_set_aside_is_redriven(
    faulty: tuple[Stack, FaultyRuntime],
) -> None:
    stack, runtime = faulty
    owner = stack.api("redrive-owner")
    started = await asyncio.to_thread(start_stream, owner, title="Redrive")
    stream_id = started["streamId"]
    owner_id = owner.get(f"/{stream_id}")["userId"]
    group = f"{stream_id}#0"

    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        (viewer,) = await open_viewers(stack, http, stream_id, 1, exits)

        def is_shown(text: str) -> bool:
            return text in viewer.seen.shown.values()

        async def until_shown(text: str) -> None:
            await asyncio.to_thread(wait_until, lambda: is_shown(text), seconds=60, what=text)

        put(stack, "moderationQueueUrl", '{"no": "message"}', group)
        put(stack, "moderationQueueUrl", pending(stream_id, owner_id, "next in the line"), group)
        await until_shown("next in the line")
        poison = await asyncio.to_thread(take, stack, "moderationFailuresQueueUrl")
        reason = poison["MessageAttributes"]["reason"]["StringValue"]
        assert reason.startswith("unreadable: ")

        put(stack, "postsQueueUrl", '{"no": "posting"}', f"{stream_id}#0")
        put(stack, "moderationQueueUrl", pending(stream_id, owner_id, "third in the line"), group)
        await until_shown("third in the line")
        poison = await asyncio.to_thread(take, stack, "postsFailuresQueueUrl")
        assert json.loads(poison["Body"]) == {
            "source": "posts",
            "reason": "KeyError",
            "body": '{"no": "posting"}',
        }

        late = pending(stream_id, owner_id, "set aside and redriven")
        put(stack, "moderationFailuresQueueUrl", late, group)
        results = await asyncio.to_thread(redrive_here, runtime, "Moderation")
        assert results == [Redriven("Moderation", 1, [])]
        await until_shown("set aside and redriven")

        batch = json.dumps({"DDBStreamBatchInfo": newest_batch(stack)})
        failures = stack.outputs["fanOutWorkerFailuresQueueUrl"]
        stack.client("sqs").send_message(QueueUrl=failures, MessageBody=batch)
        results = await asyncio.to_thread(redrive_here, runtime, "FanOutWorker")
        assert results == [Redriven("FanOutWorker", 1, [])]
        await asyncio.sleep(2)
        assert viewer.seen.twice == [], "a batch that was told again is shown again"
    assert waiting(stack, "fanOutWorkerFailuresQueueUrl") == 0
