"""Workers killed in the middle of a batch, and the emulator restarted under load."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from tests.faults.deaths import end_workers
from tests.faults.house import open_viewers
from tests.faults.proxy import FaultyRuntime
from tests.faults.talking import counters_settle, everything_arrives
from tests.support.broadcast import start_stream
from tests.support.following import FollowingClient
from tests.support.stack import Stack

VIEWERS = 6
# A queue gives a message out again when the time that its reader had is over six times.
REDELIVERY_SECONDS = 240.0


@asynccontextmanager
async def chat(stack: Stack, owner: str) -> AsyncIterator[tuple[str, list[FollowingClient]]]:
    started = await asyncio.to_thread(start_stream, stack.api(owner), title="Deaths")
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        yield (
            started["streamId"],
            await open_viewers(stack, http, started["streamId"], VIEWERS, exits),
        )


async def test_killed_workers_lose_nothing(
    faulty: tuple[Stack, FaultyRuntime], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, runtime = faulty
    killed = 0

    async def kill() -> None:
        nonlocal killed
        for _ in range(3):
            await asyncio.sleep(1.3)
            killed += end_workers(runtime)

    async with chat(stack, "deaths-owner") as (stream_id, viewers):
        seconds = await everything_arrives(viewers, kill, REDELIVERY_SECONDS)
    with capsys.disabled():
        print(f"\n{killed} workers killed, everything arrived {seconds:.1f} s after the last word")
    assert killed > 0
    await counters_settle(runtime, stream_id)


async def test_restarted_emulator_loses_nothing(
    faulty: tuple[Stack, FaultyRuntime], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, runtime = faulty

    async def restart() -> None:
        await asyncio.sleep(2)
        await asyncio.to_thread(runtime.emulator.stop)
        await asyncio.to_thread(runtime.emulator.start, lambda line: None)

    async with chat(stack, "restart-owner") as (stream_id, viewers):
        seconds = await everything_arrives(viewers, restart, REDELIVERY_SECONDS)
    with capsys.disabled():
        print(f"\nEmulator restarted, everything arrived {seconds:.1f} s after the last word")
    await counters_settle(runtime, stream_id)
