"""Periods, growth and CSV: pure parts of the history."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ayinel_live.history.csv_export import streams_csv
from ayinel_live.history.model import viewer_key
from ayinel_live.history.period import MAX_DAYS, period_of
from ayinel_live.history.report import PastStream
from ayinel_live.runtime.errors import InvalidInputError

TODAY = date(2026, 3, 10)
STREAM = PastStream(
    "01KE0000000000000000000000",
    "A stream",
    datetime(2026, 1, 2, tzinfo=UTC),
    datetime(2026, 1, 2, 1, tzinfo=UTC),
    5,
    None,
    7,
    6,
    2,
    70_000,
    3,
    1,
    2,
)


def test_last_thirty_days_are_shown_unless_told_otherwise() -> None:
    period = period_of(None, None, TODAY)

    assert (period.first, period.last) == (TODAY - timedelta(days=29), TODAY)


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (TODAY, TODAY - timedelta(days=1)),
        (TODAY + timedelta(days=2), None),
        (TODAY, TODAY + timedelta(days=2)),
        (TODAY - timedelta(days=MAX_DAYS), TODAY),
    ],
)
def test_impossible_period_is_refused(first: date, last: date | None) -> None:
    with pytest.raises(InvalidInputError):
        period_of(first, last, TODAY)


def test_longest_period_is_allowed_and_so_is_the_day_that_has_begun_elsewhere() -> None:
    tomorrow = TODAY + timedelta(days=1)

    assert period_of(TODAY - timedelta(days=MAX_DAYS - 1), TODAY, TODAY).length.days == MAX_DAYS
    assert period_of(tomorrow, None, TODAY).first == tomorrow


@pytest.mark.parametrize("title", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_title_is_no_formula_in_a_spreadsheet(title: str) -> None:
    rows = list(csv.reader(io.StringIO(streams_csv([replace(STREAM, title=title)]))))

    assert rows[1][1] == "'" + title


def test_title_with_commas_quotes_and_lines_survives() -> None:
    title = 'one, "two"\nthree'

    rows = list(csv.reader(io.StringIO(streams_csv([replace(STREAM, title=title)]))))

    assert rows[1][1] == title
    assert rows[0][0] == "streamId"


def test_pseudonym_is_stable_and_tells_nothing() -> None:
    assert viewer_key("ada") == viewer_key("ada")
    assert viewer_key("ada") != viewer_key("bob")
    assert "ada" not in str(viewer_key("ada"))
