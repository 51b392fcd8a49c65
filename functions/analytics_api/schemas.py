"""Bodies and parameters of the analytics of one stream."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ayinel_live.audience.analytics import Analytics, Share
from ayinel_live.audience.counting import DURATION_CLASSES
from ayinel_live.audience.series import MinutePoint, make_retention
from ayinel_live.runtime.clock import from_milliseconds
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireModel, WireTime

Include = Literal["totals", "series", "retention", "referrers"]
INCLUDES: tuple[Include, ...] = ("totals", "series", "retention", "referrers")

Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]
ShareOfOne = Annotated[float, Field(ge=0, le=1)]


class AnalyticsQuery(BaseModel):
    """Path and query parameters of the analytics of one stream."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)

    stream_id: StreamId = Field(alias="streamId", description="The stream.")
    include: str = Field(
        default="",
        max_length=100,
        description="More than the six figures, separated by commas: " + ", ".join(INCLUDES) + ".",
    )

    @field_validator("include")
    @classmethod
    def _known(cls, value: str) -> str:
        unknown = {part.strip() for part in value.split(",")} - {*INCLUDES, ""}
        if unknown:
            raise ValueError("must name only " + ", ".join(INCLUDES))
        return value

    @property
    def wanted(self) -> frozenset[str]:
        """What is asked for beyond the six figures."""
        return frozenset(part.strip() for part in self.include.split(",") if part.strip())


class RegionBody(WireModel):
    """A country's views."""

    region: str = Field(description="ISO 3166-1 alpha-2, `ZZ` where unknown.")
    views: Count
    share: ShareOfOne

    @classmethod
    def of(cls, share: Share) -> Self:
        """Render a share."""
        return cls(region=share.name, views=share.views, share=share.share)


class ReferrerBody(WireModel):
    """The views that came from one site."""

    host: str = Field(description="`direct` without a page, `other` beyond a hundred hosts.")
    views: Count
    share: ShareOfOne

    @classmethod
    def of(cls, share: Share) -> Self:
        """Render a share."""
        return cls(host=share.name, views=share.views, share=share.share)


class MinuteBody(WireModel):
    """One minute of a stream."""

    minute: WireTime
    viewers_max: Count
    viewers_average: Seconds
    joins: Count
    leaves: Count
    messages: Count
    moderated_messages: Count
    health: str | None = None

    @classmethod
    def of(cls, point: MinutePoint) -> Self:
        """Render a point."""
        return cls(
            minute=from_milliseconds(point.minute * 60_000),
            viewers_max=point.viewers_max,
            viewers_average=round(point.viewers_average, 3),
            joins=point.joins,
            leaves=point.leaves,
            messages=point.messages,
            moderated_messages=point.moderated_messages,
            health=point.health,
        )


class RetentionBody(WireModel):
    """Of all views begun by the end of a minute, the share that still goes on."""

    minute: WireTime
    share: ShareOfOne


class WatchTimeBody(WireModel):
    """Ended views of about one length: `from_seconds` and more, below the next class."""

    from_seconds: Count
    views: Count


class TotalsBody(WireModel):
    """The counters beyond the six figures."""

    viewer_count: Count = Field(description="People watching now.")
    peak_at: WireTime | None = None
    unique_viewers: Count
    watch_seconds: Seconds
    messages: Count
    moderated_messages: Count
    chatters: Count
    watch_times: tuple[WatchTimeBody, ...]


class AnalyticsBody(WireModel):
    """What is known of a stream's audience."""

    stream_id: StreamId
    peak_viewers: Count
    total_views: Count
    average_watch_time: Seconds = Field(description="Seconds, views that go on included.")
    top_regions: tuple[RegionBody, ...] = Field(description="Most views first.")
    device_types: dict[str, Count] = Field(description="Views by class of device.")
    totals: TotalsBody | None = None
    series: tuple[MinuteBody, ...] | None = None
    retention: tuple[RetentionBody, ...] | None = None
    referrers: tuple[ReferrerBody, ...] | None = None


def render_totals(analytics: Analytics) -> TotalsBody:
    """Render the counters beyond the six figures."""
    totals = analytics.totals
    return TotalsBody(
        viewer_count=totals.viewer_count,
        peak_at=totals.peak_at,
        unique_viewers=totals.unique_viewers,
        watch_seconds=analytics.watch_seconds,
        messages=totals.messages,
        moderated_messages=totals.moderated_messages,
        chatters=totals.chatters,
        watch_times=tuple(
            WatchTimeBody(from_seconds=bound, views=totals.durations.get(str(bound), 0))
            for bound in DURATION_CLASSES
        ),
    )


def render_retention(series: tuple[MinutePoint, ...]) -> tuple[RetentionBody, ...]:
    """Render the retention that follows from a series."""
    return tuple(
        RetentionBody(minute=from_milliseconds(point.minute * 60_000), share=round(point.share, 4))
        for point in make_retention(series)
    )


def render_analytics(
    stream_id: str,
    found: Analytics,
    series: tuple[MinutePoint, ...] | None,
    wanted: frozenset[str],
) -> AnalyticsBody:
    """Render what is known of a stream's audience.

    Args:
        stream_id: The stream.
        found: Its figures.
        series: Its minutes, where they are needed.
        wanted: What is asked for beyond the six figures.
    """
    points = series or ()
    return AnalyticsBody(
        stream_id=stream_id,
        peak_viewers=found.totals.peak_viewers,
        total_views=found.totals.total_views,
        average_watch_time=found.average_watch_seconds,
        top_regions=tuple(map(RegionBody.of, found.regions)),
        device_types={name: n for name, n in found.totals.devices.items() if n},
        totals=render_totals(found) if "totals" in wanted else None,
        series=tuple(map(MinuteBody.of, points)) if "series" in wanted else None,
        retention=render_retention(points) if "retention" in wanted else None,
        referrers=tuple(map(ReferrerBody.of, found.referrers)) if "referrers" in wanted else None,
    )
