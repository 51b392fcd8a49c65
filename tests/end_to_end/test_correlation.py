"""One id leads from a request through queues, workers and tables to the frame that it became."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from ayinel_live.runtime.correlation import CORRELATION_ATTRIBUTE
from local.client import join_chat
from tests.support.broadcast import start_stream, wait_until
from tests.support.stack import Stack
from tests.support.telemetry import entries

BEHIND_A_FRAME = ("moderation_worker", "fan_out_worker", "post_worker")
BEHIND_A_REQUEST = ("fan_out_worker", "post_worker")


def lines_of(stack: Stack, function: str) -> Iterator[dict[str, Any]]:
    """Yield what a function wrote, its lines of metrics too."""
    logs = stack.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name: str = group["logGroupName"]
            if name.endswith((function, function.replace("_", "-"))):
                for events in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                    for event in events["events"]:
                        yield from entries(event["message"])


def is_told_of(stack: Stack, function: str, correlation_id: str) -> bool:
    return any(
        correlation_id in line.get("correlation_ids", ()) for line in lines_of(stack, function)
    )


async def until_told(stack: Stack, functions: tuple[str, ...], correlation_id: str) -> None:
    for function in functions:
        await asyncio.to_thread(
            wait_until,
            lambda function=function: is_told_of(stack, function, correlation_id),  # type: ignore[misc]  # mypy infers no lambda with defaults
            seconds=20,
            what=f"{function} telling of {correlation_id}",
        )


def accepted(stack: Stack, message_id: str) -> list[dict[str, Any]]:
    return [
        line
        for line in lines_of(stack, "chat_socket")
        if line.get("message") == "message_accepted" and line.get("message_id") == message_id
    ]


async def test_message_and_its_removal_can_be_followed_to_the_frame(stack: Stack) -> None:
    creator, viewer = stack.api("ana"), stack.api("ben")
    stream_id = (await asyncio.to_thread(start_stream, creator))["streamId"]
    async with join_chat(viewer, stream_id) as ben:
        await ben.send("follow me")
        message_id = (await ben.wait_for_message("follow me"))["id"]
        removal = await asyncio.to_thread(
            creator.call, "DELETE", f"/{stream_id}/messages/{message_id}"
        )
        assert removal.status_code == 204
        await ben.wait_for(
            lambda event: event["type"] == "message-updated" and event["id"] == message_id
        )
    await asyncio.to_thread(
        wait_until, lambda: bool(accepted(stack, message_id)), seconds=20, what="the accepted line"
    )
    (line,) = accepted(stack, message_id)
    await until_told(stack, BEHIND_A_FRAME, line["request_id"])

    item = stack.client("dynamodb").get_item(
        TableName=stack.outputs["chatMessagesTableName"],
        Key={"streamId": {"S": stream_id}, "messageId": {"S": message_id}},
    )["Item"]
    removed_by = item[CORRELATION_ATTRIBUTE]["S"]
    assert removed_by != line["request_id"]
    await until_told(stack, BEHIND_A_REQUEST, removed_by)
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
