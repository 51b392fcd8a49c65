"""A creator, a moving test pattern and three chatting viewers: `python -m local demo`."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from typing import TYPE_CHECKING, Any

from rich.console import Console

from local.accounts import Accounts
from local.client import ChatClient, LiveApi, join_chat
from local.errors import LocalError
from local.video.test_pattern import TestPattern

if TYPE_CHECKING:
    from local.runtime import Runtime

VIEWERS = ("bea", "chidi", "dana")
LIVE_SECONDS = 20.0
_LINES = (
    "hello from the test pattern",
    "the colours are so smooth today",
    "what is the bitrate?",
    "nice clock in the corner",
    "is this on one machine? wow",
    "greetings to the other two",
    "brb, coffee",
    "that beep is on time",
)

# An address that is broken over two lines cannot be copied.
_console = Console(stderr=True, highlight=False, soft_wrap=True)


def run_demo(runtime: Runtime, *, seconds: float | None) -> int:
    """Publish, chat and show what happens until Ctrl-C or the time is over.

    Args:
        runtime: A runtime that is up.
        seconds: How long; None is until Ctrl-C.

    Returns:
        The exit status.

    Raises:
        LocalError: The platform does not run, or the stream does not become live.
    """
    runtime.require_running()
    outputs = runtime.outputs()
    people = Accounts(
        outputs["awsEndpointUrl"],
        outputs["awsRegion"],
        outputs["userPoolId"],
        outputs["userPoolClientId"],
    )
    with _console.status("Signing up a creator"):
        creator = LiveApi(outputs["apiUrl"], people.token("demo-creator"))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run(outputs, people, creator, seconds))
    return 0


async def _run(
    outputs: dict[str, str], people: Accounts, creator: LiveApi, seconds: float | None
) -> None:
    stream = _start(creator)
    stream_id = stream["streamId"]
    pattern = TestPattern(stream["rtmpUrl"], stream["streamKey"])
    await pattern.start()
    try:
        with _console.status("Publishing; waiting for the first playable segment"):
            await _wait_until_live(creator, stream_id)
        _console.print(f"[bold]Watch[/bold]     {outputs['webUrl']}/watch?stream={stream_id}")
        _console.print(f"[bold]HLS[/bold]       {stream['playbackUrl']}")
        _console.print(f"[bold]Status[/bold]    {outputs['apiUrl']}/status/{stream_id}")
        _console.print("Ctrl-C ends it.\n")
        async with contextlib.AsyncExitStack() as stack:
            clients = []
            for name in VIEWERS:
                token = await asyncio.to_thread(people.token, f"demo-{name}")
                api = stack.enter_context(LiveApi(outputs["apiUrl"], token))
                clients.append(await stack.enter_async_context(join_chat(api, stream_id)))
            await _chat(clients, seconds)
    finally:
        with _console.status("Ending the stream"):
            await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
            await pattern.stop()
        totals = creator.get(f"/analytics/{stream_id}")
        _console.print(
            f"\nEnded. Peak {totals['peakViewers']} viewers, {totals['totalViews']} views."
        )


def _start(creator: LiveApi) -> dict[str, Any]:
    with _console.status("Starting a stream"):
        for open_stream in creator.get("/mine")["streams"]:
            if open_stream["status"] != "ended" and open_stream.get("endTime") is None:
                creator.call("POST", f"/{open_stream['streamId']}/stop")
        answer = creator.call(
            "POST",
            "/start",
            {
                "title": "Test pattern",
                "description": "A moving picture with sound, made on this machine.",
                "visibility": "PUBLIC",
                "quality": "720p",
            },
        )
    if answer.status_code != 201:
        raise LocalError(f"The stream could not be started: {answer.text}")
    body: dict[str, Any] = answer.json()
    return body


async def _wait_until_live(api: LiveApi, stream_id: str) -> None:
    deadline = time.monotonic() + LIVE_SECONDS
    while (await asyncio.to_thread(api.get, f"/status/{stream_id}"))["status"] != "live":
        if time.monotonic() > deadline:
            raise LocalError(f"The stream was not live after {LIVE_SECONDS:.0f} s; see `make logs`")
        await asyncio.sleep(0.2)


async def _chat(clients: list[ChatClient], seconds: float | None) -> None:
    deadline = None if seconds is None else time.monotonic() + seconds
    chance = random.Random(7)  # noqa: S311  small talk, not secrets
    printer = asyncio.create_task(_print_events(clients[0]))
    heartbeat = asyncio.create_task(_heartbeats(clients))
    try:
        while deadline is None or time.monotonic() < deadline:
            await chance.choice(clients).send(chance.choice(_LINES))
            await asyncio.sleep(chance.uniform(1.0, 3.0))
    finally:
        for task in (printer, heartbeat):
            task.cancel()


async def _heartbeats(clients: list[ChatClient]) -> None:
    while True:
        await asyncio.sleep(30)
        for client in clients:
            await client.send_frame({"action": "heartbeat"})


async def _print_events(client: ChatClient) -> None:
    shown = 0
    while True:
        for event in client.events[shown:]:
            if event["type"] == "message":
                _console.print(f"  [cyan]{event['displayName']}[/cyan]: {event['message']}")
            elif event["type"] == "viewer-count":
                _console.print(f"  [dim]{event['viewerCount']} watching[/dim]")
            elif event["type"] == "stream-status":
                _console.print(f"  [dim]the stream is {event['status']}[/dim]")
        shown = len(client.events)
        await asyncio.sleep(0.1)
