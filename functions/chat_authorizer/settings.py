"""What the authorizer reads from its environment."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class ChatAuthorizerSettings(FunctionSettings):
    """Settings of the function."""

    ticket_secret_arn: str
