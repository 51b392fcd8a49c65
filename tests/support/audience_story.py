"""Random lives of viewers, played on the real tables and on the brute-force model alike."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

import hypothesis.strategies as st

from ayinel_live.audience.counting_store import CountingStore
from ayinel_live.audience.sweep import SILENCE_SECONDS, Sweep
from ayinel_live.runtime.clock import to_milliseconds
from tests.support.audience import World
from tests.support.audience_model import AudienceModel
from tests.support.presence import STREAM_ID

PEOPLE = ("ada", "bob", "cyd", "dan")
KINDS = ("open", "open", "close", "lose", "sweep", "count")


@dataclass(frozen=True)
class Happening:
    """Something that happens after a wait, to one of a person's tabs."""

    kind: str
    person: int
    tab: int
    wait: int


happenings = st.lists(
    st.builds(
        Happening,
        kind=st.sampled_from(KINDS),
        person=st.integers(0, len(PEOPLE) - 1),
        tab=st.integers(0, 2),
        wait=st.one_of(st.integers(0, 3), st.integers(0, 70)),
    ),
    min_size=1,
    max_size=24,
)


@dataclass
class Story:
    """Viewers on real tables, with the model beside them."""

    seed: int
    world: World = field(default_factory=World)
    model: AudienceModel = field(default_factory=AudienceModel)
    alive: dict[str, str] = field(default_factory=dict)
    lost: dict[str, tuple[str, int]] = field(default_factory=dict)
    number: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    @property
    def now(self) -> int:
        return to_milliseconds(self.world.clock())

    def play(self, events: list[Happening]) -> None:
        """Let it all happen; counting is done now and then, with repeats and out of order."""
        for event in events:
            self.world.clock.advance(event.wait)
            getattr(self, f"_{event.kind}")(PEOPLE[event.person], event.tab)
        self._count("", 0)
        self.random.shuffle(self.world.records)
        self.world.count()

    def check(self) -> None:
        """Compare the counters with the model's."""
        totals = CountingStore().ledger(STREAM_ID).totals
        expected = self.model.counters(self.now, None)
        running = totals.open_views * self.now - totals.open_since_milliseconds
        found = {
            "viewer_count": totals.viewer_count,
            "total_views": totals.total_views,
            "unique_viewers": totals.unique_viewers,
            "watch": totals.closed_milliseconds + running,
            "peak": totals.peak,
            "peak_at": totals.peak_second,
            "countries": {name: n for name, n in totals.countries.items() if n},
        }
        assert found == expected

    def _open(self, person: str, tab: int) -> None:
        self.number += 1
        connection = f"{self.seed}-{person}-{self.number}"
        self.model.join(connection, person, self.now, "DE")
        self.world.join(connection, person)
        self.alive[connection] = person

    def _close(self, person: str, tab: int) -> None:
        mine = self._tabs(person)
        if mine:
            connection = mine[tab % len(mine)]
            del self.alive[connection]
            self.model.leave(connection, self.now)
            self.world.leave(connection, person)

    def _lose(self, person: str, tab: int) -> None:
        mine = self._tabs(person)
        if mine:
            connection = mine[tab % len(mine)]
            del self.alive[connection]
            self.world.presence.heartbeat(connection, self.world.clock())
            self.lost[connection] = (person, self.now)

    def _sweep(self, person: str, tab: int) -> None:
        for connection in self.alive:
            self.world.presence.heartbeat(connection, self.world.clock())
        gone = {
            connection: entry
            for connection, entry in self.lost.items()
            if entry[1] <= self.now - SILENCE_SECONDS * 1000
        }
        assert Sweep(self.world.presence).run(self.world.clock()).closed == len(gone)
        for connection, (owner, seen) in gone.items():
            del self.lost[connection]
            self.model.leave(connection, seen)
            self.world._record(owner, STREAM_ID)

    def _count(self, person: str, tab: int) -> None:
        """Deliver a random part of all records so far, in any order, some twice."""
        records: list[dict[str, Any]] = self.world.records
        if records:
            self.world.worker.work(self.random.choices(records, k=len(records)))

    def _tabs(self, person: str) -> list[str]:
        return sorted(name for name, owner in self.alive.items() if owner == person)
