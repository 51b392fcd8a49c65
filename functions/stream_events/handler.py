"""Wiring of the stream events function."""

from __future__ import annotations

from functools import partial

from aws_lambda_powertools import Logger

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from functions.stream_events.publisher import StreamEventPublisher
from functions.stream_events.settings import StreamEventsSettings

settings = StreamEventsSettings.from_environment()
logger = Logger(service="stream_events")
telemetry = Telemetry("stream_events", settings.stage, logger)

publisher = StreamEventPublisher(
    partial(aws_client, "events"),
    settings.event_bus_name,
    partial(aws_client, "sqs"),
    settings.history_queue_url,
    PlaybackRevocation(
        StreamStore(),
        ChannelStore(),
        VideoWorkQueue(partial(aws_client, "sqs"), settings.video_work_queue_url),
    ),
    logger,
    telemetry.count,
)
handler = telemetry.watch(publisher)
