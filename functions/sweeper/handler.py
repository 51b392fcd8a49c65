"""Closes connections that are gone: those a post found missing at once, the silent each minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from ayinel_live.audience.presence import Presence
from ayinel_live.audience.store import AudienceMarkerItem, ViewerItem
from ayinel_live.audience.sweep import Sweep
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from functions.sweeper.departures import Departure
from functions.sweeper.settings import SweeperSettings

# A post made while its connection is still being opened is answered 410 too (API Gateway,
# "Use @connections commands"), so a connection seen this shortly before is not taken for gone.
OPENING_TIME = timedelta(seconds=10)

logger = Logger(service="sweeper")
settings = SweeperSettings.from_environment()
telemetry = Telemetry("sweeper", settings.stage, logger)
bind_table(ConnectionItem, settings.connections_table)
bind_table(ViewerItem, settings.viewers_table)
bind_table(AudienceMarkerItem, settings.audience_markers_table)
presence = Presence()
sweep = Sweep(presence)


@telemetry.watch
def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Take departures from the queue, or sweep when the schedule calls."""
    if "Records" in event:
        failures = take_departures(event["Records"])
        taken = len(event["Records"]) - len(failures)
        telemetry.count(names.DEPARTURES_TAKEN, taken)
        return {"batchItemFailures": failures}
    swept = sweep.run(utc_now())
    telemetry.count(names.CONNECTIONS_SWEPT, swept.closed)
    if swept.failed:
        logger.warning("Could not sweep all connections.", failed=swept.failed)
    return {"closed": swept.closed, "failed": swept.failed}


def take_departures(records: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Close the connections that posts found gone; return the messages to be tried again."""
    failures = []
    for record in records:
        try:
            departure = Departure.model_validate_json(record["body"])
        except ValidationError:
            logger.exception("Could not read a departure.", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            presence.leave(
                departure.connection_id,
                departure.at,
                "gone",
                seen_until=departure.at - OPENING_TIME,
            )
        except Exception:
            logger.exception("Could not take a departure.", connection_id=departure.connection_id)
            failures.append({"itemIdentifier": record["messageId"]})
    return failures
