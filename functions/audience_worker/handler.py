"""Counts what the Viewers and ChatMessages tables tell, each change once."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem
from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.service import StreamReader
from functions.audience_worker.settings import AudienceWorkerSettings
from functions.audience_worker.worker import AudienceWorker, Outcome

logger = Logger(service="audience_worker")
settings = AudienceWorkerSettings.from_environment()
telemetry = Telemetry("audience_worker", settings.stage, logger)
bind_table(AudienceItem, settings.audience_table)
bind_table(AudienceMarkerItem, settings.audience_markers_table)
bind_table(StreamItem, settings.streams_table)
streams = StreamReader()


def stream_end(stream_id: str) -> int | None:
    """Return a stream's end in epoch milliseconds, None while it has none."""
    end = streams.get(stream_id).end_time
    return None if end is None else to_milliseconds(end)


worker = AudienceWorker(AudienceCounter(), stream_end)


@telemetry.watch
def handler(event: dict[str, Any], context: object) -> dict[str, object]:
    """Count a batch; where a stream cannot be counted now, the batch comes again from its start."""
    records = event["Records"]
    outcome = worker.work(records)
    set_aside(outcome)
    telemetry.count(names.VIEWERS_COUNTED, outcome.counted)
    telemetry.count(names.RECORDS_SET_ASIDE, len(outcome.set_aside))
    telemetry.count(names.STREAMS_RETRIED, len(outcome.failed_streams))
    if outcome.failed_streams:
        logger.warning("Streams are tried again.", streams=sorted(outcome.failed_streams))
    if not outcome.failed_streams:
        return {"batchItemFailures": []}
    # What is counted already changes nothing, so the simplest retry is the whole batch.
    first = records[0]["dynamodb"]["SequenceNumber"]
    return {"batchItemFailures": [{"itemIdentifier": first}]}


def set_aside(outcome: Outcome) -> None:
    """Keep records that nobody can count apart, so that they hold up nobody."""
    for record, fault in outcome.set_aside:
        logger.error("Set a record aside.", event_id=record.get("eventID"), fault=fault)
        if settings.set_aside_queue_url:
            aws_client("sqs").send_message(
                QueueUrl=settings.set_aside_queue_url,
                MessageBody=json.dumps(
                    {"function": "audience_worker", "fault": fault, "record": record}, default=str
                ),
            )
