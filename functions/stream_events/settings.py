"""Settings of the stream events function."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class StreamEventsSettings(FunctionSettings):
    """The environment of the stream events function.

    Attributes:
        event_bus_name: The platform's bus.
        history_queue_url: Where ended streams go.
        video_work_queue_url: FIFO queue of background calls to the provider.
    """

    event_bus_name: str
    history_queue_url: str
    video_work_queue_url: str
