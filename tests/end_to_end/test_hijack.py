"""Attempts to take a broadcast over, and the hunt for its keys through everything that was kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx
import jwt

from local.video.test_pattern import Pattern, TestPattern
from tests.support.broadcast import start_stream, wait_until, wait_until_live
from tests.support.stack import Stack

SMALL = Pattern(320, 180)


async def is_refused(started: dict[str, Any], key: str) -> bool:
    """Whether an encoder with a key is thrown off."""
    async with TestPattern(started["rtmpUrl"], key, SMALL) as publisher:
        assert publisher.process is not None
        try:
            await asyncio.wait_for(publisher.process.wait(), timeout=15)
        except TimeoutError:
            return False
    return True


async def playback_status(url: str) -> int:
    """What a player is answered."""
    answer = await asyncio.to_thread(httpx.get, url)
    return answer.status_code


async def test_broadcast_cannot_be_taken_over_and_its_keys_are_nowhere(stack: Stack) -> None:
    creator, viewer = stack.api("hijack-owner"), stack.api()
    started = await asyncio.to_thread(start_stream, creator)
    stream_id, old_key = started["streamId"], started["streamKey"]
    keys = [old_key]

    async with TestPattern(started["rtmpUrl"], old_key, SMALL) as thief:
        await asyncio.to_thread(wait_until_live, viewer, stream_id)
        assert await is_refused(started, old_key), "a second publisher came in"
        assert await is_refused(started, old_key[:-1] + "x"), "a guessed key came in"
        assert viewer.get(f"/status/{stream_id}")["status"] == "live"
        rotated = await asyncio.to_thread(creator.post, f"/{stream_id}/stream-key")
        keys.append(rotated["streamKey"])
        assert thief.process is not None
        await asyncio.wait_for(thief.process.wait(), timeout=15)
    assert await is_refused(started, old_key), "the old key came in after the rotation"

    async with TestPattern(started["rtmpUrl"], rotated["streamKey"], SMALL) as publisher:
        await asyncio.to_thread(
            wait_until,
            lambda: "interruptedAt" not in viewer.get(f"/{stream_id}"),
            seconds=20,
            what="the broadcast on air again",
        )
        assert viewer.get(f"/status/{stream_id}")["status"] == "live"
        await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
        assert publisher.process is not None
        await asyncio.wait_for(publisher.process.wait(), timeout=15)
    assert await is_refused(started, rotated["streamKey"]), "a key came in after the stop"
    assert viewer.get(f"/status/{stream_id}")["status"] in {"offline", "processing"}

    kept = await asyncio.to_thread(lambda: list(everything_kept(stack)))
    assert any(stream_id in text for where, text in kept if where.startswith("the log"))
    assert any(stream_id in text for where, text in kept if where.startswith("the table"))
    for where, text in kept:
        for key in keys:
            assert key not in text, f"a stream key lies in {where}"


async def test_stop_while_the_encoder_is_away_keeps_it_away(stack: Stack) -> None:
    creator = stack.api("hijack-reconnect")
    started = await asyncio.to_thread(start_stream, creator)
    async with TestPattern(started["rtmpUrl"], started["streamKey"], SMALL):
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")
    assert await is_refused(started, started["streamKey"])
    assert creator.get(f"/status/{started['streamId']}")["status"] in {"offline", "processing"}


async def test_private_video_opens_to_the_invited_and_shuts_again(stack: Stack) -> None:
    creator, guest, stranger = stack.api("private-owner"), stack.api("private-guest"), stack.api()
    guest_id = jwt.decode(stack.token("private-guest"), options={"verify_signature": False})["sub"]
    started = await asyncio.to_thread(start_stream, creator, visibility="PRIVATE")
    path = f"/{started['streamId']}"
    async with TestPattern(started["rtmpUrl"], started["streamKey"], SMALL):
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
        assert stranger.call("GET", path).status_code == 404
        assert guest.call("GET", path).status_code == 404
        bare = started["playbackUrl"].partition("?")[0]
        assert await playback_status(bare) == 403
        assert creator.call("PUT", f"{path}/invitations/{guest_id}").status_code == 204
        signed = guest.get(path)["playbackUrl"]
        assert await playback_status(signed) == 200
        assert creator.call("DELETE", f"{path}/invitations/{guest_id}").status_code == 204
        assert guest.call("GET", path).status_code == 404
        await asyncio.to_thread(
            wait_until,
            lambda: httpx.get(signed).status_code == 403,
            seconds=20,
            what="the guest's token refused",
        )
        await asyncio.to_thread(creator.post, f"{path}/stop")


def everything_kept(stack: Stack) -> Iterator[tuple[str, str]]:
    """Yield every log event, every item and every waiting message of the stack, with its place."""
    logs: Any = stack.client("logs")
    for group in logs.get_paginator("describe_log_groups").paginate().search("logGroups[]"):
        name = group["logGroupName"]
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        for event in pages.search("events[]"):
            yield f"the log {name}", event["message"] if event else ""
    tables: Any = stack.client("dynamodb")
    for table in tables.get_paginator("list_tables").paginate().search("TableNames[]"):
        for page in tables.get_paginator("scan").paginate(TableName=table):
            yield f"the table {table}", json.dumps(page["Items"], default=str)
