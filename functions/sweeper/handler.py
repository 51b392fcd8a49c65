"""Closes connections that are gone: those a post found missing at once, the silent each minute."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from ayinel_live.audience.presence import Presence
from ayinel_live.audience.store import AudienceMarkerItem, ViewerItem
from ayinel_live.audience.sweep import Sweep
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.tables import bind_table
from functions.sweeper.departures import Departure
from functions.sweeper.settings import SweeperSettings

logger = Logger(service="sweeper")
settings = SweeperSettings.from_environment()
bind_table(ConnectionItem, settings.connections_table)
bind_table(ViewerItem, settings.viewers_table)
bind_table(AudienceMarkerItem, settings.audience_markers_table)
presence = Presence()
sweep = Sweep(presence)


def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Take departures from the queue, or sweep when the schedule calls."""
    if "Records" in event:
        return {"batchItemFailures": take_departures(event["Records"])}
    swept = sweep.run(utc_now())
    logger.info("connections_swept", closed=swept.closed, failed=swept.failed)
    return {"closed": swept.closed, "failed": swept.failed}


def take_departures(records: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Close the connections that posts found gone; return the messages to be tried again."""
    failures = []
    for record in records:
        try:
            departure = Departure.model_validate_json(record["body"])
        except ValidationError:
            logger.exception("departure_unreadable", message_id=record["messageId"])
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            presence.leave(departure.connection_id, departure.at, "gone")
        except Exception:
            logger.exception("departure_failed", connection_id=departure.connection_id)
            failures.append({"itemIdentifier": record["messageId"]})
    return failures
