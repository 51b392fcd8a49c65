"""Settings of the erasure worker."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class ErasureWorkerSettings(FunctionSettings):
    """The environment of the erasure worker.

    Attributes:
        video_provider: Who carries the video.
        ingest_scheme: Whether encoders push over TLS.
        erasure_queue_url: The worker's own queue, for what takes more than one run.
        history_endpoint: Host of the DSQL cluster, or DSN of a PostgreSQL.
        history_kind: Which of the two.
        event_bus_name: The platform's bus, which is told at the end.
    """

    channels_table: str
    streams_table: str
    invitations_table: str
    reports_table: str
    chat_messages_table: str
    chatters_table: str
    members_table: str
    moderation_log_table: str
    connections_table: str
    viewers_table: str
    audience_table: str
    audience_markers_table: str
    idempotency_table: str
    video_provider: Literal["ivs"] = "ivs"
    ingest_scheme: Literal["rtmps", "rtmp"] = "rtmps"
    erasure_queue_url: str
    history_endpoint: str
    history_kind: Literal["dsql", "postgres"]
    event_bus_name: str
