"""Builders of what presence is told."""

from __future__ import annotations

from datetime import datetime
from itertools import count

from ayinel_live.audience.presence import JoinRequest

STREAM_ID = "01KE0000000000000000000000"
OWNER_ID = "owner-1"

_tickets = count(1)


def join_request(
    connection_id: str,
    viewer_id: str,
    at: datetime,
    *,
    stream_id: str = STREAM_ID,
    role: str = "viewer",
    ticket_id: str | None = None,
    country: str = "DE",
    device_class: str = "desktop",
    referrer_host: str = "",
    is_counted: bool = True,
) -> JoinRequest:
    """A connection that may open: a ticket of its own, good for a minute."""
    seconds = int(at.timestamp())
    return JoinRequest(
        connection_id=connection_id,
        stream_id=stream_id,
        owner_id=OWNER_ID,
        viewer_id=viewer_id,
        role=role,
        ticket_id=ticket_id or f"ticket-{next(_tickets)}",
        ticket_expires_at=seconds + 60,
        connection_expires_at=seconds + 3600,
        country=country,
        device_class=device_class,
        referrer_host=referrer_host,
        is_counted=is_counted,
        at=at,
    )
