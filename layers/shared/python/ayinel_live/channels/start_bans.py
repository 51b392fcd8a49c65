"""Who may not start streams: barred by an operator.

A ban is an item of its own under a digest of the person's id, for it has to outlast an erasure:
otherwise whoever is barred would ask to be erased and begin anew. It tells nobody apart but who
comes with that very id, and holds nothing else.
"""

from __future__ import annotations

import hashlib
from datetime import datetime

from ayinel_live.channels.store import ChannelItem
from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.errors import ForbiddenError


class StartBans:
    """Bans from starting streams."""

    def put(self, user_id: str, at: datetime) -> None:
        """Keep a person from starting streams.

        Args:
            user_id: The person.
            at: The time, aware.
        """
        ChannelItem(_key(user_id), start_banned_at=to_rfc3339(at)).save()

    def lift(self, user_id: str) -> None:
        """Let a person start streams again; nothing where there is no ban."""
        ChannelItem(_key(user_id)).delete()

    def require_none(self, user_id: str) -> None:
        """Refuse who may not start streams.

        Raises:
            ForbiddenError: An operator barred the person (`start-banned`).
        """
        try:
            item = ChannelItem.get(_key(user_id), consistent_read=True)
        except ChannelItem.DoesNotExist:
            return
        raise ForbiddenError(
            "This account may not start streams.",
            code="start-banned",
            extra={"since": to_rfc3339(from_rfc3339(item.start_banned_at or ""))},
        )


def _key(user_id: str) -> str:
    # No user id has a `#`.
    return f"start-ban#{hashlib.sha256(user_id.encode()).hexdigest()}"
