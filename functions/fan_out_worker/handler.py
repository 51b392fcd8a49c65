"""Wiring of the fan-out worker, and the translation between a table's stream and broadcasting."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem, ConnectionStore
from ayinel_live.fan_out.broadcast import Broadcaster
from ayinel_live.fan_out.gathering import Gathering
from ayinel_live.fan_out.handover import Handover
from ayinel_live.fan_out.lookups import Lookups
from ayinel_live.fan_out.set_aside import SetAsideQueue
from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.tables import bind_table
from ayinel_live.runtime.telemetry import Telemetry
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from functions.fan_out_worker.settings import FanOutWorkerSettings


def broadcaster_for(settings: FanOutWorkerSettings) -> Broadcaster:
    """Wire a broadcaster.

    Args:
        settings: The environment.
    """
    told = {
        settings.chat_messages_table: ChatMessageItem,
        settings.audience_table: AudienceItem,
        settings.streams_table: StreamItem,
        settings.members_table: MemberItem,
        settings.invitations_table: InvitationItem,
    }
    for name, item in told.items():
        bind_table(item, name)
    bind_table(ConnectionItem, settings.connections_table)
    bind_table(ChatterItem, settings.chatters_table)
    return Broadcaster(
        {name: item.logical_name for name, item in told.items()},
        Lookups(ConnectionStore()),
        Handover(settings.posts_queue_url),
        SetAsideQueue(settings.set_aside_queue_url),
        counts=Gathering(),
        batches=Gathering(),
        posts_per_second=settings.total_posts_per_second,
    )


settings = FanOutWorkerSettings.from_environment()
logger = Logger()
telemetry = Telemetry("fan_out_worker", settings.stage, logger)
broadcaster = broadcaster_for(settings)


@telemetry.watch
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Hand on what a batch of changes tells; a batch that fails raises and comes again whole."""
    summary = broadcaster.broadcast(event["Records"])
    telemetry.count(names.CHANGES_READ, summary.records)
    telemetry.count(names.POSTINGS_SENT, summary.postings)
    if summary.postings:
        logger.info("changes_told", postings=summary.postings)
    if summary.set_aside:
        telemetry.count(names.RECORDS_SET_ASIDE, summary.set_aside)
        logger.warning("Set records aside.", count=summary.set_aside)
    return {"batchItemFailures": []}
