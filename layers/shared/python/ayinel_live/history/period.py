"""Periods that history can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ayinel_live.runtime.errors import InvalidInputError

MAX_DAYS = 366
DEFAULT_DAYS = 30
# Nobody streamed before; and there must be room for the period of the same length before it.
EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """Days (UTC), both ends included."""

    first: date
    last: date

    @property
    def length(self) -> timedelta:
        """How long it is."""
        return self.last - self.first + timedelta(days=1)

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """Its begin and the begin of the day after."""
        begin = datetime.combine(self.first, time(), UTC)
        return begin, begin + self.length


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """Return a period that can be asked for.

    Args:
        first: First day; 30 days up to the last by default.
        last: Last day; today by default.
        today: The current day (UTC).

    Raises:
        InvalidInputError: It is upside down, too long, or lies in the future or before `EARLIEST`.
    """
    if min(first or today, last or today) < EARLIEST:
        raise InvalidInputError(
            f"A period cannot begin before {EARLIEST}.", code="impossible-period"
        )
    # Somewhere it is tomorrow already.
    tomorrow = today + timedelta(days=1)
    end = last if last is not None else max(today, first or today)
    begin = first if first is not None else end - timedelta(days=DEFAULT_DAYS - 1)
    if begin > tomorrow or end > tomorrow:
        raise InvalidInputError("`from` and `to` cannot lie in the future.", code="future-period")
    if begin > end:
        raise InvalidInputError("`from` must not come after `to`.", code="impossible-period")
    if (end - begin).days >= MAX_DAYS:
        raise InvalidInputError(f"A period has {MAX_DAYS} days at most.", code="period-too-long")
    return Period(begin, end)
