"""Counting the changes of a stream's audience, each once, however they are delivered."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from ayinel_live.audience.book import post
from ayinel_live.audience.counting import TOTAL, Counted, Tally, change
from ayinel_live.audience.counting_store import MAX_TRANSACTION_ITEMS, CountingStore
from ayinel_live.audience.presence_store import StaleWriteError
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import UpstreamError

# Leaves room for totals and minutes in a transaction of 100.
MAX_SUBJECTS = 90
# How long changes are gathered before they are counted: joins of two seconds are one write of the
# totals, and nobody reads a count more often than once a second.
GATHERING_SECONDS = 2
_TRIES = 10

_Step = tuple[Counted | None, Counted]


class AudienceCounter:
    """Counts subjects into a stream's totals and minutes.

    Args:
        store: Where counters and markers lie.
        clock: Tells the current time.
        pause: Waits between tries, seconds.
    """

    def __init__(
        self,
        store: CountingStore | None = None,
        clock: Clock = utc_now,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store or CountingStore()
        self._clock = clock
        self._pause = pause

    def count(self, stream_id: str, subjects: Iterable[Counted]) -> int:
        """Count the subjects' states; what is counted already, or older, changes nothing.

        Args:
            stream_id: The stream.
            subjects: States in any order, a subject any number of times.

        Returns:
            How many subjects' states were counted now.

        Raises:
            UpstreamError: Others kept counting the same stream; may be tried again.
        """
        pending = list(newest_of(subjects))
        counted = 0
        while pending:
            settled, changed = self._retry(stream_id, pending[:MAX_SUBJECTS])
            counted += changed
            pending = pending[settled:]
        return counted

    def _retry(self, stream_id: str, subjects: Sequence[Counted]) -> tuple[int, int]:
        for number in range(_TRIES):
            try:
                return self._count_once(stream_id, subjects)
            except StaleWriteError:
                self._pause(random.uniform(0, 0.01 * 2**number))  # noqa: S311  jitter, no secret
        raise UpstreamError("The stream's counters are too busy.", retry_after_seconds=1)

    def _count_once(self, stream_id: str, subjects: Sequence[Counted]) -> tuple[int, int]:
        """Count as many of the subjects as fit into a transaction.

        Returns:
            How many are settled, from the first on, and how many of those were not counted before.
        """
        # The totals come first: who changes anything after this read fails our write.
        before = self._store.ledger(stream_id)
        known = self._store.markers(stream_id, (subject.subject for subject in subjects))
        steps, tally, settled = _plan(subjects, known)
        if not steps:
            return settled, 0
        now_seconds = int(self._clock().timestamp())
        if not tally:
            self._store.write(stream_id, before, None, {}, steps, now_seconds)
            return settled, len(steps)
        first = min((minute for minute, _, _ in tally if minute != TOTAL), default=None)
        minutes = {} if first is None else self._store.minutes_since(stream_id, first)
        posted = post(
            before.totals, minutes, tally, lambda: self._store.minutes_since(stream_id, 0)
        )
        self._store.write(stream_id, before, posted.totals, posted.minutes, steps, now_seconds)
        return settled, len(steps)


def newest_of(subjects: Iterable[Counted]) -> Iterable[Counted]:
    """Return each subject once, in its newest state."""
    newest: dict[str, Counted] = {}
    for subject in subjects:
        other = newest.get(subject.subject)
        if other is None or other.version <= subject.version:
            newest[subject.subject] = subject
    return newest.values()


def _plan(subjects: Sequence[Counted], known: dict[str, Counted]) -> tuple[list[_Step], Tally, int]:
    """Return the steps that fit into a transaction, their sum, and how many subjects are done."""
    steps: list[_Step] = []
    sum_of_steps: Tally = Counter()
    minutes: set[int] = {TOTAL}
    for position, subject in enumerate(subjects):
        marker = known.get(subject.subject)
        if _is_counted(marker, subject):
            continue
        step = change(marker, subject)
        if marker is None and not step:
            continue  # Somebody who is not counted, an owner's preview: no marker either.
        with_step = minutes | {minute for minute, _, _ in step}
        if steps and len(steps) + 1 + len(with_step) > MAX_TRANSACTION_ITEMS:
            return steps, _without_zeros(sum_of_steps), position
        minutes = with_step
        steps.append((marker, subject))
        sum_of_steps.update(step)
    return steps, _without_zeros(sum_of_steps), len(subjects)


def _is_counted(marker: Counted | None, subject: Counted) -> bool:
    if marker is None:
        return False
    if marker.version != subject.version:
        return marker.version > subject.version
    return marker.stream_end == subject.stream_end or not change(marker, subject)


def _without_zeros(tally: Tally) -> Tally:
    return Counter({key: amount for key, amount in tally.items() if amount})
