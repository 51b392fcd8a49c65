from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio

from local.layout import REPOSITORY
from tests.faults.house import House, open_viewers
from tests.faults.outcomes import Ledger
from tests.faults.proxy import FaultyRuntime, faulty_stack
from tests.support.broadcast import start_stream
from tests.support.stack import Stack

VIEWERS = 6
OWNER = "faulty-owner"
_LEDGER = pytest.StashKey[Ledger]()


@pytest.fixture(scope="session")
def faulty() -> Iterator[tuple[Stack, FaultyRuntime]]:
    """A stack whose functions reach AWS through a proxy, one for all tests of the folder."""
    # Not below pytest's own folder; the `stack` fixture says why.
    with TemporaryDirectory(prefix="ayinel-") as folder, faulty_stack(Path(folder)) as running:
        yield running


@dataclass(frozen=True)
class Matrix:
    """What the cells of the matrix share."""

    house: House
    runtime: FaultyRuntime
    ledger: Ledger


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def matrix(
    faulty: tuple[Stack, FaultyRuntime], request: pytest.FixtureRequest
) -> AsyncIterator[Matrix]:
    """A stream with viewers in its chat, for all cells of the matrix."""
    stack, runtime = faulty
    ledger = request.config.stash.setdefault(_LEDGER, Ledger(REPOSITORY / "build"))
    stream_id = start_stream(stack.api(OWNER), title="Faults")["streamId"]
    async with AsyncExitStack() as exits:
        house = House(stack, stream_id, OWNER)
        await exits.enter_async_context(house.http)
        house.viewers += await open_viewers(
            stack, house.http, stream_id, VIEWERS, exits, house.judge_frame
        )
        # The proxy reads AWS's service models at the first request of each, which takes seconds.
        for viewer in house.viewers:
            await viewer.send(f"hello from {viewer.viewer_id}")
        yield Matrix(house, runtime, ledger)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table of the cells that ran."""
    ledger = config.stash.get(_LEDGER, None)
    if ledger is not None and (text := ledger.text()):
        terminalreporter.section("faults")
        terminalreporter.write(text)
