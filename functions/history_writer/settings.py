"""Settings of the history writer."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class HistoryWriterSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        streams_table: Physical name of the Streams table.
        viewers_table: Physical name of the Viewers table.
        audience_table: Physical name of the Audience table.
        audience_markers_table: Physical name of the AudienceMarkers table.
        chat_messages_table: Physical name of the ChatMessages table.
        history_endpoint: Host of the DSQL cluster, or DSN of a PostgreSQL.
        history_kind: Which of the two.
    """

    streams_table: str
    viewers_table: str
    audience_table: str
    audience_markers_table: str
    chat_messages_table: str
    history_endpoint: str
    history_kind: Literal["dsql", "postgres"]
