"""Every frame that clients of a real broadcast get keeps to the AsyncAPI document."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.contract.schemas import frame_faults
from tests.support.broadcast import publishing, start_stream
from tests.support.following import FollowingClient
from tests.support.stack import Stack

Frame = dict[str, Any]
# What a broadcast with moderators, a hold, a removal and a time-out must bring at the least.
EXPECTED = {
    "message",
    "message-updated",
    "message-held",
    "message-rejected",
    "message-accepted",
    "user-banned",
    "viewer-count",
    "stream-status",
    "stream-health",
    "pong",
    "resumed",
    "problem",
}


class Recorder:
    """Keeps every frame of every client."""

    def __init__(self, stack: Stack, stream_id: str, http: httpx.AsyncClient) -> None:
        self.frames: list[Frame] = []
        self._stack = stack
        self._stream_id = stream_id
        self._http = http

    def events(self) -> list[Frame]:
        return [
            event
            for frame in self.frames
            for event in (frame["events"] if frame["type"] == "batch" else [frame])
        ]

    async def wait_for(self, wanted: Callable[[Frame], bool], what: str) -> Frame:
        for _ in range(300):
            found = next((event for event in self.events() if wanted(event)), None)
            if found is not None:
                return found
            await asyncio.sleep(0.1)
        seen = [event["type"] for event in self.events()]
        raise AssertionError(f"{what} did not come; these did: {seen}")

    async def wait_for_type(self, kind: str) -> Frame:
        return await self.wait_for(lambda event: event["type"] == kind, kind)

    @asynccontextmanager
    async def client(self, name: str | None) -> AsyncIterator[FollowingClient]:
        client = FollowingClient(
            self._http,
            self._stack.outputs["apiUrl"],
            self._stream_id,
            token=None if name is None else await asyncio.to_thread(self._stack.token, name),
            on_frame=self.frames.append,
        )
        running = asyncio.create_task(client.run())
        try:
            await asyncio.wait_for(client.is_open.wait(), 30)
            yield client
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def misbehave(client: FollowingClient, recorder: Recorder) -> None:
    """Send what is no frame, and see the connection stay."""
    opened = client.opened
    for broken in ("no json", b"\x00\x01", '{"action":"fly"}', '{"action":"send-message"}'):
        await client.send_frame(broken)
    await client.send_frame({"action": "heartbeat", "extra": 1})
    await client.send_frame({"action": "heartbeat"})
    await recorder.wait_for_type("pong")
    await recorder.wait_for(
        lambda event: event["type"] == "problem" and event["problem"]["code"] == "binary-frame",
        "the refusal of a binary frame",
    )
    assert client.opened == opened


async def moderate(stack: Stack, recorder: Recorder, stream_id: str, guest_id: str) -> None:
    """Decide on what is held, take a message away, time somebody out."""
    owner = stack.api("frances")
    held = await recorder.wait_for(
        lambda event: event["type"] == "message-held" and "message" in event, "a held message"
    )
    shown = await recorder.wait_for_type("message")
    decision = {"decision": "approve"}
    await asyncio.to_thread(owner.post, f"/{stream_id}/held-messages/{held['id']}", decision)
    await recorder.wait_for(
        lambda event: event["type"] == "message-updated" and event["status"] == "shown", "approval"
    )
    removed = await asyncio.to_thread(
        owner.call, "DELETE", f"/{stream_id}/messages/{shown['id']}?reason=spoiler"
    )
    assert removed.status_code == 204, removed.text
    await recorder.wait_for(
        lambda event: event["type"] == "message-updated" and event["status"] == "removed", "removal"
    )
    banned = await asyncio.to_thread(
        owner.call, "PUT", f"/channel/bans/{guest_id}", {"durationSeconds": 60, "reason": "pause"}
    )
    assert banned.is_success, banned.text
    await recorder.wait_for_type("user-banned")


async def test_every_frame_of_a_broadcast_keeps_to_the_document(stack: Stack) -> None:
    owner = stack.api("frances")
    started = await asyncio.to_thread(start_stream, owner, title="Frames")
    stream_id = started["streamId"]
    async with httpx.AsyncClient(timeout=30) as http:
        recorder = Recorder(stack, stream_id, http)
        async with (
            recorder.client("frances"),
            recorder.client("gil") as gil,
            recorder.client(None) as guest,
            publishing(started),
        ):
            await recorder.wait_for_type("stream-status")
            await gil.send("a friendly word")
            await guest.send("call me at +1 415 555 0132")
            await guest.send_frame(
                {
                    "action": "send-message",
                    "streamId": stream_id,
                    "message": "you stupid bitch",
                    "clientMessageId": "rude-1",
                }
            )
            await recorder.wait_for_type("message-rejected")
            await misbehave(gil, recorder)
            await moderate(stack, recorder, stream_id, guest.viewer_id)
            await recorder.wait_for_type("viewer-count")
            await recorder.wait_for_type("stream-health")
            await asyncio.to_thread(owner.post, f"/{stream_id}/stop")
            await recorder.wait_for(
                lambda event: event["type"] == "stream-status" and event["status"] != "live",
                "the end",
            )
    faults = {fault for frame in recorder.frames for fault in frame_faults(frame)}
    assert faults == set()
    missing = EXPECTED - {event["type"] for event in recorder.events()}
    assert missing == set()
    text = str(recorder.frames)
    assert started["streamKey"] not in text
