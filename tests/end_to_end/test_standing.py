"""What a change of somebody's standing does to a chat that is open, on the deployed stack."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.support.broadcast import start_stream
from tests.support.following import FollowingClient
from tests.support.stack import Stack

Event = dict[str, Any]
# The rules hold personal data for a moderator.
HELD = (
    "write to me at anna.b@example.org about the garden chairs",
    "the atlas is yours, just ask atlas.collector@example.com",
    "our baker answers before noon under fresh-bread@example.net",
)


class Watcher:
    """A client with all that it was told."""

    def __init__(self, client: FollowingClient, events: list[Event]) -> None:
        self.client = client
        self.events = events

    def held_texts(self) -> list[str]:
        return [e["message"] for e in self.events if e["type"] == "message-held" and "message" in e]


@asynccontextmanager
async def watching(
    stack: Stack, http: httpx.AsyncClient, stream_id: str, name: str | None
) -> AsyncIterator[Watcher]:
    events: list[Event] = []
    token = None if name is None else await asyncio.to_thread(stack.token, name)
    client = FollowingClient(
        http,
        stack.outputs["apiUrl"],
        stream_id,
        token=token,
        on_frame=lambda frame: events.extend(frame.get("events", [frame])),
    )
    running = asyncio.create_task(client.run())
    try:
        await asyncio.wait_for(client.is_open.wait(), 30)
        yield Watcher(client, events)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def eventually(check: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        await asyncio.sleep(0.1)


@pytest.fixture
def stream_id(stack: Stack) -> str:
    return str(start_stream(stack.api("lena"), title="Standing")["streamId"])


async def test_who_is_appointed_or_dismissed_sees_the_held_queue_or_does_not(
    stack: Stack, stream_id: str
) -> None:
    creator = stack.api("lena")
    async with (
        httpx.AsyncClient(timeout=30) as http,
        watching(stack, http, stream_id, "mod") as mod,
        watching(stack, http, stream_id, "ana") as ana,
    ):
        path = f"/channel/moderators/{mod.client.viewer_id}"
        first, second, third = HELD
        shown = await ana.client.send("a bright lantern by the lighthouse at noon")
        await eventually(lambda: shown in mod.client.seen.shown, "what everybody sees")
        await ana.client.send(first)
        await eventually(lambda: any(e["type"] == "message-held" for e in ana.events), "a hold")
        assert mod.held_texts() == []

        opened = mod.client.opened
        await asyncio.to_thread(creator.call, "PUT", path)
        await eventually(lambda: mod.client.opened > opened, "a connection with the new role")
        await eventually(lambda: first in mod.held_texts(), "what was held lately")
        await ana.client.send(second)
        await eventually(lambda: second in mod.held_texts(), "what is held now")

        opened = mod.client.opened
        await asyncio.to_thread(creator.call, "DELETE", path)
        await ana.client.send(third)
        await eventually(
            lambda: sum(e["type"] == "message-held" for e in ana.events) >= 3, "the third hold"
        )
        await eventually(lambda: mod.client.opened > opened, "a connection as a viewer again")
        await ana.client.send("three lemons on the terrace at noon")
        await eventually(
            lambda: "three lemons on the terrace at noon" in mod.client.seen.shown.values(),
            "what everybody sees",
        )
        assert set(mod.held_texts()) == {first, second}


async def test_a_ban_ends_open_connections_and_takes_away_what_it_is_told_to(
    stack: Stack, stream_id: str
) -> None:
    creator = stack.api("lena")
    async with (
        httpx.AsyncClient(timeout=30) as http,
        watching(stack, http, stream_id, "eve") as eve,
        watching(stack, http, stream_id, None) as viewer,
    ):
        spam = await eve.client.send("a paper boat under the bridge this morning")
        await eventually(lambda: spam in viewer.client.seen.shown, "the message")

        body = {"reason": "spam", "removeMessagesSeconds": 600}
        path = f"/channel/bans/{eve.client.viewer_id}"
        answer = await asyncio.to_thread(creator.call, "PUT", path, body)

        assert answer.status_code == 204
        await eventually(
            lambda: any(
                (e["type"], e.get("id"), e.get("status")) == ("message-updated", spam, "removed")
                for e in viewer.events
            ),
            "the removal",
        )
        await eventually(lambda: not eve.client.is_open.is_set(), "the end of the connection")
        await eventually(lambda: eve.client.refused > 1, "no ticket any more")
        page = await asyncio.to_thread(stack.api().get, f"/{stream_id}/messages")
        assert spam not in [message["id"] for message in page["messages"]]
        log = await asyncio.to_thread(creator.get, "/channel/moderation-log")
        latest = {(e["action"], e.get("messageId"), e["reason"]) for e in log["entries"][:2]}
        assert latest == {("ban", None, "spam"), ("remove-message", spam, "spam")}
        await asyncio.to_thread(creator.call, "DELETE", path)
