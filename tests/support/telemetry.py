"""What counts in tests, and what was written as metrics."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any


class Tally:
    """Stands in for a function's telemetry, and remembers."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.times: dict[str, list[float]] = {}

    def count(self, name: str, value: float = 1) -> None:
        self.counts[name] += int(value)

    def time(self, name: str, milliseconds: float) -> None:
        self.times.setdefault(name, []).append(milliseconds)


def entries(output: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON lines of a function's output."""
    for line in output.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def emitted(output: str) -> Counter[tuple[str, str, str]]:
    """Return what CloudWatch would have counted: (service, stage, name) to sum."""
    sums: Counter[tuple[str, str, str]] = Counter()
    for line in entries(output):
        for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
            for metric in directive["Metrics"]:
                given = line[metric["Name"]]
                values = given if isinstance(given, list) else [given]
                sums[line["service"], line["stage"], metric["Name"]] += int(sum(values))
    return sums
