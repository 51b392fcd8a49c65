"""Settings of the video worker."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class VideoWorkerSettings(FunctionSettings):
    """The environment of the video worker.

    Attributes:
        video_provider: Who carries the video.
        ingest_scheme: Whether encoders push over TLS.
    """

    channels_table: str
    streams_table: str
    video_provider: Literal["ivs"] = "ivs"
    ingest_scheme: Literal["rtmps", "rtmp"] = "rtmps"
