"""Every table of the product, by the item class that defines it."""

from __future__ import annotations

from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.reports import ReportItem

ITEMS: tuple[type[TableItem], ...] = (
    AudienceItem,
    AudienceMarkerItem,
    ChannelItem,
    ChatMessageItem,
    ChatterItem,
    ConnectionItem,
    IdempotencyItem,
    InvitationItem,
    MemberItem,
    ModerationLogItem,
    ReportItem,
    StreamItem,
    ViewerItem,
)
