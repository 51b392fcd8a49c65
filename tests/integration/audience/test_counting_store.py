"""One suite that the counting store and its fake pass alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from ayinel_live.audience.book import Minute, Totals
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.counting_store import CountingStore, Ledger
from ayinel_live.audience.presence_store import StaleWriteError
from ayinel_live.audience.viewer import View

STREAM = "01KE0000000000000000000000"
MARKER = Counted("viewer#1", 3, (View(1_000, 2_000, "DE", "tv", "blog.example"), View(90_000)))
TOTALS = Totals(
    viewer_count=2,
    total_views=5,
    unique_viewers=4,
    closed_milliseconds=1_234_567_890_123,
    open_views=2,
    open_since_milliseconds=3_534_646_090_000,
    messages=7,
    moderated_messages=1,
    chatters=2,
    countries=Counter(DE=3, ZZ=2),
    devices=Counter(tv=5),
    referrers=Counter({"blog.example": 1, "direct": 4}),
    durations=Counter({"0": 3}),
    peak=4,
    peak_second=1_767_323_045,
)
MINUTE = Minute(3, 1, 60_000, 2, 1, Counter({0: 3, 60: -1}))
NOW = 1_767_323_045


def test_nothing_is_there_before_anything_is_written(store: CountingStore) -> None:
    assert store.ledger(STREAM) == Ledger(Totals(), 0, 0)
    assert store.markers(STREAM, ["viewer#1"]) == {}
    assert store.minutes_since(STREAM, 0) == {}


def test_what_is_written_is_read_back(store: CountingStore) -> None:
    message = Counted("message#1", 2, at=1_000, is_moderated=True)
    ended = replace(MARKER, subject="viewer#2", stream_end=99)
    steps = [(None, MARKER), (None, message), (None, ended)]

    store.write(STREAM, Ledger(Totals(), 0, 0), TOTALS, {29_455_384: MINUTE}, steps, NOW)

    assert store.ledger(STREAM) == Ledger(TOTALS, 1, 4)
    found = store.markers(STREAM, ["viewer#1", "viewer#2", "message#1", "viewer#3"])
    assert found == {"viewer#1": MARKER, "viewer#2": ended, "message#1": message}
    assert store.minutes_since(STREAM, 0) == {29_455_384: MINUTE}
    assert store.minutes_since(STREAM, 29_455_385) == {}
    assert store.minutes_since("another", 0) == {}


def test_high_water_stays_when_the_peak_sinks(store: CountingStore) -> None:
    store.write(STREAM, store.ledger(STREAM), TOTALS, {}, [], NOW)

    store.write(STREAM, store.ledger(STREAM), replace(TOTALS, peak=1), {}, [], NOW)

    assert store.ledger(STREAM).high_water == 4
    assert store.ledger(STREAM).totals.peak == 1


def test_write_on_old_totals_is_refused_whole(store: CountingStore) -> None:
    old = store.ledger(STREAM)
    store.write(STREAM, old, TOTALS, {}, [], NOW)

    with pytest.raises(StaleWriteError):
        store.write(STREAM, old, Totals(), {1: MINUTE}, [(None, MARKER)], NOW)

    assert store.ledger(STREAM) == Ledger(TOTALS, 1, 4)
    assert store.markers(STREAM, ["viewer#1"]) == {}
    assert store.minutes_since(STREAM, 0) == {}


def test_two_who_read_the_same_totals_do_not_both_write(store: CountingStore) -> None:
    store.write(STREAM, store.ledger(STREAM), TOTALS, {}, [], NOW)
    read_by_both = store.ledger(STREAM)
    store.write(STREAM, read_by_both, replace(TOTALS, messages=8), {}, [], NOW)

    with pytest.raises(StaleWriteError):
        store.write(STREAM, read_by_both, replace(TOTALS, chatters=3), {1: MINUTE}, [], NOW)

    assert store.ledger(STREAM) == Ledger(replace(TOTALS, messages=8), 2, 4)
    assert store.minutes_since(STREAM, 0) == {}


def test_write_over_a_marker_that_moved_is_refused_whole(store: CountingStore) -> None:
    store.write(STREAM, store.ledger(STREAM), TOTALS, {}, [(None, MARKER)], NOW)
    newer = replace(MARKER, version=4)

    for known in (None, replace(MARKER, version=2)):
        with pytest.raises(StaleWriteError):
            store.write(STREAM, store.ledger(STREAM), Totals(), {}, [(known, newer)], NOW)

    assert store.ledger(STREAM).totals == TOTALS
    store.write(STREAM, store.ledger(STREAM), None, {}, [(MARKER, newer)], NOW)
    assert store.markers(STREAM, ["viewer#1"]) == {"viewer#1": newer}
    assert store.ledger(STREAM).version == 1
