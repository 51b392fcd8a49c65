"""Wiring of the chat's WebSocket function."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger

from ayinel_live.channels.chat_settings_reader import ChatSettingsReader, RememberedChatSettings
from ayinel_live.chat.chatter_store import ChatterStore
from ayinel_live.chat.moderation_queue import ModerationQueue
from ayinel_live.chat.send import SendService
from ayinel_live.runtime.telemetry import Telemetry
from functions.chat_socket.settings import ChatSocketSettings
from functions.chat_socket.socket import ChatSocket

if TYPE_CHECKING:
    from ayinel_live.audience.entering import Entrance
    from ayinel_live.audience.presence import Presence
    from ayinel_live.channels.member_store import MemberStore
    from ayinel_live.chat.judging import MessageJudge
    from ayinel_live.chat.resume import Resumption

settings = ChatSocketSettings.from_environment()
logger = Logger()
telemetry = Telemetry("chat_socket", settings.stage, logger)


@cache
def sending() -> SendService:
    """Make what sends messages; imports no PynamoDB, and the rules' lists only now."""
    from ayinel_live.moderation.rules import moderate_with_rules

    return SendService(
        ChatterStore(settings.chatters_table, settings.idempotency_table),
        ModerationQueue(settings.moderation_queue_url),
        RememberedChatSettings(ChatSettingsReader(settings.channels_table)),
        moderate_with_rules,
    )


@cache
def bind_tables() -> None:
    """Point the item classes at their tables."""
    from ayinel_live.audience.store import AudienceItem, ViewerItem
    from ayinel_live.channels.moderation_log import ModerationLogItem
    from ayinel_live.channels.store import ChatterItem, MemberItem
    from ayinel_live.chat.store import ChatMessageItem
    from ayinel_live.connections.store import ConnectionItem
    from ayinel_live.runtime.idempotency import IdempotencyItem
    from ayinel_live.runtime.tables import bind_table
    from ayinel_live.streams.invitation_store import InvitationItem
    from ayinel_live.streams.items import StreamItem

    bind_table(AudienceItem, settings.audience_table)
    bind_table(ChatMessageItem, settings.chat_messages_table)
    bind_table(ChatterItem, settings.chatters_table)
    bind_table(ConnectionItem, settings.connections_table)
    bind_table(IdempotencyItem, settings.idempotency_table)
    bind_table(InvitationItem, settings.invitations_table)
    bind_table(MemberItem, settings.members_table)
    bind_table(ModerationLogItem, settings.moderation_log_table)
    bind_table(StreamItem, settings.streams_table)
    bind_table(ViewerItem, settings.viewers_table)


@cache
def presence() -> Presence:
    """Make what knows who is there."""
    from ayinel_live.audience.presence import Presence

    bind_tables()
    return Presence()


@cache
def entrance() -> Entrance:
    """Make what lets connections in."""
    from ayinel_live.audience.entering import Entrance
    from ayinel_live.streams.service import StreamReader

    return Entrance(presence(), StreamReader())


@cache
def resuming() -> Resumption:
    """Make what tells what was missed."""
    from ayinel_live.chat.message_reader import MessageReader
    from ayinel_live.chat.resume import Resumption

    bind_tables()
    return Resumption(MessageReader())


@cache
def removing() -> MessageJudge:
    """Make what takes messages away."""
    from ayinel_live.chat.judging import MessageJudge
    from ayinel_live.chat.message_reader import MessageReader
    from ayinel_live.chat.message_store import MessageStore

    bind_tables()
    return MessageJudge(MessageReader(), MessageStore())


@cache
def members() -> MemberStore:
    """Make what knows people's standing."""
    from ayinel_live.channels.member_store import MemberStore

    bind_tables()
    return MemberStore()


socket = ChatSocket(
    sending=sending,
    entrance=entrance,
    presence=presence,
    resuming=resuming,
    removing=removing,
    members=members,
    logger=logger,
    count=telemetry.count,
)
handler = telemetry.watch(socket)
