"""A stream's counters while they are being changed: pure, apart from the tables.

The peak is not remembered from what was once written but follows from the changes of each second,
so a late leave lowers it and the order of arrival does not matter. Most changes are of the last
minutes, for which those alone decide; only where they cannot, all minutes are asked for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from ayinel_live.audience.counting import TOTAL, Tally

# Hosts are what pages claim: beyond so many, new ones are counted together.
MAX_REFERRERS = 100
OTHER = "other"


@dataclass(slots=True)
class Minute:
    """Counters of one minute; `seconds` maps a second to the change of the count in it."""

    joins: int = 0
    leaves: int = 0
    presence_milliseconds: int = 0
    messages: int = 0
    moderated_messages: int = 0
    seconds: Counter[int] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Totals:
    """A stream's totals as they are counted; `peak_at` is a second since the epoch."""

    viewer_count: int = 0
    total_views: int = 0
    unique_viewers: int = 0
    closed_milliseconds: int = 0
    open_views: int = 0
    open_since_milliseconds: int = 0
    messages: int = 0
    moderated_messages: int = 0
    chatters: int = 0
    countries: Counter[str] = field(default_factory=Counter)
    devices: Counter[str] = field(default_factory=Counter)
    referrers: Counter[str] = field(default_factory=Counter)
    durations: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    peak_second: int | None = None


_GROUPS = ("countries", "devices", "referrers", "durations")
_SUMS = frozenset(entry.name for entry in fields(Totals)) - {*_GROUPS, "peak", "peak_second"}
Minutes = dict[int, Minute]


@dataclass(frozen=True, slots=True)
class Posted:
    """The counters after a change, with the minutes that it touched."""

    totals: Totals
    minutes: Minutes


def post(
    totals: Totals, minutes: Minutes, tally: Tally, all_minutes: Callable[[], Minutes]
) -> Posted:
    """Add a change to the counters.

    Args:
        totals: The totals before; left as they are.
        minutes: All minutes from the first that the change touches on; changed in place.
        tally: The change.
        all_minutes: Gives all minutes as they were before, asked only where the peak may have sunk.
    """
    touched = {minute for minute, _, _ in tally if minute != TOTAL}
    for minute in touched:
        minutes.setdefault(minute, Minute())
    sums: Counter[str] = Counter()
    groups = {name: Counter(getattr(totals, name)) for name in _GROUPS}
    for (minute, counter, key), amount in tally.items():
        if minute == TOTAL:
            if counter in groups:
                groups[counter][_bounded(counter, key, groups[counter])] += amount
            else:
                sums[counter] += amount
        else:
            _add_to_minute(minutes[minute], counter, key, amount)
    summed: dict[str, Any] = {name: getattr(totals, name) + sums[name] for name in _SUMS}
    after = replace(totals, **summed, **cast("dict[str, Any]", groups))
    changed = [minute * 60 + int(key) for minute, name, key in tally if name == "seconds"]
    if changed:
        after = _with_peak(after, minutes, min(changed), all_minutes)
    return Posted(after, {minute: minutes[minute] for minute in touched})


def _bounded(counter: str, key: str, group: Counter[str]) -> str:
    if counter != "referrers" or key in group or len(group) < MAX_REFERRERS:
        return key
    return OTHER


def _add_to_minute(minute: Minute, counter: str, key: str, amount: int) -> None:
    if counter == "seconds":
        second = int(key)
        minute.seconds[second] += amount
        if not minute.seconds[second]:
            del minute.seconds[second]
    else:
        setattr(minute, counter, getattr(minute, counter) + amount)


def _with_peak(
    totals: Totals, minutes: Minutes, first_second: int, all_minutes: Callable[[], Minutes]
) -> Totals:
    """Return the totals with the peak put right after changes from a second on."""
    changes = seconds_of(minutes.items(), first_second)
    count_before = totals.open_views - sum(changes.values())
    peak, second = peak_of(changes, count_before)
    old_peak_stands = totals.peak_second is not None and totals.peak_second < first_second
    if old_peak_stands:
        if peak <= totals.peak:
            return totals
    elif peak < totals.peak:
        peak, second = peak_of(seconds_of({**all_minutes(), **minutes}.items()), 0)
    return replace(totals, peak=peak, peak_second=second)


def seconds_of(
    minutes: Iterable[tuple[int, Minute]], first_second: int | None = None
) -> Counter[int]:
    """Return the changes of the count by second since the epoch.

    Args:
        minutes: Minutes with their number since the epoch.
        first_second: Leave out what is before.
    """
    changes: Counter[int] = Counter()
    for number, minute in minutes:
        for second, amount in minute.seconds.items():
            changes[number * 60 + second] += amount
    if first_second is None:
        return changes
    return Counter({at: amount for at, amount in changes.items() if at >= first_second})


def peak_of(changes: Counter[int], count_before: int) -> tuple[int, int | None]:
    """Return the highest count and the first second that has it; (0, None) where it never rose.

    Args:
        changes: Changes of the count by second.
        count_before: The count before the first of them.
    """
    count, peak, at = count_before, 0, None
    for second in sorted(changes):
        count += changes[second]
        if count > peak:
            peak, at = count, second
    return peak, at
