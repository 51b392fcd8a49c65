"""One look at the secrets each hour; what is old is rotated."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.identity.rotation import SecretRotation
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.telemetry import Telemetry
from functions.secret_rotator.front_door import FrontDoor
from functions.secret_rotator.settings import SecretRotatorSettings

settings = SecretRotatorSettings.from_environment()
logger = Logger(service="secret_rotator")
telemetry = Telemetry("secret_rotator", settings.stage, logger)
rotation = SecretRotation(partial(aws_client, "secretsmanager"))
front_door = FrontDoor(partial(aws_client, "cloudfront"), settings.distribution_id)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Rotate what is old.

    Args:
        event: The schedule's; not needed.
        context: Not needed.
    """
    tickets = rotation.rotate(settings.ticket_secret_arn)
    logger.info("ticket_secret_looked_at", rotated_at=tickets.rotated_at.isoformat())
    if settings.origin_secret_arn:
        shown = rotation.rotate(settings.origin_secret_arn)
        is_changed = front_door.show(shown)
        logger.info(
            "origin_secret_looked_at",
            rotated_at=shown.rotated_at.isoformat(),
            is_changed=is_changed,
        )
