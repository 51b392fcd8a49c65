"""Rebuilding a stream's counters from the stored views and comparing.

The rebuild shares the arithmetic of one state but nothing of how changes were delivered and kept:
it starts from nothing and adds every viewer's state once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from ayinel_live.audience.book import Minutes, Totals, post
from ayinel_live.audience.changes import counted_viewer
from ayinel_live.audience.counting import Counted, Tally, tally_of
from ayinel_live.audience.counting_store import CountingStore
from ayinel_live.audience.presence_store import PresenceStore
from ayinel_live.runtime.clock import to_milliseconds


@dataclass(frozen=True, slots=True)
class Difference:
    """One counter that is not what the views say."""

    counter: str
    stored: object
    rebuilt: object


@dataclass(frozen=True, slots=True)
class Audit:
    """What comparing found.

    Attributes:
        viewers: How many viewers' states were added up.
        differences: Counters that differ; empty where all is right.
    """

    viewers: int
    differences: tuple[Difference, ...]


class Auditor:
    """Compares counters with what they were made of.

    Args:
        viewers: Where views lie.
        counters: Where counters lie.
    """

    def __init__(
        self, viewers: PresenceStore | None = None, counters: CountingStore | None = None
    ) -> None:
        self._viewers = viewers or PresenceStore()
        self._counters = counters or CountingStore()

    def audit(
        self, stream_id: str, end: datetime | None, messages: Iterable[Counted] | None = None
    ) -> Audit:
        """Rebuild and compare; of a running stream, changes on their way show as differences.

        Args:
            stream_id: The stream.
            end: When it ended; None while it runs.
            messages: States of its messages and chatters; None leaves those counters out.
        """
        limit = None if end is None else to_milliseconds(end)
        states = [counted_viewer(viewer, limit) for viewer in self._viewers.viewers(stream_id)]
        rebuilt, rebuilt_minutes = rebuild([*states, *(messages or ())])
        stored = self._counters.ledger(stream_id).totals
        left_out = frozenset[str]()
        if messages is None:
            left_out = frozenset({"messages", "moderated_messages", "chatters"})
        differences = [
            *_compare_totals(stored, rebuilt, left_out),
            *_compare_minutes(
                self._counters.minutes_since(stream_id, 0), rebuilt_minutes, left_out
            ),
        ]
        return Audit(len(states), tuple(differences))


def rebuild(states: Iterable[Counted]) -> tuple[Totals, Minutes]:
    """Return the counters that states add up to, from nothing.

    Args:
        states: Each subject once.
    """
    tally: Tally = Counter()
    seen: set[str] = set()
    for state in states:
        if state.subject not in seen:
            seen.add(state.subject)
            tally.update(tally_of(state))
    posted = post(Totals(), {}, Counter({key: n for key, n in tally.items() if n}), dict)
    return posted.totals, posted.minutes


def _compare_totals(
    stored: Totals, rebuilt: Totals, left_out: frozenset[str]
) -> Iterable[Difference]:
    for entry in fields(Totals):
        if entry.name in left_out:
            continue
        one, other = getattr(stored, entry.name), getattr(rebuilt, entry.name)
        if isinstance(one, Counter):
            one, other = _without_zeros(one), _without_zeros(other)
        if one != other:
            yield Difference(entry.name, one, other)


def _compare_minutes(
    stored: Minutes, rebuilt: Minutes, left_out: frozenset[str]
) -> Iterable[Difference]:
    names = ("joins", "leaves", "presence_milliseconds", "messages", "moderated_messages")
    for number in sorted(stored.keys() | rebuilt.keys()):
        one, other = stored.get(number), rebuilt.get(number)
        for name in names:
            if name in left_out:
                continue
            left, right = getattr(one, name, 0), getattr(other, name, 0)
            if left != right:
                yield Difference(f"minute {number} {name}", left, right)


def _without_zeros(group: Counter[str]) -> dict[str, int]:
    return {name: amount for name, amount in group.items() if amount}
