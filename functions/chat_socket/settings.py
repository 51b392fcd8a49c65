"""What the chat's WebSocket function reads from its environment."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class ChatSocketSettings(FunctionSettings):
    """Settings of the function."""

    audience_table: str
    channels_table: str
    chat_messages_table: str
    chatters_table: str
    connections_table: str
    idempotency_table: str
    invitations_table: str
    members_table: str
    moderation_log_table: str
    streams_table: str
    viewers_table: str
    moderation_queue_url: str
