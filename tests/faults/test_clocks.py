"""Functions whose clocks are wrong, each by an amount of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack

import httpx
import pytest

from tests.faults.house import open_viewers
from tests.faults.proxy import FaultyRuntime
from tests.faults.talking import counters_settle, everything_arrives
from tests.support.broadcast import start_stream, wait_until
from tests.support.stack import Stack

# A hundred times what machines that ask a time server are off by.
SKEW_SECONDS = 3.0


@pytest.fixture
def skewed(faulty: tuple[Stack, FaultyRuntime]) -> Iterator[tuple[Stack, FaultyRuntime]]:
    """The stack, with functions that disagree about the time."""
    _, runtime = faulty
    _restart(runtime, SKEW_SECONDS)
    yield faulty
    _restart(runtime, 0.0)


def _restart(runtime: FaultyRuntime, skew_seconds: float) -> None:
    runtime.emulator.stop()
    runtime.emulator.clock_skew_seconds = skew_seconds
    runtime.emulator.start()
    runtime.emulator.warm()


async def test_nothing_is_lost_or_miscounted_between_functions_that_disagree_about_the_time(
    skewed: tuple[Stack, FaultyRuntime],
) -> None:
    stack, runtime = skewed
    started = await asyncio.to_thread(start_stream, stack.api("skewed-owner"), title="Skewed")
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        viewers = await open_viewers(stack, http, started["streamId"], 4, exits)

        async def break_off() -> None:
            """Have everybody come back, with others' functions, and ask for what was missed."""
            for viewer in viewers:
                await asyncio.sleep(1.5)
                await viewer.kill()

        await everything_arrives(viewers, break_off, 60, is_time_certain=False)
        status = stack.api()

        def are_counted() -> bool:
            found = status.get(f"/status/{started['streamId']}")
            return bool(found["viewerCount"] == len(viewers))

        await asyncio.to_thread(wait_until, are_counted, seconds=30, what="all viewers counted")
    await counters_settle(runtime, started["streamId"])
