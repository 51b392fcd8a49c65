"""Which parser tells devices: right answers and cost, `python -m tests.benchmarks.devices_parsers`.

Right answers are counted on a public list of user agents seen on real sites and on our own of
televisions, tablets, consoles and crawlers, which that list lacks.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter

from ayinel_live.audience.devices import device_class_of
from tests.benchmarks.harness import Figure, figure, skipped
from tests.unit.audience.test_where import labelled_user_agents

_IMPORT = "import time; t = time.process_time(); {code}; print(time.process_time() - t)"
OURS = "from ayinel_live.audience.devices import device_class_of; device_class_of('Mozilla/5.0')"
PEER = "from device_detector import DeviceDetector; DeviceDetector('Mozilla/5.0').parse()"


def import_seconds(code: str) -> float | None:
    """Return the processor time of import and first answer, the best of three; None if missing."""
    times = []
    for _ in range(3):
        run = subprocess.run(
            [sys.executable, "-c", _IMPORT.format(code=code)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            return None
        times.append(float(run.stdout))
    return min(times)


def measure() -> list[Figure]:
    """Measure our parser, and a heavier one where it is installed."""
    labels = labelled_user_agents()
    right = Counter(label for agent, label in labels.items() if device_class_of(agent) == label)
    total = Counter(labels.values())
    shares = {label: right[label] / total[label] for label in total}
    device_class_of.cache_clear()
    began = time.process_time()
    for agent in labels:
        device_class_of(agent)
    each_us = (time.process_time() - began) / len(labels) * 1e6
    ours, peer = import_seconds(OURS), import_seconds(PEER)
    figures = [
        figure(
            "Device classes told right",
            sum(right.values()) / len(labels),
            "share",
            "limit",
            sum(right.values()) / len(labels) / 0.9,
            f"at least 0.90 of {len(labels)}; worst class {min(shares.values()):.2f}",
        ),
        figure("Device class of a user agent", each_us, "us CPU"),
    ]
    if ours is not None and peer is not None:
        figures.append(
            figure("Import and first answer", ours * 1000, "ms CPU", "device_detector", peer / ours)
        )
    else:
        figures.append(skipped("Import against device_detector", "it is not installed"))
    return figures


if __name__ == "__main__":
    for line in measure():
        print(line["name"], line["value"], line["unit"], line["ratio"], line.get("note", ""))
