"""How far apart a stream is told of changes."""

from __future__ import annotations

import pytest

from tests.unit.fan_out.broadcasting.house import House
from tests.unit.fan_out.records import (
    chat_message,
    record,
    totals,
)


def test_counts_go_out_at_most_once_a_second_and_the_last_one_always(house: House) -> None:
    house.broadcaster.broadcast([record(totals(n, n), totals(n + 1, n + 1)) for n in range(5)])
    house.time.now += 0.4
    house.broadcaster.broadcast([record(totals(5, 5), totals(6, 6))])
    house.time.now += 3
    house.broadcaster.broadcast([record(totals(6, 6), totals(7, 7))])
    assert [body["events"][0]["viewerCount"] for body in house.to("shard")] == [5, 6, 7]
    assert house.time.naps == [pytest.approx(0.6)]


def test_messages_do_not_wait_for_counts(house: House) -> None:
    house.broadcaster.broadcast([record(totals(0, 0), totals(1, 1))])
    house.broadcaster.broadcast([record(None, chat_message())])
    assert house.time.naps == []


def test_batches_of_a_crowd_are_spaced_so_that_the_queue_does_not_grow(house: House) -> None:
    totals(64_000, 1, peak_viewers=64_000).save()
    for _ in range(3):
        house.broadcaster.broadcast([record(None, chat_message())])
    assert house.time.naps == [pytest.approx(2.0)] * 2


def test_batches_of_a_small_audience_wait_for_nothing(house: House) -> None:
    totals(100, 1, peak_viewers=100).save()
    for _ in range(3):
        house.broadcaster.broadcast([record(None, chat_message())])
        house.time.now += 0.25
    assert house.time.naps == []
