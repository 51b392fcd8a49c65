"""Claims on keys: the first who comes has it, for as long as it runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from ayinel_live.runtime.idempotency import Claim, IdempotencyItem, IdempotencyStore
from tests.support.clock import FixedClock
from tests.support.moto_tables import empty_tables, moto_tables

LIFE = timedelta(hours=1)


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    with moto_tables(IdempotencyItem):
        yield


@pytest.fixture
def clock(tables: None) -> FixedClock:
    empty_tables()
    return FixedClock()


def claim(clock: FixedClock, result_id: str, fingerprint: str = "f") -> Claim:
    now = clock()
    return IdempotencyStore().claim(
        "start#ana#k1", result_id, fingerprint=fingerprint, now=now, expires_at=now + LIFE
    )


def test_second_claim_learns_of_the_first(clock: FixedClock) -> None:
    assert claim(clock, "one", "f1") == Claim(is_first=True, result_id="one", fingerprint="f1")
    assert claim(clock, "two", "f2") == Claim(is_first=False, result_id="one", fingerprint="f1")


def test_claim_holds_to_its_end_and_is_taken_over_after_it(clock: FixedClock) -> None:
    claim(clock, "one")
    clock.advance(LIFE.total_seconds())
    assert not claim(clock, "two").is_first
    clock.advance(1)
    assert claim(clock, "three") == Claim(is_first=True, result_id="three", fingerprint="f")
    assert not claim(clock, "four").is_first


def test_claim_whose_answer_was_lost_is_still_the_claimers(
    clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_save = IdempotencyItem.save

    def save_twice(item: IdempotencyItem, *arguments: Any) -> object:
        """What botocore does when the connection breaks after the write."""
        true_save(item, *arguments)
        return true_save(item, *arguments)

    monkeypatch.setattr(IdempotencyItem, "save", save_twice)
    assert claim(clock, "one").is_first
    assert not claim(clock, "two").is_first
