"""What the endpoints stand on, made once with the first request."""

from __future__ import annotations

from ayinel_live.channels.chat_settings_reader import ChatSettingsReader
from ayinel_live.channels.chat_settings_store import ChatSettingsWriter
from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.model import Actor
from ayinel_live.channels.moderation_log import ModerationLogItem, ModerationLogStore
from ayinel_live.channels.service import ChannelChat
from ayinel_live.channels.standing import Standing
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.judging import MessageJudge
from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.chat.sweep import PersonSweep
from ayinel_live.identity.callers import caller_from_claims
from ayinel_live.identity.cursors import Cursors
from ayinel_live.identity.signatures import RotatingSecrets
from ayinel_live.runtime.http import Request
from ayinel_live.runtime.tables import bind_table
from functions.channels_api.api import settings

bind_table(ChannelItem, settings.channels_table)
bind_table(ChatMessageItem, settings.chat_messages_table)
bind_table(ChatterItem, settings.chatters_table)
bind_table(MemberItem, settings.members_table)
bind_table(ModerationLogItem, settings.moderation_log_table)

members = MemberStore()
standing = Standing(members)
sweep = PersonSweep(MessageReader(), MessageJudge(MessageReader(), MessageStore()))
channel_chat = ChannelChat(
    ChatSettingsReader(settings.channels_table),
    ChatSettingsWriter(),
    members,
    ModerationLogStore(),
    standing,
    Cursors(RotatingSecrets(settings.ticket_secret_arn)),
)


def actor_of(request: Request) -> Actor:
    """Return who is calling.

    Raises:
        UnauthenticatedError: The token names nobody.
    """
    return Actor.from_caller(caller_from_claims(request.claims, settings.operator_group))
