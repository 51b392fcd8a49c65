"""A counting store in memory; the shared suite holds it to what the real one does."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy

from ayinel_live.audience.book import Minutes, Totals
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.counting_store import MAX_TRANSACTION_ITEMS, CountingStore, Ledger
from ayinel_live.audience.presence_store import StaleWriteError


class MemoryCountingStore(CountingStore):
    """Counters of any number of streams; `totals_writes` counts writes to totals."""

    def __init__(self) -> None:
        self._ledgers: dict[str, Ledger] = {}
        self._markers: dict[tuple[str, str], Counted] = {}
        self._minutes: dict[str, Minutes] = {}
        self.totals_writes = 0

    def ledger(self, stream_id: str) -> Ledger:
        return deepcopy(self._ledgers.get(stream_id, Ledger(Totals(), 0, 0)))

    def markers(self, stream_id: str, subjects: Iterable[str]) -> dict[str, Counted]:
        found = ((subject, self._markers.get((stream_id, subject))) for subject in subjects)
        return {subject: marker for subject, marker in found if marker is not None}

    def minutes_since(self, stream_id: str, first_minute: int) -> Minutes:
        minutes = self._minutes.get(stream_id, {})
        return deepcopy({n: minute for n, minute in minutes.items() if n >= first_minute})

    def write(
        self,
        stream_id: str,
        before: Ledger,
        after: Totals | None,
        minutes: Minutes,
        markers: Iterable[tuple[Counted | None, Counted]],
        now_seconds: int,
    ) -> None:
        steps = list(markers)
        assert len(steps) + (after is not None) + len(minutes) <= MAX_TRANSACTION_ITEMS
        for known, counted in steps:
            current = self._markers.get((stream_id, counted.subject))
            if (known and known.version) != (current and current.version):
                raise StaleWriteError
        stored = self._ledgers.get(stream_id)
        if after is not None and (stored.version if stored else 0) != before.version:
            raise StaleWriteError
        for _, counted in steps:
            self._markers[stream_id, counted.subject] = counted
        if after is None:
            return
        self.totals_writes += 1
        high_water = max(before.high_water, after.peak)
        self._ledgers[stream_id] = Ledger(deepcopy(after), before.version + 1, high_water)
        self._minutes.setdefault(stream_id, {}).update(deepcopy(minutes))
