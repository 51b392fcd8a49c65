"""Settings of the secret rotator."""

from __future__ import annotations

from ayinel_live.runtime.settings import FunctionSettings


class SecretRotatorSettings(FunctionSettings):
    """The environment of the secret rotator.

    Attributes:
        ticket_secret_arn: The secret that signs tickets, viewer ids and cursors.
        origin_secret_arn: The secret that CloudFront shows; "" where it does not stand before.
        distribution_id: The CloudFront distribution; "" likewise.
    """

    ticket_secret_arn: str
    origin_secret_arn: str = ""
    distribution_id: str = ""
