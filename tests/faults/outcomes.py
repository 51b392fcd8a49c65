"""What became of each way in each cell, and the table of all of them."""

from __future__ import annotations

import json
import statistics
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.rules import TARGETS, Cell

WAYS = ("HTTPS", "chat", "stream", "audience")
_COLUMNS = (
    "way",
    "fault",
    "rate",
    "broken requests",
    "accepted",
    "refused",
    "lost",
    "shown twice",
    "repeats on the wire",
    "overtaken on the wire",
    "recovery",
)
_TOTALS = ("accepted", "refused", "lost", "twice", "repeats", "overtaken")


@dataclass
class Outcome:
    """What became of one way in one cell.

    Attributes:
        accepted: How many things the service took on.
        refused: How often it refused, clearly, until it did.
        lost: What was accepted and is not there.
        unaccepted: What was still refused long after the faults had ended.
        disordered: Whose messages are shown in another order than they were sent in.
        twice: Messages that somebody was shown twice.
        repeats: How many messages the wire brought again, which clients drop.
        overtaken: How often the wire brought a sender's messages to somebody in another order;
            clients sort them.
        recovery_seconds: From the end of the faults until all that was accepted was there.
        notes: Answers that should not have been given.
    """

    accepted: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)
    unaccepted: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    repeats: int = 0
    overtaken: int = 0
    recovery_seconds: float = 0.0
    notes: list[str] = field(default_factory=list)

    def wrongs(self) -> dict[str, list[str]]:
        """Return what must not be, by what is wrong with it."""
        found = {
            "lost": self.lost,
            "not accepted": self.unaccepted,
            "out of order": self.disordered,
            "shown twice": self.twice,
            "unclear": self.notes,
        }
        return {what: things for what, things in found.items() if things}


class Ledger:
    """Collects outcomes and keeps them in files, beside those of cells that did not run now.

    Args:
        folder: Where `faults.json` and `faults.md` are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[str, dict[str, Any]] = {}
        self._counts: dict[Cell, dict[str, tuple[int, int]]] = {}

    def add(
        self, cell: Cell, counts: dict[str, tuple[int, int]], ways: Mapping[str, Outcome]
    ) -> None:
        """Take the outcomes of a cell in.

        Args:
            cell: The cell.
            counts: How many requests came in it and were broken, by target.
            ways: Outcomes by way.
        """
        self._counts[cell] = counts
        seen = {
            "requests": sum(requests for requests, _ in counts.values()),
            "broken": sum(broken for _, broken in counts.values()),
        }
        for way, outcome in ways.items():
            place = {"way": way, "target": cell.target, "fault": cell.kind, "rate": cell.rate}
            self._rows[f"{cell} {way}"] = {**place, **seen, **asdict(outcome)}
        self._keep()

    def shares(self) -> dict[tuple[str, float], tuple[int, int]]:
        """Return how many requests came and were broken by chance, by target and stated share.

        The first of each service is left out: that one is always broken.
        """
        found: defaultdict[tuple[str, float], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for cell, counts in self._counts.items():
            for target, (requests, broken) in counts.items():
                if requests:
                    earlier = found[target, cell.rate]
                    found[target, cell.rate] = (
                        earlier[0] + requests - 1,
                        earlier[1] + broken - 1,
                    )
        return dict(found)

    def _keep(self) -> None:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "faults.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        names = next(iter(self._rows.values())).keys()
        kept = {place: row for place, row in kept.items() if row.keys() == names} | self._rows
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        rows = kept.values()
        text = (
            f"# By what failed\n\n{by_target(rows)}\n"
            f"# Everything together\n\n{by_way(rows)}\n# Each\n\n{_each(rows)}"
        )
        (self._folder / "faults.md").write_text(text, encoding="utf-8")

    def text(self) -> str:
        """Return the summary of what ran now; empty if nothing did."""
        rows = self._rows.values()
        return f"{by_target(rows)}\n{by_way(rows)}" if rows else ""


def by_target(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a table of all ways together: a line for each target.

    A cell has recovered when its slowest way has.

    Args:
        rows: As they are in `faults.json`.
    """
    groups: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["target"]].append(row)
    return _table(
        ("what failed", "cells", "requests", *_COLUMNS[3:-1], "recovery p50", "recovery max"),
        [[target, *_target_line(groups[target])] for target in TARGETS if target in groups],
    )


def _target_line(rows: list[Mapping[str, Any]]) -> list[str]:
    recoveries: defaultdict[tuple[str, float], float] = defaultdict(float)
    once: dict[tuple[str, float], Mapping[str, Any]] = {}
    for row in rows:
        cell = (row["fault"], row["rate"])
        recoveries[cell] = max(recoveries[cell], row["recovery_seconds"])
        once[cell] = row
    seconds = list(recoveries.values())
    return [
        str(len(once)),
        *(str(sum(row[name] for row in once.values())) for name in ("requests", "broken")),
        *(_total(rows, name) for name in _TOTALS),
        f"{statistics.median(seconds):.1f} s",
        f"{max(seconds):.1f} s",
    ]


def by_way(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a table over all targets together: a line for each way, kind of fault and rate.

    Args:
        rows: As they are in `faults.json`.
    """
    groups: defaultdict[tuple[int, str, float], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[WAYS.index(row["way"]), row["fault"], row["rate"]].append(row)
    return _table(_COLUMNS, [_line(groups[key]) for key in sorted(groups)])


def _each(rows: Iterable[Mapping[str, Any]]) -> str:
    lines = [[row["target"], *_line([row])] for row in rows]
    return _table(("what failed", *_COLUMNS), sorted(lines))


def _line(rows: list[Mapping[str, Any]]) -> list[str]:
    return [
        rows[0]["way"],
        rows[0]["fault"],
        f"{rows[0]['rate']:.0%}",
        *(_total(rows, name) for name in ("broken", *_TOTALS)),
        f"{max(row['recovery_seconds'] for row in rows):.1f} s",
    ]


def _total(rows: Iterable[Mapping[str, Any]], name: str) -> str:
    values = [row[name] for row in rows]
    return str(sum(value if isinstance(value, int) else len(value) for value in values))


def _table(columns: Iterable[str], lines: Iterable[list[str]]) -> str:
    head = list(columns)
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
