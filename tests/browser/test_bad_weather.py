"""What goes wrong: a network that is cut, hostile text, a failing API, broken frames."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Route, WebSocketRoute, expect
from ulid import ULID

from local.client import join_chat
from tests.browser.conftest import House
from tests.support.broadcast import publishing, start_stream, wait_until_live
from tests.support.stack import Stack

MISSED = ("the harbour is quiet tonight", "look at that gull", "more blue on the left, please")
OFFLINE = "typed on a train, in a tunnel"
HOSTILE = (
    "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>",
    "\u202egnp.tkcatta\u202c tail",
    "Z\u0315\u0301\u0300\u0302\u0303\u0304\u0305\u0306\u0307\u0308algo",
    "javascript:window.hacked=1 <a href=javascript:window.hacked=1>x</a>",
)
# Comes through the whole platform, not from a prepared answer.
LIVE_MARKUP = "<b onclick=window.hacked=1>bold</b> strokes &amp; thin ones"


async def test_network_cut_and_back_loses_and_doubles_no_message(
    stack: Stack, house: House
) -> None:
    creator = stack.api("web-hal")
    started = await asyncio.to_thread(start_stream, creator)
    stream_id = started["streamId"]
    async with (
        publishing(started),
        join_chat(creator, stream_id) as host,
    ):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        viewer = await house.visitor("/")
        sockets: list[WebSocketRoute] = []

        def keep(socket: WebSocketRoute) -> None:
            socket.connect_to_server()
            sockets.append(socket)

        await viewer.page.route_web_socket("**", keep)
        # Somebody new in each run: a line that was said before may be held as a repeat.
        name = f"ivy-{ULID()}".lower()
        await asyncio.to_thread(house.account, name)
        await viewer.sign_in(name)
        # The refresh token lies in the tab's session storage, so the page stays signed in.
        await viewer.open(f"/watch?stream={stream_id}")
        await host.send("before the cut")
        await expect(viewer.message("before the cut")).to_have_count(1)

        await viewer.context.set_offline(offline=True)
        await sockets[-1].close(code=4001)
        await viewer.page.locator("live-chat [data-connection=waiting]").wait_for()
        for text in MISSED:
            await host.send(text)
            await host.wait_for_message(text)
        await viewer.say(OFFLINE)
        await expect(viewer.message(OFFLINE, "sending")).to_have_count(1)

        await viewer.context.set_offline(offline=False)
        await expect(viewer.message(MISSED[-1])).to_have_count(1, timeout=45_000)
        await expect(viewer.message(OFFLINE)).to_have_count(1)
        await host.wait_for_message(OFFLINE)
        await host.send("after the cut")
        await expect(viewer.message("after the cut")).to_have_count(1)
        for text in MISSED:
            await expect(viewer.message(text)).to_have_count(1)
        await expect(viewer.message("before the cut")).to_have_count(1)
        assert len(sockets) >= 2
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")


async def test_hostile_text_is_shown_as_text(stack: Stack, house: House) -> None:
    creator = stack.api("web-jon")
    title = "<script>window.hacked=1</script>\u202egnp"
    started = await asyncio.to_thread(
        start_stream, creator, title="<script>window.hacked=1</script>", description=HOSTILE[0]
    )
    stream_id = started["streamId"]
    page_of_history = {
        "messages": [
            {
                "id": f"01ARZ3NDEKTSV4RRFFQ69G5FA{number}",
                "streamId": stream_id,
                "userId": "someone",
                "displayName": "\u202eSomeone <b>",
                "role": "viewer",
                "message": text,
                "timestamp": "2026-01-01T00:00:00Z",
                "isModerated": False,
                "clientMessageId": f"c{number}",
                "changeId": f"01ARZ3NDEKTSV4RRFFQ69G5FA{number}",
                "version": 1,
            }
            for number, text in enumerate((*HOSTILE, "x" * 2000, title))
        ]
    }
    name = f"hana-{ULID()}".lower()
    viewer = await house.visitor("/", name=name)

    async def answer(route: Route) -> None:
        await route.fulfill(json=page_of_history, headers={"access-control-allow-origin": "*"})

    await viewer.page.route("**/messages?limit=*", answer)
    await viewer.open(f"/watch?stream={stream_id}")
    await expect(viewer.page.locator("live-chat .message[data-id]")).to_have_count(6)
    await expect(viewer.page.locator("h1")).to_contain_text("<script>window.hacked=1</script>")
    async with join_chat(creator, stream_id) as host:
        await host.send(LIVE_MARKUP)
        await expect(viewer.message(LIVE_MARKUP)).to_have_count(1)
    shown = await viewer.page.locator("live-chat .message").all_inner_texts()
    assert any("<img src=x onerror" in text for text in shown)
    assert not any("\u202e" in text for text in shown)
    assert await viewer.page.evaluate("window.hacked") is None
    width = "document.documentElement.scrollWidth <= innerWidth"
    assert await viewer.page.evaluate(width), "2,000 characters widen the page"
    assert await viewer.page.locator("live-chat .message a").count() == 0
    assert await viewer.page.locator("live-chat .message :is(b, img, script)").count() == 0
    await viewer.page.locator("live-chat textarea").fill("x" * 2000)
    await expect(viewer.page.locator("live-chat form [role=alert]")).to_contain_text("1,500")
    await expect(viewer.page.locator("live-chat form button.primary")).to_be_disabled()
    assert not viewer.faults, viewer.faults
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")


def _answering(answer: dict[str, Any]) -> Callable[[Route], Awaitable[None]]:
    async def fulfil(route: Route) -> None:
        await route.fulfill(**answer, headers={"access-control-allow-origin": "*"})

    return fulfil


async def test_faults_of_the_api_are_words_and_never_a_blank_page(
    stack: Stack, house: House
) -> None:
    answers: tuple[dict[str, Any], ...] = (
        {"status": 500, "body": "<html>boom</html>", "content_type": "text/html"},
        {"status": 200, "body": "not json", "content_type": "application/json"},
        {"status": 429, "json": {"title": "Too many requests", "status": 429}},
        {"status": 200, "json": {}},
    )
    stream = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    for answer in answers:
        viewer = await house.visitor("/404")

        await viewer.page.route("**/api/v1/live**", _answering(answer))
        for path in ("/", f"/watch?stream={stream}", "/watch", "/studio", "/dashboard"):
            await viewer.open(path)
            await viewer.page.locator("main :is(h1, p)").first.wait_for()
            words = await viewer.page.locator("main").inner_text()
            assert words.strip(), f"{path} is blank at {json.dumps(answer)}"
            assert "boom</html>" not in words
    unreachable = await house.visitor("/404")
    await unreachable.page.route("**/api/v1/live**", lambda route: route.abort())
    await unreachable.open("/")
    await expect(unreachable.page.locator("[role=alert]")).to_contain_text("cannot be reached")


async def test_broken_frames_leave_the_chat_working(stack: Stack, house: House) -> None:
    creator = stack.api("web-kim")
    started = await asyncio.to_thread(start_stream, creator)
    stream_id = started["streamId"]
    viewer = await house.visitor("/")
    sockets: list[WebSocketRoute] = []

    def keep(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    await viewer.page.route_web_socket("**", keep)
    await viewer.open(f"/watch?stream={stream_id}")
    await viewer.wait_for_chat()
    for frame in ("", "{", "null", "[1]", '{"type": 7}', '{"type": "message"}', '{"type":"batch"}'):
        sockets[-1].send(frame)
    sockets[-1].send(
        json.dumps(
            {"type": "batch", "events": [None, {"type": "viewer-count"}, {"type": "problem"}]}
        )
    )
    async with join_chat(creator, stream_id) as host:
        await host.send("still working")
        await expect(viewer.message("still working")).to_have_count(1)
    assert not viewer.faults, viewer.faults
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
