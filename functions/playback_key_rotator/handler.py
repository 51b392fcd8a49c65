"""One look at the playback keys' age per tick of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.idempotency import IdempotencyItem, IdempotencyStore
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.playback_keys import PlaybackKeys, PlaybackKeySecret
from ayinel_live.video.providers import make_provider
from functions.playback_key_rotator.settings import PlaybackKeyRotatorSettings

BUDGET_SECONDS = 15.0

settings = PlaybackKeyRotatorSettings.from_environment()
bind_table(IdempotencyItem, settings.idempotency_table)
logger = Logger(service="playback_key_rotator")
telemetry = Telemetry("playback_key_rotator", settings.stage, logger)
budget = RequestBudget(BUDGET_SECONDS)
keys = PlaybackKeys(
    PlaybackKeySecret(partial(aws_client, "secretsmanager"), settings.playback_key_secret_arn),
    make_provider(
        settings.video_provider,
        budget,
        ingest_scheme=settings.ingest_scheme,
        recording_configuration_arn="",
    ),
    IdempotencyStore(),
    stage=settings.stage,
)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Look, and do what is due.

    Args:
        event: The schedule's; not needed.
        context: Not needed.
    """
    budget.restart()
    logger.info("playback_keys_looked_at", outcome=keys.rotate())
