"""What the endpoints stand on, made once with the first request."""

from __future__ import annotations

from functools import cache

from ayinel_live.audience.analytics import AnalyticsReader
from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.history.reader import HistoryReader
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.errors import UnsupportedError
from ayinel_live.runtime.tables import bind_table
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.service import StreamReader
from ayinel_live.streams.store import StreamStore
from functions.analytics_api.api import settings

bind_table(StreamItem, settings.streams_table)
bind_table(AudienceItem, settings.audience_table)
bind_table(MemberItem, settings.members_table)
bind_table(InvitationItem, settings.invitations_table)
clock = utc_now
streams = StreamStore()
reader = StreamReader(streams)
audience = AnalyticsReader()


@cache
def history() -> HistoryReader:
    """Return the history; its driver is loaded on first use.

    Raises:
        UnsupportedError: This installation keeps none.
    """
    if not settings.history_endpoint:
        raise UnsupportedError("This installation keeps no history.", code="no-history")
    from ayinel_live.history.database import Database

    return HistoryReader(Database(settings.history_endpoint, settings.history_kind))
