"""A stream's minutes as a dashboard draws them, made from its counters alone.

The same items give the same series while the stream runs and after it: the sum of joins is the
number of views, and average viewers times the minutes' lengths is the time watched.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ayinel_live.audience.book import Minute, Minutes, seconds_of
from ayinel_live.audience.keys import MINUTE_MILLISECONDS

# A broadcast on IVS lasts 48 hours at most (service quotas page); two days more for chatter.
MAX_POINTS = 4 * 24 * 60


@dataclass(frozen=True, slots=True)
class HealthChange:
    """The ingest's state from a time on, epoch milliseconds."""

    at: int
    state: str


@dataclass(frozen=True, slots=True)
class MinutePoint:
    """One minute.

    Attributes:
        minute: Whole minutes since 1970-01-01T00:00Z.
        milliseconds: How much of it has passed: all, but for the last.
        viewers_max: The most people seen within one second of it.
        watched_milliseconds: How long all views lasted within it, together.
        joins: Views begun.
        leaves: Views ended.
        messages: Chat messages sent.
        moderated_messages: Those that moderation held, rejected, removed or altered.
        health: The worst state of the ingest within it, None where nothing is known.
    """

    minute: int
    milliseconds: int
    viewers_max: int
    watched_milliseconds: int
    joins: int
    leaves: int
    messages: int
    moderated_messages: int
    health: str | None = None

    @property
    def viewers_average(self) -> float:
        """Viewers on average over what has passed of the minute."""
        return self.watched_milliseconds / self.milliseconds if self.milliseconds else 0.0


@dataclass(frozen=True, slots=True)
class RetentionPoint:
    """Of all views begun by the end of a minute, the share that still goes on."""

    minute: int
    share: float


def make_series(
    minutes: Minutes, until: int, health: Sequence[HealthChange] = ()
) -> tuple[MinutePoint, ...]:
    """Return the points of all minutes from the first with anything in it, none left out.

    Args:
        minutes: All minutes of the stream.
        until: The current time or, once the stream is over, its end; epoch milliseconds.
        health: Changes of the ingest's state, oldest first.
    """
    if not minutes:
        return ()
    first = min(minutes)
    # Chat may go on after the end; those minutes follow without viewers.
    last = min(max(*minutes, until // MINUTE_MILLISECONDS), first + MAX_POINTS)
    counts = _maxima(minutes, range(first, last + 1))
    states = _worst_states(health, range(first, last + 1))
    points, present = [], 0
    for number in range(first, last + 1):
        minute = minutes.get(number, Minute())
        passed = max(0, min(MINUTE_MILLISECONDS, until - number * MINUTE_MILLISECONDS))
        change = minute.joins - minute.leaves
        ahead = MINUTE_MILLISECONDS - passed
        watched = present * passed + minute.presence_milliseconds - change * ahead
        points.append(
            MinutePoint(
                minute=number,
                milliseconds=passed,
                viewers_max=next(counts),
                watched_milliseconds=max(0, watched),
                joins=minute.joins,
                leaves=minute.leaves,
                messages=minute.messages,
                moderated_messages=minute.moderated_messages,
                health=next(states),
            )
        )
        present += change
    return tuple(points)


def make_retention(series: Iterable[MinutePoint]) -> tuple[RetentionPoint, ...]:
    """Return how many of the views begun so far still go on, at the end of each minute.

    Args:
        series: The points of a stream.
    """
    begun, ended, points = 0, 0, []
    for point in series:
        begun += point.joins
        ended += point.leaves
        if begun:
            points.append(RetentionPoint(point.minute, (begun - ended) / begun))
    return tuple(points)


def _maxima(minutes: Minutes, numbers: range) -> Iterator[int]:
    """Yield the highest count of each minute."""
    changes = seconds_of(minutes.items())
    count = 0
    for number in numbers:
        count += changes[number * 60]
        highest = count
        for second in range(number * 60 + 1, number * 60 + 60):
            count += changes[second]
            highest = max(highest, count)
        yield highest


def _worst_states(health: Sequence[HealthChange], numbers: range) -> Iterator[str | None]:
    """Yield the worst state of each minute: starving, if it was so for any part of it."""
    state: str | None = None
    changes = sorted(health, key=lambda change: change.at)
    position = 0
    for number in numbers:
        seen = [state]
        end = (number + 1) * MINUTE_MILLISECONDS
        while position < len(changes) and changes[position].at < end:
            state = changes[position].state
            # What was before the first minute is no part of it.
            if changes[position].at >= number * MINUTE_MILLISECONDS:
                seen.append(state)
            else:
                seen = [state]
            position += 1
        yield "starving" if "starving" in seen else state if state is not None else seen[0]
