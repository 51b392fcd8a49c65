"""Bodies and parameters of the history."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from ayinel_live.history.reader import PastStreamDetails
from ayinel_live.history.report import Growth, HourOfDay, Overview, PastDay, PastStream, Sums
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireModel, WireTime
from functions.analytics_api.schemas import Count, MinuteBody, Seconds, ShareOfOne

Format = Literal["json", "csv"]


class HistoryQuery(BaseModel):
    """Query parameters of the history across streams."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)

    first: date | None = Field(
        default=None, alias="from", description="First day (UTC); 30 days up to `to` by default."
    )
    last: date | None = Field(
        default=None, alias="to", description="Last day (UTC), included; today by default."
    )
    format: Format = "json"


class PastStreamQuery(BaseModel):
    """Path and query parameters of one ended stream's history."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)

    stream_id: StreamId = Field(alias="streamId", description="The stream.")
    format: Format = "json"


class PastStreamBody(WireModel):
    """An ended stream's totals."""

    stream_id: StreamId
    title: str
    start_time: WireTime
    end_time: WireTime
    duration: Count = Field(description="Seconds.")
    peak_viewers: Count
    peak_at: WireTime | None = None
    total_views: Count
    unique_viewers: Count
    new_viewers: Count = Field(description="Who had viewed no earlier stream of the creator.")
    watch_seconds: Seconds
    average_watch_time: Seconds = Field(description="Seconds a view.")
    messages: Count
    moderated_messages: Count
    chatters: Count

    @classmethod
    def of(cls, stream: PastStream) -> Self:
        """Render a stream."""
        return cls(
            stream_id=stream.stream_id,
            title=stream.title,
            start_time=stream.started_at,
            end_time=stream.ended_at,
            duration=int((stream.ended_at - stream.started_at).total_seconds()),
            peak_viewers=stream.peak_viewers,
            peak_at=stream.peak_at,
            total_views=stream.views,
            unique_viewers=stream.unique_viewers,
            new_viewers=stream.new_viewers,
            watch_seconds=stream.watched_ms / 1000,
            average_watch_time=round(stream.average_watch_seconds, 3),
            messages=stream.messages,
            moderated_messages=stream.moderated_messages,
            chatters=stream.chatters,
        )


class SumsBody(WireModel):
    """Totals across the streams of a period."""

    streams: Count
    total_views: Count
    visits: Count = Field(description="People a stream, added up over streams.")
    new_viewers: Count
    watch_seconds: Seconds
    average_watch_time: Seconds
    peak_viewers: Count
    messages: Count
    moderated_messages: Count

    @classmethod
    def of(cls, sums: Sums) -> Self:
        """Render totals."""
        return cls(
            streams=sums.streams,
            total_views=sums.views,
            visits=sums.visits,
            new_viewers=sums.new_viewers,
            watch_seconds=sums.watched_ms / 1000,
            average_watch_time=round(sums.average_watch_seconds, 3),
            peak_viewers=sums.peak_viewers,
            messages=sums.messages,
            moderated_messages=sums.moderated_messages,
        )


class GrowthBody(WireModel):
    """Change against the same number of days before: 0.5 is half more; absent from nothing."""

    streams: float | None = None
    total_views: float | None = None
    visits: float | None = None
    watch_seconds: float | None = None

    @classmethod
    def of(cls, growth: Growth) -> Self:
        """Render a change."""

        def rounded(share: float | None) -> float | None:
            return None if share is None else round(share, 4)

        return cls(
            streams=rounded(growth.streams),
            total_views=rounded(growth.views),
            visits=rounded(growth.visits),
            watch_seconds=rounded(growth.watched),
        )


class DayBody(WireModel):
    """One day (UTC), by the start of its streams."""

    day: date
    streams: Count
    total_views: Count
    visits: Count
    new_viewers: Count
    watch_seconds: Seconds
    peak_viewers: Count
    messages: Count

    @classmethod
    def of(cls, day: PastDay) -> Self:
        """Render a day."""
        return cls(
            day=day.day,
            streams=day.streams,
            total_views=day.views,
            visits=day.unique_viewers,
            new_viewers=day.new_viewers,
            watch_seconds=day.watched_ms / 1000,
            peak_viewers=day.peak_viewers,
            messages=day.messages,
        )


class HourBody(WireModel):
    """One hour of the day (UTC), over all days of the period."""

    hour: int = Field(ge=0, le=23)
    watch_seconds: Seconds
    viewers_max: Count

    @classmethod
    def of(cls, hour: HourOfDay) -> Self:
        """Render an hour."""
        return cls(
            hour=hour.hour, watch_seconds=hour.watched_ms / 1000, viewers_max=hour.viewers_max
        )


class RetentionAcrossBody(WireModel):
    """How many come back."""

    returning_visits: Count = Field(description="Visits by people who had come before.")
    returning_share: ShareOfOne


class HistoryBody(WireModel):
    """A creator's history over some days."""

    first: date = Field(serialization_alias="from", validation_alias="from")
    last: date = Field(serialization_alias="to", validation_alias="to")
    totals: SumsBody
    growth: GrowthBody
    retention: RetentionAcrossBody
    best_stream: PastStreamBody | None = None
    peak_hours: tuple[HourBody, ...] = Field(description="The most watched first.")
    days: tuple[DayBody, ...]
    streams: tuple[PastStreamBody, ...] = Field(description="The latest first, 100 at most.")

    @classmethod
    def of(cls, overview: Overview) -> Self:
        """Render an overview."""
        sums = overview.sums
        return cls(
            first=overview.first,
            last=overview.last,
            totals=SumsBody.of(sums),
            growth=GrowthBody.of(overview.growth),
            retention=RetentionAcrossBody(
                returning_visits=sums.visits - sums.new_viewers,
                returning_share=round(sums.returning_share, 4),
            ),
            best_stream=PastStreamBody.of(overview.best) if overview.best else None,
            peak_hours=tuple(map(HourBody.of, overview.peak_hours)),
            days=tuple(map(DayBody.of, overview.days)),
            streams=tuple(map(PastStreamBody.of, overview.streams)),
        )


class GroupBody(WireModel):
    """The views of one group."""

    name: str
    views: Count


class PastStreamDetailsBody(WireModel):
    """An ended stream with its series and groups."""

    stream: PastStreamBody
    series: tuple[MinuteBody, ...]
    regions: tuple[GroupBody, ...]
    devices: tuple[GroupBody, ...]
    referrers: tuple[GroupBody, ...]
    watch_times: tuple[GroupBody, ...] = Field(
        description="Views by length; a name is the least number of seconds of its class."
    )

    @classmethod
    def of(cls, details: PastStreamDetails) -> Self:
        """Render a stream."""

        def group(dimension: str) -> tuple[GroupBody, ...]:
            found = details.groups.get(dimension, ())
            return tuple(GroupBody(name=name, views=views) for name, views in found)

        return cls(
            stream=PastStreamBody.of(details.stream),
            series=tuple(map(MinuteBody.of, details.minutes)),
            regions=group("country"),
            devices=group("device"),
            referrers=group("referrer"),
            watch_times=group("duration"),
        )
