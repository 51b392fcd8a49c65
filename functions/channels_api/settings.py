"""What the channels API reads from its environment."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class ChannelsApiSettings(FunctionSettings):
    """Settings of the function.

    Attributes:
        operator_group: The group whose members are operators; "" for none.
        ticket_secret_arn: The secret that signs cursors.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
    """

    channels_table: str
    chat_messages_table: str
    chatters_table: str
    members_table: str
    moderation_log_table: str
    operator_group: str = ""
    ticket_secret_arn: str
    origin_secret_arn: str = ""
