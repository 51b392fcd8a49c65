"""Settings of the playback revoker."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class PlaybackRevokerSettings(FunctionSettings):
    """The environment of the playback revoker.

    Attributes:
        video_work_queue_url: FIFO queue of background calls to the provider.
    """

    channels_table: str
    streams_table: str
    video_work_queue_url: str
