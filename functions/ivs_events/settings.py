"""Settings of the IVS events function."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class IvsEventsSettings(FunctionSettings):
    """The environment of the IVS events function.

    Attributes:
        video_work_queue_url: FIFO queue of background calls to the provider.
    """

    channels_table: str
    streams_table: str
    video_work_queue_url: str
