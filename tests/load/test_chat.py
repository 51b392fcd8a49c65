"""Five hundred viewers, twenty messages a second for a minute, and a bad network.

Every client keeps to the protocol: what it missed it asks for, what comes again it drops. The
figures go to `build/load-chat.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import resource
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from local.layout import REPOSITORY
from tests.support.broadcast import start_stream
from tests.support.following import FollowingClient
from tests.support.prose import sentences
from tests.support.stack import Stack

# Fewer only to try things out on a machine that others use too.
VIEWERS = int(os.environ.get("AYINEL_LOAD_VIEWERS", "500"))
SENDERS = 50
MESSAGES_PER_SECOND = 20
SECONDS = 60
# Of the viewers, how many lose their network each second.
KILLED_PER_SECOND = 4
OPENING_AT_ONCE = 16
SETTLING_SECONDS = 180.0
# Everything runs on the same two cores: late is not lost, and whoever left for being late would
# only make it later for all.
PATIENCE_SECONDS = 120.0


@dataclass
class Sent:
    """What was accepted, when it was first tried, and how long the answer took."""

    at: dict[str, float] = field(default_factory=dict)
    answered_after: list[float] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@asynccontextmanager
async def audience(stack: Stack, stream_id: str) -> AsyncIterator[list[FollowingClient]]:
    """Hold the viewers' connections open."""
    limits = httpx.Limits(max_connections=OPENING_AT_ONCE)
    async with httpx.AsyncClient(timeout=60, limits=limits) as http:
        clients = [
            FollowingClient(http, stack.outputs["apiUrl"], stream_id, pong_seconds=PATIENCE_SECONDS)
            for _ in range(VIEWERS)
        ]
        running: list[asyncio.Task[None]] = []
        try:
            for start in range(0, VIEWERS, OPENING_AT_ONCE):
                some = clients[start : start + OPENING_AT_ONCE]
                running += [asyncio.create_task(client.run()) for client in some]
                await asyncio.gather(*(c.is_open.wait() for c in some))
            yield clients
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def talk(client: FollowingClient, texts: list[str], sent: Sent, offset: float) -> None:
    """Send one sender's messages, evenly over the time."""
    pause = SENDERS / MESSAGES_PER_SECOND
    begun = time.monotonic() + offset
    for number, text in enumerate(texts):
        await asyncio.sleep(max(0.0, begun + number * pause - time.monotonic()))
        tried = time.time()
        try:
            sent.at[await client.send(text)] = tried
            sent.answered_after.append(time.time() - tried)
        except (RuntimeError, TimeoutError) as fault:
            sent.faults.append(f"{text!r}: {fault}")


async def break_networks(clients: list[FollowingClient], dice: random.Random) -> int:
    """Kill connections until the time is over; returns how many."""
    killed = 0
    for _ in range(SECONDS):
        await asyncio.sleep(1)
        for client in dice.sample(clients, KILLED_PER_SECOND):
            await client.kill()
            killed += 1
    return killed


async def settle(clients: list[FollowingClient], wanted: set[str]) -> float:
    """Wait until everybody has everything, or for so long; returns the seconds that it took."""
    begun = time.monotonic()
    while time.monotonic() - begun < SETTLING_SECONDS:
        if all(wanted <= client.seen.shown.keys() for client in clients):
            break
        await asyncio.sleep(0.5)
    return time.monotonic() - begun


def figures_of(clients: list[FollowingClient], sent: Sent) -> dict[str, Any]:
    """Compute what is reported."""
    delays = sorted(
        client.seen.times[message_id] - at
        for client in clients
        for message_id, at in sent.at.items()
        if message_id in client.seen.times
    )
    cuts, answers = quantiles(delays, n=100), quantiles(sent.answered_after, n=100)
    repeats = sum(client.seen.repeats for client in clients)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "viewers": len(clients),
        "messages accepted": len(sent.at),
        "deliveries": len(delays),
        "frames": sum(client.seen.frames for client in clients),
        "wire repeats": repeats,
        "wire repeats per delivery": round(repeats / len(delays), 4),
        "connections opened": sum(client.opened for client in clients),
        "openings refused": sum(client.refused for client in clients),
        "deliveries per frame": round(len(delays) / sum(c.seen.frames for c in clients), 1),
        "answer p50 seconds": round(answers[49], 3),
        "answer p95 seconds": round(answers[94], 3),
        "latency p50 seconds": round(cuts[49], 3),
        "latency p95 seconds": round(cuts[94], 3),
        "latency p99 seconds": round(cuts[98], 3),
        "clients' CPU seconds": round(usage.ru_utime + usage.ru_stime, 1),
    }


def report(figures: dict[str, Any]) -> None:
    """Print the figures and keep them."""
    path = REPOSITORY / "build" / "load-chat.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    table = Table("Chat under load", "", title_justify="left")
    for name, value in figures.items():
        table.add_row(name, str(value))
    Console().print(table)


async def test_no_message_is_lost_or_shown_twice_on_a_bad_network(
    stack: Stack, capsys: Any
) -> None:
    started = await asyncio.to_thread(start_stream, stack.api("lena"), title="Load")
    dice = random.Random(20)
    sent = Sent()
    begun = time.monotonic()
    async with audience(stack, started["streamId"]) as clients:
        opening_seconds = time.monotonic() - begun
        texts = sentences(MESSAGES_PER_SECOND * SECONDS, dice)
        senders = [
            talk(client, texts[number::SENDERS], sent, number / MESSAGES_PER_SECOND)
            for number, client in enumerate(dice.sample(clients, SENDERS))
        ]
        killed, *_ = await asyncio.gather(break_networks(clients, dice), *senders)
        settling_seconds = await settle(clients, set(sent.at))
        missing = {
            number: sorted(sent.at.keys() - client.seen.shown.keys())
            for number, client in enumerate(clients)
            if not sent.at.keys() <= client.seen.shown.keys()
        }
    figures = {
        **figures_of(clients, sent),
        "connections killed": killed,
        "opening seconds": round(opening_seconds, 1),
        "settling seconds": round(settling_seconds, 1),
        "clients that lack something": len(missing),
    }
    with capsys.disabled():
        report(figures)
    assert sent.faults == []
    assert len(sent.at) == MESSAGES_PER_SECOND * SECONDS
    assert missing == {}
    assert {m for client in clients for m in client.seen.twice} == set()
    strange = {m for client in clients for m in client.seen.shown} - sent.at.keys()
    assert strange == set(), "something was shown that nobody sent"
    await asyncio.to_thread(stack.api("lena").post, f"/{started['streamId']}/stop")
