"""What counting costs apart from the tables: `python -m tests.benchmarks.audience_counting`.

The peer is the smallest thing that could be done with a change: reading its image with PynamoDB.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ayinel_live.audience.changes import viewer_from_image
from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.store import ViewerItem
from ayinel_live.audience.viewer import View
from ayinel_live.audience.viewer_items import views_to_attributes
from tests.benchmarks.harness import Figure, figure
from tests.support.counting_memory import MemoryCountingStore

CHANGES = 9_000
START = 1_767_322_800_000


def cost_us(work: Callable[[], object]) -> float:
    """Return processor time a change, the best of three rounds, in microseconds."""
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best / CHANGES * 1e6


def measure() -> list[Figure]:
    """Measure joins counted in batches of ninety, on a store in memory."""
    views = [View(START + n * 10, None, "DE", "mobile", "blog.example") for n in range(CHANGES)]
    states = [Counted(f"viewer#{n}", 1, (view,)) for n, view in enumerate(views)]
    store = MemoryCountingStore()

    def count() -> None:
        nonlocal store
        store = MemoryCountingStore()
        counter = AudienceCounter(store)
        for start in range(0, CHANGES, 90):
            counter.count("stream", states[start : start + 90])

    image = ViewerItem(
        "stream#1",
        "viewer",
        stream_id="stream",
        connection_ids={"c"},
        version=1,
        first_seen_at=START,
        last_event_at=START,
        views=views_to_attributes((views[0],)),
    ).to_dynamodb_dict()

    def read() -> None:
        for _ in range(CHANGES):
            viewer_from_image(image)

    counting, reading = cost_us(count), cost_us(read)
    per_1000 = 1000 * store.totals_writes / CHANGES
    return [
        figure("Counting a join", counting, "us CPU", "reading its image", reading / counting),
        figure("Writes of totals per 1,000 joins, full batches", per_1000, "", note="at most 20"),
    ]


if __name__ == "__main__":
    for line in measure():
        print(line["name"], line["value"], line["unit"], line["ratio"], line.get("note", ""))
