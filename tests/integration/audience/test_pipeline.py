"""From connections to counters on real tables: whatever happens, a count by hand agrees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.audience import AUDIENCE_ITEMS
from tests.support.audience_story import Happening, Story, happenings
from tests.support.moto_tables import empty_tables, moto_tables


@pytest.fixture(scope="module")
def moto() -> Iterator[None]:
    with moto_tables(*AUDIENCE_ITEMS):
        yield


@given(happenings, st.integers(0, 2**32))
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_counters_equal_a_count_by_hand(moto: None, events: list[Happening], seed: int) -> None:
    empty_tables()
    story = Story(seed)

    story.play(events)

    story.check()
