"""Settings of the audience worker."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class AudienceWorkerSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        audience_table: Physical name of the Audience table.
        audience_markers_table: Physical name of the AudienceMarkers table.
        streams_table: Physical name of the Streams table.
        set_aside_queue_url: Where records go that nobody can count; empty for the log alone.
    """

    audience_table: str
    audience_markers_table: str
    streams_table: str
    set_aside_queue_url: str = ""
