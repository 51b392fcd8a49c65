"""What a benchmark is: a module of this package with `measure() -> list[Figure]`.

Each runs in a process of its own, so that none pays for another's imports. A ratio says how many
times less the product costs than the named peer, or how much of a limit it reaches, both taken in
the same run: times of one machine say little elsewhere.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import NotRequired, TypedDict


class Figure(TypedDict):
    """One line of the benchmarks' table.

    Attributes:
        name: What was measured.
        value: The measurement; None where it was skipped.
        unit: Its unit.
        peer: What it is compared with.
        ratio: To the peer.
        note: What must be reached, or why the figure is missing.
    """

    name: str
    value: float | None
    unit: str
    peer: str | None
    ratio: float | None
    note: NotRequired[str]


def figure(
    name: str,
    value: float,
    unit: str,
    peer: str | None = None,
    ratio: float | None = None,
    note: str = "",
) -> Figure:
    """Make a figure, rounded to what can be told apart.

    Args:
        name: What was measured.
        value: The measurement.
        unit: Its unit.
        peer: What it is compared with.
        ratio: To the peer.
        note: What must be reached.
    """
    return {
        "name": name,
        "value": float(f"{value:.4g}"),
        "unit": unit,
        "peer": peer,
        "ratio": None if ratio is None else float(f"{ratio:.3g}"),
        "note": note,
    }


def skipped(name: str, reason: str) -> Figure:
    """Make the line of a figure that cannot be taken here.

    Args:
        name: What was to be measured.
        reason: Why it was not.
    """
    return {
        "name": name,
        "value": None,
        "unit": "",
        "peer": None,
        "ratio": None,
        "note": f"skipped: {reason}",
    }


def benchmark_names() -> list[str]:
    """Return the names of the benchmark modules."""
    folder = Path(__file__).parent
    return sorted(
        module.name
        for module in pkgutil.iter_modules([str(folder)])
        if not module.ispkg
        and "\ndef measure(" in (folder / f"{module.name}.py").read_text(encoding="utf-8")
    )


def take(name: str) -> Iterable[Figure]:
    """Run a benchmark in this process.

    Args:
        name: Of its module.
    """
    figures: Iterable[Figure] = import_module(f"tests.benchmarks.{name}").measure()
    return figures


if __name__ == "__main__":
    taken = list(take(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(taken), encoding="utf-8")
