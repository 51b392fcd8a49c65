"""Settings of the playback key rotator."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class PlaybackKeyRotatorSettings(FunctionSettings):
    """The environment of the playback key rotator.

    Attributes:
        video_provider: Who carries the video.
        ingest_scheme: Whether encoders push over TLS.
        playback_key_secret_arn: Holds the playback signing keys.
    """

    idempotency_table: str
    video_provider: Literal["ivs"] = "ivs"
    ingest_scheme: Literal["rtmps", "rtmp"] = "rtmps"
    playback_key_secret_arn: str
