"""A brute-force model of an audience: what happened, told as a list, and counted by hand.

It shares no code with the counters: views come from walking each person's events in time, the peak
from looking at every second.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

GRACE = 30_000


@dataclass
class Person:
    """One person's open connections and views, as [start, end] pairs with a country."""

    open_connections: set[str] = field(default_factory=set)
    views: list[list[int | None]] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    latest: int = 0


@dataclass
class AudienceModel:
    """Everybody at one stream."""

    people: dict[str, Person] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def join(self, connection: str, viewer: str, at: int, country: str) -> None:
        person = self.people.setdefault(viewer, Person())
        self.owners[connection] = viewer
        if not person.open_connections:
            last_end = person.views[-1][1] if person.views else None
            if last_end is not None and at - last_end <= GRACE:
                person.views[-1][1] = None
            else:
                person.views.append([at, None])
                person.countries.append(country)
        person.open_connections.add(connection)
        person.latest = max(person.latest, at)

    def leave(self, connection: str, at: int) -> None:
        person = self.people[self.owners[connection]]
        person.open_connections.discard(connection)
        person.latest = max(person.latest, at)
        if not person.open_connections:
            person.views[-1][1] = person.latest

    def spans(self, now: int, end: int | None) -> list[tuple[int, int, bool]]:
        """All views as (start, end, is_open), cut at the stream's end."""
        limit = now if end is None else end
        return [
            (start, min(limit, stop if stop is not None else limit), stop is None)
            for person in self.people.values()
            for start, stop in person.views
            if start is not None and (end is None or start < end)
        ]

    @property
    def viewer_count(self) -> int:
        return sum(bool(person.open_connections) for person in self.people.values())

    def counters(self, now: int, end: int | None) -> dict[str, object]:
        spans = self.spans(now, end)
        presence: Counter[int] = Counter()
        for start, stop, is_open in spans:
            last = max(now, stop) // 1000 if is_open else stop // 1000
            presence.update(range(start // 1000, last + 1))
        peak = max(presence.values(), default=0)
        countries = Counter(
            country
            for person in self.people.values()
            for (start, _), country in zip(person.views, person.countries, strict=True)
            if start is not None and (end is None or start < end)
        )
        return {
            "viewer_count": self.viewer_count,
            "total_views": len(spans),
            "unique_viewers": sum(
                any(start is not None and (end is None or start < end) for start, _ in p.views)
                for p in self.people.values()
            ),
            "watch": sum(stop - start for start, stop, _ in spans),
            "peak": peak,
            "peak_at": min((s for s, n in presence.items() if n == peak), default=None)
            if peak
            else None,
            "countries": dict(countries),
        }
