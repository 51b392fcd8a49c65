"""What the authorizer reads from its environment."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class ChatAuthorizerSettings(FunctionSettings):
    """Settings of the function.

    Attributes:
        ticket_secret_arn: The secret that signs tickets.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
    """

    ticket_secret_arn: str
    origin_secret_arn: str = ""
