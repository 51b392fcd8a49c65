"""Bodies and parameters of the calls that a stream's life is made of."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ayinel_live.audience.model import AudienceTotals
from ayinel_live.channels.model import Reason
from ayinel_live.runtime.clock import Clock
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireModel, WireTime
from ayinel_live.streams.listing import MAX_CURSOR_CHARACTERS, MAX_PAGE
from ayinel_live.streams.model import (
    Description,
    LiveStream,
    PublicStatus,
    RecordingState,
    StreamState,
    Title,
    Visibility,
)
from ayinel_live.video.model import Quality

Cursor = Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)]


class Parameters(BaseModel):
    """The base of path and query parameters: unknown query parameters are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class StreamPath(Parameters):
    """A stream in the path."""

    stream_id: StreamId = Field(alias="streamId", description="The stream.")


class ReasonedStreamPath(StreamPath):
    """A stream in the path, and why something is done to it."""

    reason: Reason | None = Field(default=None, description="Why, for the moderation log.")


class PageQuery(Parameters):
    """A page of a list."""

    limit: int = Field(default=20, ge=1, le=MAX_PAGE, description="How many at most.")
    cursor: Cursor | None = Field(default=None, description="From the page before.")


class StartBody(WireModel):
    """What a creator wants to broadcast."""

    title: Title
    description: Description = ""
    visibility: Visibility = Visibility.PUBLIC
    quality: Quality = Quality.HD


class StartedBody(WireModel):
    """A stream that waits for its encoder; the only answer, beside stream-key, with a key."""

    stream_id: StreamId
    rtmp_url: str
    stream_key: str = Field(repr=False)
    playback_url: str


class StreamKeyBody(WireModel):
    """A new key; the old one is dead and its encoder dropped."""

    stream_id: StreamId
    rtmp_url: str
    stream_key: str = Field(repr=False)


class StoppedBody(WireModel):
    """A broadcast that was ended; `duration` is seconds."""

    stream_id: StreamId
    status: PublicStatus
    start_time: WireTime | None = None
    end_time: WireTime | None = None
    duration: int


class StatusBody(WireModel):
    """How a stream stands now; `duration` is seconds, running while live and frozen after."""

    stream_id: StreamId
    status: PublicStatus
    viewer_count: int
    start_time: WireTime | None = None
    duration: int
    quality: Quality


class StreamBody(WireModel):
    """A stream in a list; `status` as the API calls it, `state` in full."""

    id: StreamId
    stream_id: StreamId
    user_id: str
    title: str
    description: str
    status: PublicStatus
    state: StreamState
    visibility: Visibility
    quality: Quality
    start_time: WireTime | None = None
    end_time: WireTime | None = None
    interrupted_at: WireTime | None = None
    duration: int
    viewer_count: int
    peak_viewers: int
    total_views: int
    recording_state: RecordingState
    thumbnail_url: str | None = None
    created_at: WireTime
    updated_at: WireTime
    version: int

    @classmethod
    def of(cls, stream: LiveStream, totals: AudienceTotals, clock: Clock) -> Self:
        """Compose a stream with its counters.

        Args:
            stream: The stream.
            totals: Its counters.
            clock: Tells the time, for a running duration.
        """
        return cls(**_fields(stream, totals, clock))


class StreamDetailsBody(StreamBody):
    """A stream with the address it is played at; the owner is told where to push, too."""

    playback_url: str
    rtmp_url: str | None = None

    @classmethod
    def detailed(
        cls,
        stream: LiveStream,
        totals: AudienceTotals,
        clock: Clock,
        *,
        playback_url: str,
        rtmp_url: str | None,
    ) -> Self:
        """Compose a stream with its counters and addresses."""
        fields = _fields(stream, totals, clock)
        return cls(**fields, playback_url=playback_url, rtmp_url=rtmp_url)


class StreamListBody(WireModel):
    """A page of streams; `cursor` begins the next one."""

    streams: tuple[StreamBody, ...]
    cursor: str | None = None


class StreamChangesBody(WireModel):
    """What to change; at least one member."""

    title: Title | None = None
    description: Description | None = None
    visibility: Visibility | None = None

    @model_validator(mode="after")
    def _require_a_change(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("at least one member is needed")
        return self


class CapabilitiesBody(WireModel):
    """What this installation can deliver; bitrates in bits per second."""

    provider: str
    qualities: tuple[Quality, ...]
    visibilities: tuple[Visibility, ...]
    max_bitrate_bps: int
    is_recorded: bool
    has_timed_metadata: bool
    reconnect_grace_seconds: int


def _fields(stream: LiveStream, totals: AudienceTotals, clock: Clock) -> dict[str, object]:
    return {
        "id": stream.stream_id,
        "stream_id": stream.stream_id,
        "user_id": stream.user_id,
        "title": stream.title,
        "description": stream.description,
        "status": stream.public_status,
        "state": stream.status,
        "visibility": stream.visibility,
        "quality": stream.quality,
        "start_time": stream.start_time,
        "end_time": stream.end_time,
        "interrupted_at": stream.interrupted_at,
        "duration": stream.duration_seconds(clock()),
        "viewer_count": totals.viewer_count,
        "peak_viewers": max(totals.peak_viewers, stream.peak_viewers),
        "total_views": max(totals.total_views, stream.total_views),
        "recording_state": stream.recording_state,
        "created_at": stream.created_at,
        "updated_at": stream.updated_at,
        "version": stream.version,
    }
