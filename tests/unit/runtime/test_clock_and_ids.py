"""Times and ids sort as text in time order."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.runtime.clock import (
    from_milliseconds,
    from_rfc3339,
    to_milliseconds,
    to_rfc3339,
)
from ayinel_live.runtime.ids import ULID_PATTERN, new_ulid

MOMENTS = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
)


@given(MOMENTS, MOMENTS)
def test_text_sorts_like_time(first: datetime, second: datetime) -> None:
    if to_milliseconds(first) < to_milliseconds(second) - 1:
        assert to_rfc3339(first) < to_rfc3339(second)
        assert new_ulid(first) < new_ulid(second)


@given(MOMENTS)
def test_text_comes_back_to_the_millisecond(moment: datetime) -> None:
    assert abs(from_rfc3339(to_rfc3339(moment)) - moment) < timedelta(milliseconds=1)
    assert abs(from_milliseconds(to_milliseconds(moment)) - moment) < timedelta(milliseconds=1)


def test_other_zones_become_utc() -> None:
    moment = datetime(2026, 1, 2, 3, tzinfo=timezone(timedelta(hours=2)))
    assert to_rfc3339(moment) == "2026-01-02T01:00:00.000Z"


@pytest.mark.parametrize("text", ["2026-01-02T03:04:05", "yesterday", ""])
def test_time_without_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_rfc3339(text)


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        to_rfc3339(datetime(2026, 1, 2))


def test_ulid_has_its_form() -> None:
    assert re.match(ULID_PATTERN, new_ulid(datetime(2026, 1, 2, tzinfo=UTC)))
