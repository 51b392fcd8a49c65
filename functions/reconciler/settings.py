"""Settings of the reconciler."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class ReconcilerSettings(FunctionSettings):
    """The environment of the reconciler.

    Attributes:
        video_provider: Who carries the video.
        ingest_scheme: Whether encoders push over TLS.
        video_work_queue_url: FIFO queue of background calls to the provider.
        erasure_queue_url: Where deletions go that were not carried out.
    """

    channels_table: str
    streams_table: str
    video_provider: Literal["ivs"] = "ivs"
    ingest_scheme: Literal["rtmps", "rtmp"] = "rtmps"
    video_work_queue_url: str
    erasure_queue_url: str
