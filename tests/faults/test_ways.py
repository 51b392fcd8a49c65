"""Throttles, time-outs, resets and 5xx of everything that the functions call.

While a share of all requests fails, all four ways are walked; then the faults end. Nothing that
was accepted may be lost, nothing is shown twice, and refusals are problems that invite to try
again. The table goes to `build/faults.json`.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import asdict
from functools import partial
from typing import Any

import httpx
import pytest
from rich.console import Console
from rich.table import Table

from local.audit import audit_here
from local.layout import REPOSITORY
from tests.faults.proxy import FaultyRuntime
from tests.faults.rules import KINDS, rules_for
from tests.faults.ways import Experiment, Outcome, open_viewers
from tests.support.broadcast import start_stream
from tests.support.stack import Stack

RATES = (0.01, 0.1, 0.5)
VIEWERS = 6
OWNER = "faulty-owner"
Results = dict[tuple[str, float], dict[str, Outcome]]


def report(results: Results) -> None:
    """Print a part of the table."""
    table = Table("fault", "rate", "way", "accepted", "refused", "lost", "recovered after")
    for (kind, rate), ways in results.items():
        for way, outcome in ways.items():
            table.add_row(
                kind,
                f"{rate:.0%}",
                way,
                str(outcome.accepted),
                str(outcome.refused),
                str(len(outcome.lost)),
                f"{outcome.recovery_seconds:.1f} s",
            )
    Console(width=100).print(table)


def keep(results: Results) -> None:
    """Keep the table in full."""
    path = REPOSITORY / "build" / "faults.json"
    path.parent.mkdir(exist_ok=True)
    rows: list[dict[str, Any]] = [
        {"fault": kind, "rate": rate, "way": way, **asdict(outcome)}
        for (kind, rate), ways in results.items()
        for way, outcome in ways.items()
    ]
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


async def test_nothing_accepted_is_lost_when_everything_fails_at_times(
    faulty: tuple[Stack, FaultyRuntime], capsys: pytest.CaptureFixture[str]
) -> None:
    stack, runtime = faulty
    started = await asyncio.to_thread(start_stream, stack.api(OWNER), title="Faults")
    stream_id = started["streamId"]
    results: Results = {}
    async with AsyncExitStack() as exits:
        http = await exits.enter_async_context(httpx.AsyncClient(timeout=60))
        viewers = await open_viewers(stack, http, stream_id, VIEWERS, exits)
        # The proxy reads AWS's service models at the first request of each, which takes seconds.
        await asyncio.gather(*(viewer.send(f"hello from {viewer.viewer_id}") for viewer in viewers))
        for kind in KINDS:
            for rate in RATES:
                name = f"{kind}-{round(rate * 100)}"
                rules = rules_for(kind, rate)
                experiment = Experiment(stack, http, stream_id, OWNER, viewers, name)
                results[kind, rate] = await experiment.run(
                    partial(runtime.inject, rules), runtime.heal
                )
                with capsys.disabled():
                    report({(kind, rate): results[kind, rate]})
    keep(results)
    outcomes = {
        f"{kind} {rate:.0%} {way}": outcome
        for (kind, rate), ways in results.items()
        for way, outcome in ways.items()
    }
    assert {name: found.lost for name, found in outcomes.items() if found.lost} == {}
    assert {name: found.notes for name, found in outcomes.items() if found.notes} == {}
    assert sum(outcome.refused for outcome in outcomes.values()) > 0, "nothing was broken"
    audit = await asyncio.to_thread(audit_here, runtime, stream_id)
    assert audit.differences == ()
