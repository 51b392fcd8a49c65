"""Workers killed in the middle of a batch, and the emulator restarted under load."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import pytest

from local.audit import audit_here
from tests.faults.proxy import FaultyRuntime
from tests.faults.ways import open_viewers
from tests.support.broadcast import start_stream
from tests.support.following import FollowingClient
from tests.support.stack import Stack

VIEWERS = 6
TURNS = 5
# A queue gives a message out again when the time that its reader had is over six times.
REDELIVERY_SECONDS = 240.0
Disturb = Callable[[], Awaitable[None]]


@asynccontextmanager
async def chat(stack: Stack, owner: str) -> AsyncIterator[tuple[str, list[FollowingClient]]]:
    started = await asyncio.to_thread(start_stream, stack.api(owner), title="Deaths")
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        yield (
            started["streamId"],
            await open_viewers(stack, http, started["streamId"], VIEWERS, exits),
        )


async def talk(client: FollowingClient, name: str) -> list[str]:
    sent = []
    for turn in range(TURNS):
        sent.append(await client.send(f"{name} in turn {'abcdefg'[turn] * 5} of the evening"))
        await asyncio.sleep(1.6)
    return sent


async def everything_arrives(
    viewers: list[FollowingClient], disturb: Disturb, seconds: float
) -> float:
    """Talk while somebody disturbs; returns how long after it everything had arrived."""
    talking = [talk(viewer, f"viewer {number}") for number, viewer in enumerate(viewers)]
    *parts, _ = await asyncio.gather(*talking, disturb())
    sent = {message for part in parts for message in part or ()}
    assert len(sent) == VIEWERS * TURNS
    begun = time.monotonic()
    while any(sent - viewer.seen.shown.keys() for viewer in viewers):
        lacking = {n: len(sent - v.seen.shown.keys()) for n, v in enumerate(viewers)}
        assert time.monotonic() - begun < seconds, f"not shown, by viewer: {lacking}"
        await asyncio.sleep(0.5)
    assert [viewer.seen.twice for viewer in viewers] == [[]] * VIEWERS
    for viewer in viewers:
        assert sent == viewer.seen.shown.keys()
    return time.monotonic() - begun


def workers_of(emulator_pid: int) -> list[int]:
    """Return the processes that run functions: descendants of the emulator."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "stat").read_text().rpartition(")")[2].split()
            line = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if b"bootstrap.py" in line:
            parents[int(folder.name)] = int(words[1])
    return [pid for pid in parents if _descends(pid, emulator_pid, parents)]


def _descends(pid: int, ancestor: int, parents: dict[int, int]) -> bool:
    while pid in parents:
        pid = parents[pid]
    return pid == ancestor


async def test_killed_workers_lose_nothing(
    faulty: tuple[Stack, FaultyRuntime], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, runtime = faulty
    emulator = runtime.emulator.running_pid()
    assert emulator is not None
    killed = 0

    async def kill() -> None:
        nonlocal killed
        for _ in range(3):
            await asyncio.sleep(1.3)
            for pid in workers_of(emulator):
                os.kill(pid, signal.SIGKILL)
                killed += 1

    async with chat(stack, "deaths-owner") as (stream_id, viewers):
        seconds = await everything_arrives(viewers, kill, REDELIVERY_SECONDS)
    with capsys.disabled():
        print(f"\n{killed} workers killed, everything arrived {seconds:.1f} s after the last word")
    assert killed > 0
    assert (await asyncio.to_thread(audit_here, runtime, stream_id)).differences == ()


async def test_restarted_emulator_loses_nothing(
    faulty: tuple[Stack, FaultyRuntime], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, runtime = faulty

    async def restart() -> None:
        await asyncio.sleep(2)
        await asyncio.to_thread(runtime.emulator.stop)
        await asyncio.to_thread(runtime.emulator.start, lambda line: None)

    async with chat(stack, "restart-owner") as (_, viewers):
        seconds = await everything_arrives(viewers, restart, REDELIVERY_SECONDS)
    with capsys.disabled():
        print(f"\nEmulator restarted, everything arrived {seconds:.1f} s after the last word")
