"""What the owner of a stream is shown of its audience: live and after, by one computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ayinel_live.audience.counting_store import CountingStore
from ayinel_live.audience.model import AudienceTotals
from ayinel_live.audience.series import HealthChange, MinutePoint, make_series
from ayinel_live.audience.totals_store import TotalsStore
from ayinel_live.runtime.clock import Clock, to_milliseconds, utc_now

TOP_REGIONS = 20
TOP_REFERRERS = 50


@dataclass(frozen=True, slots=True)
class Share:
    """One of several groups: its name, its views and its share of all."""

    name: str
    views: int
    share: float


@dataclass(frozen=True, slots=True)
class Analytics:
    """A stream's figures at one time.

    Attributes:
        totals: The counters.
        average_watch_seconds: Mean length of a view, those that go on included.
        watch_seconds: All views together.
        regions: By country, most views first.
        referrers: By host of the page, most views first.
    """

    totals: AudienceTotals
    average_watch_seconds: float
    watch_seconds: float
    regions: tuple[Share, ...]
    referrers: tuple[Share, ...]


class AnalyticsReader:
    """Figures of one stream; one read without the series, one more with it.

    Args:
        totals: Where totals lie.
        counters: Where minutes lie.
        clock: Tells the current time.
    """

    def __init__(
        self,
        totals: TotalsStore | None = None,
        counters: CountingStore | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._totals = totals or TotalsStore()
        self._counters = counters or CountingStore()
        self._clock = clock

    def analytics(self, stream_id: str, end: datetime | None) -> Analytics:
        """Return a stream's figures.

        Args:
            stream_id: The stream.
            end: When it ended; None while it runs.
        """
        totals = self._totals.get(stream_id)
        until = self._until(end)
        return Analytics(
            totals=totals,
            average_watch_seconds=round(totals.average_watch_seconds(until), 3),
            watch_seconds=totals.watch_milliseconds(until) / 1000,
            regions=shares_of(totals.countries, TOP_REGIONS),
            referrers=shares_of(totals.referrers, TOP_REFERRERS),
        )

    def series(
        self, stream_id: str, end: datetime | None, health: Sequence[HealthChange] = ()
    ) -> tuple[MinutePoint, ...]:
        """Return a stream's minutes.

        Args:
            stream_id: The stream.
            end: When it ended; None while it runs.
            health: Changes of the ingest's state.
        """
        minutes = self._counters.minutes_since(stream_id, 0)
        return make_series(minutes, self._until(end), health)

    def _until(self, end: datetime | None) -> int:
        return to_milliseconds(end if end is not None else self._clock())


def shares_of(groups: Mapping[str, int], limit: int) -> tuple[Share, ...]:
    """Return groups with their shares, the largest first, equal ones by name.

    Args:
        groups: Name -> views.
        limit: How many at most.
    """
    total = sum(groups.values())
    ordered = sorted(
        ((name, views) for name, views in groups.items() if views > 0),
        key=lambda group: (-group[1], group[0]),
    )
    return tuple(Share(name, views, round(views / total, 4)) for name, views in ordered[:limit])
