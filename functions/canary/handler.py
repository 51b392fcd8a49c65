"""Walks the way of a viewer at each tick, and counts whether it came through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.runtime import metrics
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from functions.canary.house_stream import ensure_house_stream
from functions.canary.settings import CanarySettings
from functions.canary.socket import HandshakeError
from functions.canary.walk import Walk, WalkError

settings = CanarySettings.from_environment()
bind_table(StreamItem, settings.streams_table)
logger = Logger(service="canary")
telemetry = Telemetry("canary", settings.stage, logger)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Walk once; a walk that fails is an answer and no fault of this function.

    Args:
        event: The schedule's; not needed.
        context: Not needed.
    """
    now = utc_now()
    ensure_house_stream(settings.house_channel_arn, now)
    walk = Walk(settings.api_url)
    try:
        milliseconds = walk.go(f"The canary sings {new_ulid(now)}")
    except (HandshakeError, OSError, WalkError) as error:
        telemetry.count(metrics.CANARY_FAILED)
        logger.warning("canary_failed", step=walk.step, fault=type(error).__name__)
        return {"isWell": False, "step": walk.step}
    telemetry.count(metrics.CANARY_SUCCEEDED)
    telemetry.time(metrics.CANARY_TOOK, milliseconds)
    return {"isWell": True, "milliseconds": round(milliseconds)}
