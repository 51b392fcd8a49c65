"""What the product asks of a video provider, in words of its own.

A provider takes RTMP at an ingest address, serves HLS at a playback address and tells what happens
as `VideoEvent`s. One implementation is Amazon IVS (`video/ivs.py`); Mux and Cloudflare Stream fit
the same shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ayinel_live.runtime.errors import ConflictError, NotFoundError, UpstreamError


class Quality(StrEnum):
    """The picture a creator asks for."""

    HD = "720p"
    FULL_HD = "1080p"
    ULTRA_HD = "4K"


class ChannelAccess(StrEnum):
    """Whether a channel's pictures are open to all or need a playback token."""

    OPEN = "open"
    AUTHORIZED = "authorized"


@dataclass(frozen=True, slots=True)
class VideoChannel:
    """A channel as the provider describes it.

    Attributes:
        channel_id: The provider's id (IVS: the ARN).
        ingest_endpoint: Host, or host and port, that takes RTMP.
        playback_url: The HLS playlist.
        access: Who may play it.
    """

    channel_id: str
    ingest_endpoint: str
    playback_url: str
    access: ChannelAccess


@dataclass(frozen=True, slots=True)
class StreamKey:
    """The secret an encoder publishes with; handed out once and stored nowhere."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class VideoSession:
    """One uninterrupted push of one encoder.

    Attributes:
        session_id: The provider's id (IVS calls it a stream id).
        started_at: When it went on air.
        ended_at: When it went off; None while on air.
        channel_id: The channel pushed to.
    """

    session_id: str
    started_at: datetime
    channel_id: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class IngestConfiguration:
    """What an encoder sends; bitrates in bits per second."""

    width: int | None = None
    height: int | None = None
    frames_per_second: float | None = None
    video_bitrate_bps: int | None = None
    video_codec: str | None = None
    audio_bitrate_bps: int | None = None
    audio_codec: str | None = None
    encoder: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do.

    Attributes:
        name: The provider.
        qualities: Pictures it delivers, smallest first.
        max_bitrate_bps: The most that an encoder may send.
        has_private_playback: Whether playback can be bound to a token.
        has_timed_metadata: Whether data can ride in the video.
    """

    name: str
    qualities: tuple[Quality, ...]
    max_bitrate_bps: int
    has_private_playback: bool
    has_timed_metadata: bool


class VideoEventKind(StrEnum):
    """What can happen to a push."""

    SESSION_CREATED = "session-created"
    STREAM_STARTED = "stream-started"
    STREAM_ENDED = "stream-ended"
    SESSION_ENDED = "session-ended"
    STREAM_FAILED = "stream-failed"
    TAKEN_OVER = "taken-over"
    TAKEOVER_FAILED = "takeover-failed"
    STARVATION_STARTED = "starvation-started"
    STARVATION_ENDED = "starvation-ended"
    LIMIT_BREACHED = "limit-breached"
    RECORDING_STARTED = "recording-started"
    RECORDING_ENDED = "recording-ended"
    RECORDING_START_FAILED = "recording-start-failed"
    RECORDING_END_FAILED = "recording-end-failed"


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What the provider says of a recording.

    Attributes:
        bucket: Where it lies.
        prefix: Under which key prefix, without a trailing slash.
        duration_ms: Its length, known at the end.
        recording_id: The provider's id of it.
    """

    bucket: str
    prefix: str
    duration_ms: int
    recording_id: str


@dataclass(frozen=True, slots=True)
class VideoEvent:
    """Something that happened to a push, as told by the provider: late, doubled or out of order.

    Attributes:
        event_id: The provider's id of the event.
        kind: What happened.
        at: When it happened there, to the second.
        channel_id: On which channel.
        session_id: In which push; empty where the provider does not say.
        reason: Why, in the provider's words, for failures and breaches.
        recording: For the kinds that speak of a recording.
    """

    event_id: str
    kind: VideoEventKind
    at: datetime
    channel_id: str
    session_id: str
    reason: str = ""
    recording: RecordingFacts | None = None


class ChannelNotFoundError(NotFoundError):
    """The provider knows no such channel."""

    code = "channel-not-found"


class NotBroadcastingError(NotFoundError):
    """Nobody pushes to the channel."""

    code = "not-broadcasting"


class ChannelBusyError(ConflictError):
    """The provider refuses because the channel is on air or being changed."""

    code = "channel-busy"


class ProviderThrottledError(UpstreamError):
    """The provider refuses for rate until the time for the request has run out."""

    code = "provider-throttled"


class VideoProvider(Protocol):
    """What the product needs from whoever carries the video."""

    @property
    def capabilities(self) -> Capabilities:
        """What this provider can do."""

    @property
    def can_record(self) -> bool:
        """Whether broadcasts can be recorded here."""

    def create_channel(self, name: str, access: ChannelAccess, quality: Quality) -> VideoChannel:
        """Make a channel without any key that somebody knows."""

    def find_channel(self, name: str) -> VideoChannel | None:
        """Return the channel of a name, made before by a request that did not live to say so."""

    def configure_channel(self, channel_id: str, quality: Quality, *, is_recorded: bool) -> None:
        """Settle picture and recording of a channel that is off air."""

    def rtmp_url(self, ingest_endpoint: str) -> str:
        """Return the address an encoder is given, without the key."""

    def create_key(self, channel_id: str) -> StreamKey:
        """Make the channel's one key; there must be none."""

    def current_key(self, channel_id: str) -> StreamKey | None:
        """Return the channel's key, or None where it has none."""

    def revoke_keys(self, channel_id: str) -> None:
        """Delete every key of the channel, so that no encoder can come (back) on air."""

    def stop_broadcast(self, channel_id: str) -> bool:
        """Throw the encoder off; False where none was on."""

    def live_session(self, channel_id: str) -> VideoSession | None:
        """Return the push that is on air."""

    def recent_sessions(self, channel_id: str) -> tuple[VideoSession, ...]:
        """Return the channel's latest pushes, newest first."""

    def live_sessions(self) -> tuple[VideoSession, ...]:
        """Return every push that is on air in the account, all pages."""

    def ingest(self, channel_id: str, session_id: str) -> IngestConfiguration | None:
        """Return what the encoder of a push sends, or None while unknown."""

    def put_metadata(self, channel_id: str, metadata: str) -> None:
        """Send data to the players within the video."""

    def revoke_viewer(self, channel_id: str, viewer_id: str, up_to_version: int) -> None:
        """End one viewer's private playback, for tokens up to a version."""

    def delete_channel(self, channel_id: str) -> None:
        """Delete a channel with its keys; it must be off air."""
