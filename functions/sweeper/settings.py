"""Settings of the sweeper."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class SweeperSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        connections_table: Physical name of the Connections table.
        viewers_table: Physical name of the Viewers table.
        audience_markers_table: Physical name of the AudienceMarkers table.
    """

    connections_table: str
    viewers_table: str
    audience_markers_table: str
