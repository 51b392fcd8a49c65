"""What Amazon IVS answers, in the product's words."""

from __future__ import annotations

from datetime import UTC, datetime

from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.video.ivs_calls import Answer
from ayinel_live.video.model import (
    ChannelAccess,
    IngestConfiguration,
    VideoChannel,
    VideoSession,
)


def channel_from(answer: Answer) -> VideoChannel:
    """Return a channel."""
    is_authorized = answer.get("authorized", False)
    return VideoChannel(
        channel_id=answer["arn"],
        ingest_endpoint=answer["ingestEndpoint"],
        playback_url=answer["playbackUrl"],
        access=ChannelAccess.AUTHORIZED if is_authorized else ChannelAccess.OPEN,
    )


def session_from(answer: Answer, channel_id: str) -> VideoSession:
    """Return a push; one in a list of a channel does not name the channel."""
    ended = answer.get("endTime")
    return VideoSession(
        session_id=answer.get("streamId", ""),
        started_at=_moment(answer["startTime"]),
        ended_at=_moment(ended) if ended else None,
        channel_id=channel_id,
    )


def _moment(value: datetime | str) -> datetime:
    return from_rfc3339(value) if isinstance(value, str) else value.astimezone(UTC)


def ingest_from(session: Answer) -> IngestConfiguration | None:
    """Return what an encoder sends, from the new shape or the old; None while unknown."""
    tracks = session.get("ingestConfigurations") or {}
    legacy = session.get("ingestConfiguration") or {}
    video = next(iter(tracks.get("videoConfigurations") or []), None) or legacy.get("video") or {}
    audio = next(iter(tracks.get("audioConfigurations") or []), None) or legacy.get("audio") or {}
    if not video and not audio:
        return None
    return IngestConfiguration(
        width=video.get("videoWidth"),
        height=video.get("videoHeight"),
        frames_per_second=video.get("targetFramerate"),
        video_bitrate_bps=video.get("targetBitrate"),
        video_codec=video.get("codec"),
        audio_bitrate_bps=audio.get("targetBitrate"),
        audio_codec=audio.get("codec"),
        encoder=video.get("encoder"),
    )
