"""What is left of a stream, and of a person, when they asked to be erased."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import jwt
import pytest

from ayinel_live.runtime.names import table_output
from local.client import join_chat
from local.video.test_pattern import Pattern, TestPattern
from tests.support.broadcast import start_stream, wait_until, wait_until_live
from tests.support.spying import BusTap, tapped_bus
from tests.support.stack import Stack

SMALL = Pattern(320, 180)


def tables_with(stack: Stack, text: str) -> list[str]:
    """Return the tables in which a text lies."""
    tables: Any = stack.client("dynamodb")
    found = []
    for table in tables.get_paginator("list_tables").paginate().search("TableNames[]"):
        pages = tables.get_paginator("scan").paginate(TableName=table)
        if any(text in json.dumps(page["Items"], default=str) for page in pages):
            found.append(table)
    return found


def recorded(stack: Stack, channel_arn: str) -> list[str]:
    """Return the keys of all that was recorded of a video channel."""
    s3: Any = stack.client("s3")
    pages = s3.get_paginator("list_objects_v2")
    channel = f"/{channel_arn.rpartition('/')[2]}/"
    return [
        entry["Key"]
        for bucket in s3.list_buckets()["Buckets"]
        for page in pages.paginate(Bucket=bucket["Name"])
        for entry in page.get("Contents", ())
        if channel in entry["Key"]
    ]


def channel_of(stack: Stack, stream_id: str) -> str:
    """Return the video channel of a stream, as its item has it."""
    output = table_output("Streams")
    table = stack.outputs[output[0].lower() + output[1:]]
    key = {"streamId": {"S": stream_id}}
    item = stack.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
    return str(item["channelArn"]["S"])


@pytest.fixture
def tap(stack: Stack) -> Iterator[BusTap]:
    with tapped_bus(stack, "erasure-tap") as tap:
        yield tap


async def test_nothing_is_left_of_a_person_who_asked_to_be_erased(
    stack: Stack, tap: BusTap
) -> None:
    creator, viewer = stack.api("erased-owner"), stack.api("erased-viewer")
    creator_id, viewer_id = (
        jwt.decode(stack.token(name), options={"verify_signature": False})["sub"]
        for name in ("erased-owner", "erased-viewer")
    )
    started = await asyncio.to_thread(start_stream, creator)
    stream_id = started["streamId"]
    channel_arn = channel_of(stack, stream_id)
    async with TestPattern(started["rtmpUrl"], started["streamKey"], SMALL):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        async with join_chat(viewer, stream_id) as client:
            await client.send("soon to be forgotten")
            await client.wait_for_message("soon to be forgotten")
        assert tables_with(stack, viewer_id)
        assert creator.call("PUT", f"/channel/bans/{viewer_id}").status_code == 204
        receipt = viewer.call("DELETE", "/users/me")
        assert receipt.status_code == 202
        assert receipt.json()["backupsExpireAt"] > receipt.json()["requestedAt"]
        await asyncio.to_thread(
            wait_until,
            lambda: not tables_with(stack, viewer_id),
            seconds=40,
            what="the viewer erased",
        )
        refused = viewer.call("POST", f"/{stream_id}/chat-ticket")
        assert (refused.status_code, refused.json()["code"]) == (403, "banned")
        assert creator.get(f"/status/{stream_id}")["status"] == "live"
        await asyncio.to_thread(
            wait_until,
            lambda: bool(recorded(stack, channel_arn)),
            seconds=30,
            what="pieces of the recording",
        )
    last = creator.call("DELETE", "/users/me")
    assert last.status_code == 202
    await asyncio.to_thread(
        wait_until,
        lambda: tables_with(stack, creator_id) == tables_with(stack, stream_id) == [],
        # Its recording goes on for the reconnect window, and is waited for.
        seconds=120,
        what="the creator erased",
    )
    assert viewer.call("GET", f"/{stream_id}").status_code == 404
    assert recorded(stack, channel_arn) == []
    receipts = {answer.json()["receiptId"]: answer.json() for answer in (receipt, last)}
    told: dict[str, Any] = {}

    def is_announced() -> bool:
        events = [event["detail"] for event in tap.events() if event["detail-type"] == "UserErased"]
        told.update({event["receiptId"]: event for event in events})
        return told.keys() == receipts.keys()

    await asyncio.to_thread(wait_until, is_announced, seconds=20, what="the final events")
    for receipt_id, event in told.items():
        assert event["backupsExpireAt"] == receipts[receipt_id]["backupsExpireAt"]
    assert {event["userId"] for event in told.values()} == {creator_id, viewer_id}
