"""What is left of a stream, and of a person, when they asked to be erased."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import jwt

from local.client import join_chat
from local.video.test_pattern import Pattern, TestPattern
from tests.support.broadcast import start_stream, wait_until, wait_until_live
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


async def test_nothing_is_left_of_a_person_who_asked_to_be_erased(stack: Stack) -> None:
    creator, viewer = stack.api("erased-owner"), stack.api("erased-viewer")
    creator_id, viewer_id = (
        jwt.decode(stack.token(name), options={"verify_signature": False})["sub"]
        for name in ("erased-owner", "erased-viewer")
    )
    started = await asyncio.to_thread(start_stream, creator)
    stream_id = started["streamId"]
    async with TestPattern(started["rtmpUrl"], started["streamKey"], SMALL):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        async with join_chat(viewer, stream_id) as client:
            await client.send("soon to be forgotten")
            await client.wait_for_message("soon to be forgotten")
        assert tables_with(stack, viewer_id)
        receipt = viewer.call("DELETE", "/users/me")
        assert receipt.status_code == 202
        assert receipt.json()["backupsExpireAt"] > receipt.json()["requestedAt"]
        await asyncio.to_thread(
            wait_until,
            lambda: not tables_with(stack, viewer_id),
            seconds=40,
            what="the viewer erased",
        )
        assert creator.get(f"/status/{stream_id}")["status"] == "live"
    assert creator.call("DELETE", "/users/me").status_code == 202
    await asyncio.to_thread(
        wait_until,
        lambda: tables_with(stack, creator_id) == tables_with(stack, stream_id) == [],
        seconds=60,
        what="the creator erased",
    )
    assert viewer.call("GET", f"/{stream_id}").status_code == 404
