"""Settings of the analytics API."""

from __future__ import annotations

from typing import Literal

from ayinel_live.runtime.settings import FunctionSettings


class AnalyticsApiSettings(FunctionSettings):
    """The environment, field by field.

    Attributes:
        streams_table: Physical name of the Streams table.
        audience_table: Physical name of the Audience table.
        members_table: Physical name of the Members table, which says whom a stream is hidden from.
        invitations_table: Physical name of the Invitations table, likewise.
        history_endpoint: Host of the DSQL cluster, or DSN of a PostgreSQL; empty without history.
        history_kind: Which of the two.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
    """

    streams_table: str
    audience_table: str
    members_table: str
    invitations_table: str
    history_endpoint: str = ""
    history_kind: Literal["dsql", "postgres"] = "postgres"
    origin_secret_arn: str = ""
