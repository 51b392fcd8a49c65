"""What an hour of chat costs, by what it is spent on, and what SnapStart would: for docs/cost.md.

`python -m infra.costs` prints the page's table of hours.
"""

from __future__ import annotations

import sys

from infra.scaling import Scenario

VIEWERS = (100, 1_000, 5_000, 10_000)
RATES = (1.0, 10.0)
# Heading on the page: the calculator's name for it.
_SPENT_ON = {
    "posts": "posts",
    "frames in": "frames from viewers",
    "connections": "connection minutes",
    "functions": "functions",
    "queues": "queues",
    "tables": "tables",
    "data out": "data out",
}
# SnapStart, list prices of us-east-1: a snapshot is kept for each published version, of all the
# function's memory, and brought back for each environment that starts from it.
# https://aws.amazon.com/lambda/pricing/
_PER_SNAPSHOT_GB_SECOND = 1.5046e-6
_PER_RESTORED_GB = 1.397998e-4
_MONTH_SECONDS = 30 * 24 * 3600
# Memory of the functions that somebody waits for: four APIs, `chat_authorizer`, `chat_socket`.
WAITED_FOR_GB = 5.5

_HEADINGS = ("viewers", "messages/s", *_SPENT_ON, "an hour", "a viewer-hour")


def costs_table() -> str:
    """Return the table of docs/cost.md as Markdown, in dollars."""
    scenarios = [Scenario(viewers, rate) for viewers in VIEWERS for rate in RATES]
    lines = [_HEADINGS, ("---:",) * len(_HEADINGS), *map(_row, scenarios)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def snapshots_dollars_per_month(versions: int = 1) -> float:
    """Return what keeping snapshots of the functions that somebody waits for costs a month.

    Args:
        versions: How many published versions of each are kept.
    """
    return versions * WAITED_FOR_GB * _MONTH_SECONDS * _PER_SNAPSHOT_GB_SECOND


def restore_dollars(starts: int, memory_gb: float = 1.0) -> float:
    """Return what bringing snapshots back costs.

    Args:
        starts: How many environments start from one.
        memory_gb: The function's memory.
    """
    return starts * memory_gb * _PER_RESTORED_GB


def _row(scenario: Scenario) -> tuple[str, ...]:
    spent = scenario.dollars_per_hour()
    assert set(spent) == set(_SPENT_ON.values())
    return (
        f"{scenario.viewers:,}",
        f"{scenario.messages_per_second:g}",
        *(f"{spent[name]:.2f}" for name in _SPENT_ON.values()),
        f"{sum(spent.values()):.2f}",
        f"{scenario.dollars_per_viewer_hour:.4f}",
    )


if __name__ == "__main__":
    sys.stdout.write(costs_table() + "\n")
