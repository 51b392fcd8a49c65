"""What the chat API reads from its environment."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class ChatApiSettings(FunctionSettings):
    """Settings of the function.

    Attributes:
        token_issuer: The `iss` of tokens.
        token_jwks_url: Where the issuer's keys lie.
        token_audiences: Accepted audiences, separated by commas.
        operator_group: The group whose members are operators; "" for none.
        ticket_secret_arn: The secret that signs tickets, viewer ids and cursors.
        chat_url: Where the WebSocket API is, `wss://…`.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
        tickets_per_minute_per_address: How many tickets somebody who is not signed in may take.
            Many people share an address behind carriers and in schools.
    """

    chat_messages_table: str
    idempotency_table: str
    invitations_table: str
    members_table: str
    moderation_log_table: str
    streams_table: str
    token_issuer: str
    token_jwks_url: str
    token_audiences: str
    operator_group: str = ""
    ticket_secret_arn: str
    chat_url: str
    origin_secret_arn: str = ""
    tickets_per_minute_per_address: int = 120

    @property
    def audiences(self) -> tuple[str, ...]:
        """The accepted audiences."""
        return tuple(part.strip() for part in self.token_audiences.split(",") if part.strip())
