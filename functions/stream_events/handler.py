"""Wiring of the stream events function."""

from __future__ import annotations

from functools import partial

from aws_lambda_powertools import Logger

from ayinel_live.runtime.aws import aws_client
from functions.stream_events.publisher import StreamEventPublisher
from functions.stream_events.settings import StreamEventsSettings

settings = StreamEventsSettings.from_environment()

handler = StreamEventPublisher(
    partial(aws_client, "events"),
    settings.event_bus_name,
    partial(aws_client, "sqs"),
    settings.history_queue_url,
    Logger(service="stream_events"),
)
