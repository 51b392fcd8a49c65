"""Erasures, one message at a time; what takes more than one run is sent again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.audience.erasure import AudienceErasure
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.chat.erasure import ChatErasure
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.history.database import Database
from ayinel_live.history.erasure import HistoryErasure
from ayinel_live.history.migrations import migrate
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.errors import LiveError
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.names import EVENT_SOURCE
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.deletion import (
    BACKUP_LIFE,
    EraseStream,
    EraseUser,
    ErasureQueue,
    ErasureWork,
    StreamDeletion,
    erasure_work_from,
)
from ayinel_live.streams.domain_events import UserErased
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.reports import ReportItem
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.providers import make_provider
from functions.erasure_worker.erasing import (
    Eraser,
    NotDoneYetError,
    Slices,
    user_erased_detail,
)
from functions.erasure_worker.settings import ErasureWorkerSettings

BUDGET_SECONDS = 20.0
# Enough to finish a page of deletions and to send the rest again.
LEFT_AT_THE_END_MS = 15_000
PUT_OFF_SECONDS = 10

settings = ErasureWorkerSettings.from_environment()
for _item, _table in (
    (AudienceItem, settings.audience_table),
    (AudienceMarkerItem, settings.audience_markers_table),
    (ChannelItem, settings.channels_table),
    (ChatMessageItem, settings.chat_messages_table),
    (ChatterItem, settings.chatters_table),
    (ConnectionItem, settings.connections_table),
    (IdempotencyItem, settings.idempotency_table),
    (InvitationItem, settings.invitations_table),
    (MemberItem, settings.members_table),
    (ModerationLogItem, settings.moderation_log_table),
    (ReportItem, settings.reports_table),
    (StreamItem, settings.streams_table),
    (ViewerItem, settings.viewers_table),
):
    bind_table(_item, _table)

logger = Logger(service="erasure_worker")
telemetry = Telemetry("erasure_worker", settings.stage, logger)
budget = RequestBudget(BUDGET_SECONDS)
provider = make_provider(
    settings.video_provider,
    budget,
    ingest_scheme=settings.ingest_scheme,
    recording_configuration_arn="",
)
streams, channels = StreamStore(), ChannelStore()
ending = StreamEnding(provider, streams, channels)
queue = ErasureQueue(partial(aws_client, "sqs"), settings.erasure_queue_url)
database = Database(settings.history_endpoint, settings.history_kind)
eraser = Eraser(
    provider,
    streams,
    channels,
    ending,
    StreamDeletion(streams, channels, ending, queue),
    Slices(
        ChatErasure(),
        AudienceErasure(),
        HistoryErasure(database),
    ),
    partial(aws_client, "s3"),
)


@telemetry.watch
def handler(event: Mapping[str, Any], context: Any) -> None:
    """Work off one message; a fault that may pass is raised, and the message comes again.

    Args:
        event: A message of the queue.
        context: Tells how much time is left.
    """
    for record in event["Records"]:
        try:
            work = erasure_work_from(record["body"])
        except ValueError:
            logger.warning("work_set_aside", message_id=record["messageId"])
            continue
        _erase(work, context.get_remaining_time_in_millis)


@cache
def _prepare_history() -> None:
    """Make the history's tables, which the first stream that ends would make otherwise."""
    migrate(database)


def _erase(work: ErasureWork, time_left: Callable[[], int]) -> None:
    budget.restart()

    def check_time() -> None:
        if time_left() < LEFT_AT_THE_END_MS:
            raise NotDoneYetError

    try:
        _prepare_history()
        match work:
            case EraseStream():
                eraser.erase_stream(work.stream_id, check_time)
                logger.info("stream_erased", stream_id=work.stream_id)
            case EraseUser():
                eraser.erase_user(work.user_id, utc_now(), check_time)
                _announce(work)
                logger.info("user_erased", receipt_id=work.receipt_id)
    except NotDoneYetError:
        queue.send(work)
    except LiveError as error:
        logger.warning("erasure_put_off", code=error.code)
        queue.send(work, delay_seconds=PUT_OFF_SECONDS)


def _announce(work: EraseUser) -> None:
    detail = user_erased_detail(
        work.user_id, work.receipt_id, utc_now(), work.requested_at + BACKUP_LIFE
    )
    answer = aws_client("events").put_events(
        Entries=[
            {
                "EventBusName": settings.event_bus_name,
                "Source": EVENT_SOURCE,
                "DetailType": UserErased.detail_type,
                "Detail": detail,
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise RuntimeError("the bus refused the event")
