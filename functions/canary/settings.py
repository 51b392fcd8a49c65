"""Settings of the canary."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class CanarySettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        api_url: Public base of the HTTP API, as viewers know it.
        streams_table: Physical name of the Streams table.
        house_channel_arn: The house's video channel; empty where there is no video.
    """

    api_url: str
    streams_table: str
    house_channel_arn: str = ""
