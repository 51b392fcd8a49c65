"""Throttles, time-outs, resets and 5xx of everything that the functions call.

While a share of the requests to one service, or to all of them, fails, all four ways are walked;
then the faults end. Nothing that was accepted may be lost, nothing is shown twice, each sender's
messages keep their order, and refusals are problems that invite to try again. The table is printed
at the end and goes to `build/faults.md`.
"""

from __future__ import annotations

import math

import pytest

from tests.faults.conftest import Matrix
from tests.faults.rules import Cell, cells
from tests.faults.talking import counters_settle
from tests.faults.ways import Experiment

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize("cell", cells(), ids=str)
async def test_nothing_accepted_is_lost_while(cell: Cell, matrix: Matrix) -> None:
    experiment = Experiment(matrix.house, cell, matrix.runtime)
    ways = await experiment.run()
    counts = cell.counts(experiment.traffic)
    matrix.ledger.add(cell, counts, ways)
    assert any(broken for _, broken in counts.values()), "nothing was broken"
    wrongs = {way: wrong for way, outcome in ways.items() if (wrong := outcome.wrongs())}
    assert wrongs == {}, "\n".join(experiment.logged)


async def test_each_service_failed_at_the_share_that_is_stated(matrix: Matrix) -> None:
    shares = matrix.ledger.shares()
    # Not skipped: with `--last-failed` this runs alone, and a skip would strike it off as mended.
    assert shares, "no cell ran: run it together with those that it is to judge"
    wrong = {}
    for (target, rate), (requests, broken) in shares.items():
        # Each request is a draw of its own: five standard deviations, and one where few were made.
        tolerance = 1 + 5 * math.sqrt(requests * rate * (1 - rate))
        if abs(broken - requests * rate) > tolerance:
            wrong[target, rate] = f"{broken} of {requests}"
    assert wrong == {}


async def test_counters_are_right_after_all_of_it(matrix: Matrix) -> None:
    await counters_settle(matrix.runtime, matrix.house.stream_id)
