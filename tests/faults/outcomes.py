"""What became of each way in each cell, and the table of all of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.rules import Cell

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

    def add(self, cell: Cell, broken: int, ways: Mapping[str, Outcome]) -> None:
        """Take the outcomes of a cell in.

        Args:
            cell: The cell.
            broken: How many requests were broken in it.
            ways: Outcomes by way.
        """
        for way, outcome in ways.items():
            place = {"way": way, "target": cell.target, "fault": cell.kind, "rate": cell.rate}
            self._rows[f"{cell} {way}"] = {**place, "broken": broken, **asdict(outcome)}
        self._keep()

    def _keep(self) -> None:
        self._folder.mkdir(exist_ok=True)
        path = self._folder / "faults.json"
        kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        kept = {**(kept if isinstance(kept, dict) else {}), **self._rows}
        path.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        text = f"# Everything together\n\n{summary(kept.values())}\n# Each\n\n"
        (self._folder / "faults.md").write_text(text + _each(kept.values()), encoding="utf-8")

    def text(self) -> str:
        """Return the summary of what ran now; empty if nothing did."""
        return summary(self._rows.values()) if self._rows else ""


def summary(rows: Iterable[Mapping[str, Any]]) -> str:
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
    def total(name: str) -> str:
        values = [row[name] for row in rows]
        return str(sum(value if isinstance(value, int) else len(value) for value in values))

    return [
        rows[0]["way"],
        rows[0]["fault"],
        f"{rows[0]['rate']:.0%}",
        *map(total, ("broken", "accepted", "refused", "lost", "twice", "repeats", "overtaken")),
        f"{max(row['recovery_seconds'] for row in rows):.1f} s",
    ]


def _table(columns: Iterable[str], lines: Iterable[list[str]]) -> str:
    head = list(columns)
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
