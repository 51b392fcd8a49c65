"""What an hour of chat costs, by what it is spent on: `python -m infra.costs`, for docs/cost.md."""

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
_HEADINGS = ("viewers", "messages/s", *_SPENT_ON, "an hour", "a viewer-hour")


def costs_table() -> str:
    """Return the table of docs/cost.md as Markdown, in dollars."""
    scenarios = [Scenario(viewers, rate) for viewers in VIEWERS for rate in RATES]
    lines = [_HEADINGS, ("---:",) * len(_HEADINGS), *map(_row, scenarios)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


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
