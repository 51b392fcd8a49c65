"""What a creator is told of the own encoder, and nobody else is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from local.client import join_chat
from tests.support.broadcast import publishing, start_stream, wait_until, wait_until_live
from tests.support.stack import Stack

pytestmark = pytest.mark.slow


async def test_owner_sees_what_the_encoder_sends_and_that_it_starves(stack: Stack) -> None:
    owner, viewer = stack.api("hedy"), stack.api("ian")
    started = await asyncio.to_thread(start_stream, owner, title="A weak line")
    stream_id = started["streamId"]
    path = f"/{stream_id}/health"
    async with publishing(started) as encoder:
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        async with join_chat(owner, stream_id) as studio, join_chat(viewer, stream_id) as watching:
            encoder.freeze()
            told = await studio.wait_for(
                lambda event: event["type"] == "stream-health" and event["state"] == "starving",
                seconds=60,
            )
            encoder.thaw()
            await studio.wait_for(
                lambda event: event["type"] == "stream-health" and event["state"] == "healthy",
                seconds=60,
            )
            assert told["streamId"] == stream_id
            await watching.send("is it me?")
            await watching.wait_for_message("is it me?")
            assert all(event["type"] != "stream-health" for event in watching.events)
        health: dict[str, Any] = {}

        def is_well() -> bool:
            # A machine that is busy starves the encoder too, for a moment.
            health.update(owner.get(path))
            return "ingest" in health and health["state"] == "healthy"

        await asyncio.to_thread(
            wait_until, is_well, seconds=90, what="an encoder that is well, with its settings"
        )
        kinds = [event["kind"] for event in health["events"]]
        assert kinds.index("starvation-ended") < kinds.index("starvation-started")
        moments = [event["at"] for event in health["events"]]
        assert moments == sorted(moments, reverse=True)
        assert health["ingest"]["width"] > 0
        assert health["ingest"]["videoCodec"]
        assert viewer.call("GET", path).status_code == 403
        owner.post(f"/{stream_id}/stop")
