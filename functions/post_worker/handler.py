"""Wiring of the post worker, and the translation between SQS and delivery."""

from __future__ import annotations

import asyncio
import gc
from datetime import UTC, datetime
from typing import Any, Protocol

from aws_lambda_powertools import Logger

from ayinel_live.fan_out.aws_calls import AwsCalls
from ayinel_live.fan_out.delivery import Delivery, Outcome, QueueMessage
from ayinel_live.fan_out.endpoint import Dialer, Endpoint
from ayinel_live.fan_out.outbox import Outbox
from ayinel_live.fan_out.poster import Poster
from ayinel_live.fan_out.recipients import ConnectionFinder
from ayinel_live.fan_out.signer import Credentials, PostSigner
from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.telemetry import Telemetry
from functions.post_worker.settings import PostWorkerSettings

# What is kept of the function's time for handing on what could not be posted.
RESERVE_SECONDS = 6.0


class Context(Protocol):
    """What is used of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the time until Lambda ends the invocation."""


def delivery_for(settings: PostWorkerSettings) -> Delivery:
    """Wire a delivery.

    Args:
        settings: The environment.
    """
    region, bundle = settings.aws_region, settings.aws_ca_bundle
    credentials = Credentials(
        settings.aws_access_key_id, settings.aws_secret_access_key, settings.aws_session_token
    )

    def calls(service: str, target: str) -> AwsCalls:
        url = settings.aws_endpoint_url or f"https://{service}.{region}.amazonaws.com"
        return AwsCalls(Dialer(Endpoint.of(url), bundle), credentials, region, service, target)

    gateway = Endpoint.of(settings.connections_endpoint_url)
    signer = PostSigner(credentials, region, gateway.host_header, gateway.path)
    return Delivery(
        ConnectionFinder(calls("dynamodb", "DynamoDB_20120810"), settings.connections_table),
        Poster(Dialer(gateway, bundle), signer, settings.posts_per_second),
        Outbox(
            calls("sqs", "AmazonSQS"),
            settings.posts_queue_url,
            settings.departures_queue_url,
            settings.set_aside_queue_url,
        ),
        lambda: datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    )


def event_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop, uvloop's where it is present, which spends less on a post."""
    try:
        import uvloop
    except ImportError:
        return asyncio.new_event_loop()
    return uvloop.new_event_loop()


settings = PostWorkerSettings.from_environment()
logger = Logger()
telemetry = Telemetry("post_worker", settings.stage, logger)
# One loop for the life of the process, since the kept connections belong to it.
loop = event_loop()
delivery = delivery_for(settings)
# What was imported stays: the collector need not look at it again while frames wait.
gc.freeze()


@telemetry.watch
def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Deliver a batch of the `posts` queue."""
    messages = [
        QueueMessage(
            message_id=record["messageId"],
            group=record["attributes"].get("MessageGroupId", ""),
            sequence_number=record["attributes"].get("SequenceNumber", "0"),
            body=record["body"],
            receipt_handle=record["receiptHandle"],
            deliveries=int(record["attributes"].get("ApproximateReceiveCount", 1)),
        )
        for record in event["Records"]
    ]
    seconds = max(1.0, context.get_remaining_time_in_millis() / 1000 - RESERVE_SECONDS)
    outcome = loop.run_until_complete(delivery.deliver(messages, seconds))
    _tell(outcome)
    failed = outcome.failed_message_ids
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _tell(outcome: Outcome) -> None:
    report = outcome.report
    telemetry.count(names.POSTS_DELIVERED, report.delivered)
    for name, value in (
        (names.POSTS_RETRIED, report.retried),
        (names.POSTS_THROTTLED, report.throttled),
        (names.POSTS_REFUSED, len(report.refused) + report.forbidden),
        (names.POSTS_LEFT, len(report.left)),
        (names.POSTS_GIVEN_UP, outcome.given_up),
        (names.CONNECTIONS_GONE, len(report.gone)),
        (names.FRAMES_MADE, outcome.frames),
        (names.EVENTS_DELIVERED, outcome.events),
        (names.MESSAGES_SET_ASIDE, outcome.set_aside),
    ):
        if value:
            telemetry.count(name, value)
    statuses = {status for _, status in report.refused} | ({403} if report.forbidden else set())
    if outcome.faults or statuses or outcome.given_up or outcome.set_aside:
        logger.warning(
            "Delivered with faults.",
            faults=outcome.faults,
            refused=sorted(statuses),
            given_up=outcome.given_up,
            set_aside=outcome.set_aside,
        )
