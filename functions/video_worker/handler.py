"""Background calls to the provider, message by message of a FIFO queue with one group."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.channels.store import ChannelItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.errors import NotFoundError, RetryableError
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorker, video_work_from
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.providers import make_provider
from functions.video_worker.settings import VideoWorkerSettings

BUDGET_SECONDS = 20.0

settings = VideoWorkerSettings.from_environment()
bind_table(ChannelItem, settings.channels_table)
bind_table(StreamItem, settings.streams_table)
logger = Logger(service="video_worker")
telemetry = Telemetry("video_worker", settings.stage, logger)
budget = RequestBudget(BUDGET_SECONDS)
worker = VideoWorker(
    make_provider(
        settings.video_provider,
        budget,
        ingest_scheme=settings.ingest_scheme,
        recording_configuration_arn="",
    ),
    StreamObserver(StreamStore(), ChannelStore()),
    partial(aws_client, "s3"),
)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> dict[str, list[dict[str, str]]]:
    """Work off a batch; from the first that fails on, everything comes again, in order.

    Args:
        event: Messages of the queue.
        context: Not needed.
    """
    budget.restart()
    records = event["Records"]
    for place, record in enumerate(records):
        try:
            worker.do(video_work_from(record["body"]))
        except ValueError:
            logger.warning("work_set_aside", message_id=record["messageId"])
        except NotFoundError:
            logger.info("work_was_moot", message_id=record["messageId"])
        except RetryableError as error:
            logger.warning("work_put_off", message_id=record["messageId"], code=error.code)
            left = [{"itemIdentifier": rest["messageId"]} for rest in records[place:]]
            return {"batchItemFailures": left}
    return {"batchItemFailures": []}
