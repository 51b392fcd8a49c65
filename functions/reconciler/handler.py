"""One pass of the reconciler per tick of the schedule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.channels.store import ChannelItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime import metrics
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.deletion import ErasureQueue
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.reconciliation import Reconciler
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.providers import make_provider
from functions.reconciler.settings import ReconcilerSettings

# Within the function's time-out of a minute.
BUDGET_SECONDS = 40.0

settings = ReconcilerSettings.from_environment()
bind_table(ChannelItem, settings.channels_table)
bind_table(StreamItem, settings.streams_table)
logger = Logger(service="reconciler")
telemetry = Telemetry("reconciler", settings.stage, logger)
budget = RequestBudget(BUDGET_SECONDS)
provider = make_provider(
    settings.video_provider,
    budget,
    ingest_scheme=settings.ingest_scheme,
    recording_configuration_arn="",
)
streams = StreamStore()
channels = ChannelStore()
reconciler = Reconciler(
    provider,
    streams,
    StreamObserver(streams, channels),
    StreamEnding(provider, streams, channels),
    VideoWorkQueue(partial(aws_client, "sqs"), settings.video_work_queue_url),
    ErasureQueue(partial(aws_client, "sqs"), settings.erasure_queue_url),
)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Make one pass.

    Args:
        event: The schedule's; not needed.
        context: Not needed.
    """
    budget.restart()
    report = reconciler.run()
    telemetry.count(metrics.STREAMS_MENDED, len(report.mended))
    telemetry.count(metrics.STREAMS_NOT_MENDED, len(report.failed) + len(report.unreadable))
    if report.unreadable:
        logger.error("streams_unreadable", stream_ids=report.unreadable)
    if any(asdict(report).values()):
        logger.info("streams_reconciled", **asdict(report))
