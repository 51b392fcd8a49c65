"""What an owner is told of past streams: pure, from rows that the reader brings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PastStream:
    """An ended stream's totals."""

    stream_id: str
    title: str
    started_at: datetime
    ended_at: datetime
    peak_viewers: int
    peak_at: datetime | None
    views: int
    unique_viewers: int
    new_viewers: int
    watched_ms: int
    messages: int
    moderated_messages: int
    chatters: int

    @property
    def average_watch_seconds(self) -> float:
        """Mean length of a view."""
        return self.watched_ms / self.views / 1000 if self.views else 0.0


@dataclass(frozen=True, slots=True)
class PastDay:
    """One creator's day (UTC), by the start of the streams."""

    day: date
    streams: int = 0
    views: int = 0
    unique_viewers: int = 0
    new_viewers: int = 0
    watched_ms: int = 0
    peak_viewers: int = 0
    messages: int = 0
    moderated_messages: int = 0


@dataclass(frozen=True, slots=True)
class HourOfDay:
    """How much was watched in one hour of the day (UTC), over all days."""

    hour: int
    watched_ms: int
    viewers_max: int


@dataclass(frozen=True, slots=True)
class Sums:
    """Totals across streams.

    Attributes:
        streams: Streams begun.
        views: Their views.
        visits: For each stream the people who viewed it, added up.
        new_viewers: People who had viewed no stream of the creator before.
        watched_ms: All views together.
        peak_viewers: The highest peak.
        messages: Chat messages.
        moderated_messages: Those that moderation touched.
    """

    streams: int
    views: int
    visits: int
    new_viewers: int
    watched_ms: int
    peak_viewers: int
    messages: int
    moderated_messages: int

    @property
    def returning_share(self) -> float:
        """The share of visits by people who had viewed an earlier stream of the creator."""
        return (self.visits - self.new_viewers) / self.visits if self.visits else 0.0

    @property
    def average_watch_seconds(self) -> float:
        """Mean length of a view."""
        return self.watched_ms / self.views / 1000 if self.views else 0.0


@dataclass(frozen=True, slots=True)
class Growth:
    """Change against the period of the same length before, as a share of it; None from nothing."""

    streams: float | None
    views: float | None
    visits: float | None
    watched: float | None


@dataclass(frozen=True, slots=True)
class Overview:
    """A creator's history over some days."""

    first: date
    last: date
    sums: Sums
    growth: Growth
    best: PastStream | None
    days: tuple[PastDay, ...]
    peak_hours: tuple[HourOfDay, ...]
    streams: tuple[PastStream, ...]


def sums_of(days: Iterable[PastDay]) -> Sums:
    """Return the totals of some days."""
    found = tuple(days)
    return Sums(
        streams=sum(day.streams for day in found),
        views=sum(day.views for day in found),
        visits=sum(day.unique_viewers for day in found),
        new_viewers=sum(day.new_viewers for day in found),
        watched_ms=sum(day.watched_ms for day in found),
        peak_viewers=max((day.peak_viewers for day in found), default=0),
        messages=sum(day.messages for day in found),
        moderated_messages=sum(day.moderated_messages for day in found),
    )


def growth_of(now: Sums, before: Sums) -> Growth:
    """Return how totals changed."""

    def change(new: int, old: int) -> float | None:
        return (new - old) / old if old else None

    return Growth(
        streams=change(now.streams, before.streams),
        views=change(now.views, before.views),
        visits=change(now.visits, before.visits),
        watched=change(now.watched_ms, before.watched_ms),
    )


def by_watch_time(hours: Sequence[HourOfDay]) -> tuple[HourOfDay, ...]:
    """Return hours of the day, the most watched first."""
    return tuple(sorted(hours, key=lambda hour: (-hour.watched_ms, hour.hour)))
