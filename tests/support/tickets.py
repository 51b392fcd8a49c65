"""Builders of chat tickets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from ayinel_live.identity.tickets import TicketClaims
from ayinel_live.runtime.ids import new_ulid
from tests.support.chat import OWNER_ID, STREAM_ID
from tests.support.clock import START


def ticket_claims(**changes: Any) -> TicketClaims:
    """Return what a ticket says; of a viewer who is signed in, but for the changes."""
    values: dict[str, Any] = {
        "ticket_id": new_ulid(START),
        "stream_id": STREAM_ID,
        "owner_id": OWNER_ID,
        "viewer_id": "ana",
        "user_id": "ana",
        "display_name": "Ana",
        "role": "viewer",
        "country": "NL",
        "device_class": "mobile",
        "referrer_host": "example.org",
        "is_counted": True,
        "is_sight_certain": True,
        "expires_at": START + timedelta(seconds=60),
        "connection_expires_at": START + timedelta(hours=2),
        **changes,
    }
    return TicketClaims(**values)
