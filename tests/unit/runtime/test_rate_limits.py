"""Rates over a table: what is admitted, refused, and when somebody may come again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayinel_live.runtime.errors import RateLimitedError, UpstreamError
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.rate_limits import Rate, RateLimits
from tests.support.clock import START
from tests.support.moto_tables import REGION, empty_tables, moto_tables

RATE = Rate(5, timedelta(seconds=1))
SECOND = timedelta(seconds=1)


@pytest.fixture(scope="module")
def limits() -> Iterator[RateLimits]:
    with moto_tables(IdempotencyItem):
        client = boto3.client("dynamodb", region_name=REGION)
        yield RateLimits("Idempotency", lambda: client)


def is_admitted(limits: RateLimits, subject: str, at: datetime) -> bool:
    try:
        limits.take(subject, RATE, at, refusal="Too often.")
    except RateLimitedError:
        return False
    return True


def test_all_of_a_window_may_come_at_once_and_the_next_evenly(limits: RateLimits) -> None:
    empty_tables()
    assert [is_admitted(limits, "a", START) for _ in range(7)] == [True] * 5 + [False] * 2
    with pytest.raises(RateLimitedError) as caught:
        limits.take("a", RATE, START, refusal="Too often.")
    assert caught.value.retry_after_seconds == pytest.approx(0.2)
    assert str(caught.value) == "Too often."
    assert is_admitted(limits, "b", START)
    assert is_admitted(limits, "a", START + SECOND / 5)
    assert not is_admitted(limits, "a", START + SECOND / 5)
    assert [is_admitted(limits, "a", START + 9 * SECOND) for _ in range(6)].count(True) == 5


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_no_span_of_time_holds_more_than_its_share_and_one_burst(
    limits: RateLimits, gaps: list[int]
) -> None:
    empty_tables()
    at, admitted = START, []
    for gap in gaps:
        at += timedelta(milliseconds=gap)
        if is_admitted(limits, "a", at):
            admitted.append(at)
    assert admitted, "the first is never too often"
    for first, begin in enumerate(admitted):
        for last in range(first, len(admitted)):
            share = (admitted[last] - begin) / SECOND * RATE.times
            assert last - first + 1 <= share + RATE.times


def test_whoever_keeps_to_the_rate_is_never_refused(limits: RateLimits) -> None:
    empty_tables()
    assert all(is_admitted(limits, "a", START + number * SECOND / 5) for number in range(20))


def test_store_that_does_not_answer_admits_nobody(limits: RateLimits) -> None:
    missing = RateLimits("Nowhere", lambda: boto3.client("dynamodb", region_name=REGION))
    with pytest.raises(UpstreamError):
        missing.take("a", RATE, START, refusal="Too often.")
