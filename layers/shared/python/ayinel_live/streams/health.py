"""How the ingest of a broadcast does: what went wrong when, and what the encoder sends."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.wire import WireTime
from ayinel_live.video.model import IngestConfiguration, VideoEvent, VideoEventKind

MAX_ENTRIES = 50
MAX_REASON_CHARACTERS = 200
HealthState = Literal["healthy", "starving", "unknown"]

_TOLD = frozenset(
    {
        VideoEventKind.STARVATION_STARTED,
        VideoEventKind.STARVATION_ENDED,
        VideoEventKind.LIMIT_BREACHED,
        VideoEventKind.STREAM_FAILED,
        VideoEventKind.TAKEN_OVER,
        VideoEventKind.TAKEOVER_FAILED,
        VideoEventKind.RECORDING_START_FAILED,
        VideoEventKind.RECORDING_END_FAILED,
        VideoEventKind.STREAM_STARTED,
        VideoEventKind.STREAM_ENDED,
    }
)

_STATES: Mapping[VideoEventKind, HealthState] = {
    VideoEventKind.STARVATION_STARTED: "starving",
    VideoEventKind.STARVATION_ENDED: "healthy",
    VideoEventKind.STREAM_STARTED: "healthy",
    VideoEventKind.STREAM_ENDED: "unknown",
}


class _Stored(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class HealthEntry(_Stored):
    """One thing that happened to the ingest.

    Attributes:
        event_id: The provider's id, by which a repeat is known.
        at: When.
        kind: What.
        reason: Why, in the provider's words.
    """

    event_id: str
    at: WireTime
    kind: VideoEventKind
    reason: str = ""


class Ingest(_Stored):
    """What the encoder sends; bitrates in bits per second."""

    width: int | None = None
    height: int | None = None
    frames_per_second: float | None = None
    video_bitrate_bps: int | None = None
    video_codec: str | None = None
    audio_bitrate_bps: int | None = None
    audio_codec: str | None = None
    encoder: str | None = None
    at: WireTime | None = None

    @classmethod
    def from_configuration(cls, configuration: IngestConfiguration, at: datetime) -> Ingest:
        """Take over what the provider says.

        Args:
            configuration: The provider's words.
            at: When it was asked.
        """
        return cls(
            width=configuration.width,
            height=configuration.height,
            frames_per_second=configuration.frames_per_second,
            video_bitrate_bps=configuration.video_bitrate_bps,
            video_codec=configuration.video_codec,
            audio_bitrate_bps=configuration.audio_bitrate_bps,
            audio_codec=configuration.audio_codec,
            encoder=configuration.encoder,
            at=at,
        )


class StreamHealth(_Stored):
    """The health of one broadcast, as kept with it.

    Attributes:
        entries: The latest happenings, oldest first.
        ingest: What the encoder sends, once known.
    """

    entries: tuple[HealthEntry, ...] = ()
    ingest: Ingest | None = None

    def with_event(self, event: VideoEvent) -> StreamHealth:
        """Return the health with one more event; a repeat changes nothing.

        Args:
            event: Any event of the provider.
        """
        if event.kind not in _TOLD or any(e.event_id == event.event_id for e in self.entries):
            return self
        entry = HealthEntry(
            event_id=event.event_id,
            at=event.at,
            kind=event.kind,
            reason=event.reason[:MAX_REASON_CHARACTERS],
        )
        entries = sorted((*self.entries, entry), key=lambda e: (e.at, e.event_id))
        return self.model_copy(update={"entries": tuple(entries[-MAX_ENTRIES:])})

    @property
    def state(self) -> HealthState:
        """Whether enough data comes in, by the latest word on it."""
        states = self.states()
        return states[-1][1] if states else "unknown"

    def states(self) -> tuple[tuple[datetime, HealthState], ...]:
        """Return from when on the ingest was in which state, oldest first."""
        return tuple(
            (entry.at, _STATES[entry.kind]) for entry in self.entries if entry.kind in _STATES
        )

    def summary(self) -> dict[str, object] | None:
        """Return what `stream-health` frames show, in their names; None while nothing is known."""
        moments = [entry.at for entry in self.entries]
        if self.ingest is not None and self.ingest.at is not None:
            moments.append(self.ingest.at)
        if not moments:
            return None
        shown: dict[str, object] = {"state": self.state, "at": to_rfc3339(max(moments))}
        if self.entries:
            shown["lastEvent"] = self.entries[-1].kind.value
        if self.ingest is not None:
            picture = {
                "bitrateBps": self.ingest.video_bitrate_bps,
                "framesPerSecond": self.ingest.frames_per_second,
                "width": self.ingest.width,
                "height": self.ingest.height,
            }
            shown.update({name: value for name, value in picture.items() if value is not None})
        return shown
