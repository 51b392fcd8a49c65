"""Streams: the creator's calls, what IVS tells, what is mended, and who is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import ChannelItem, MemberItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.names import OPERATOR_GROUP
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.constructs.rules import EveryMinute, IvsEvents
from infra.constructs.stream_mapping import StreamMapping, changed
from infra.constructs.video_access import (
    allow_ending_broadcasts,
    allow_managing_channels,
    allow_managing_playback_keys,
    allow_revoking_viewers,
    allow_watching_channels,
)
from infra.grants import reads, reads_and_writes
from infra.layers.recipes import Layer

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_VIDEO_WORK_SECONDS = 30
_RECONCILING_SECONDS = 60
_API_SECONDS = 15
_API_MEMORY_MB = 1024
# One group, one call at a time: IVS takes five a second for the whole account.
_VIDEO_WORK_BATCH = 1


def video_work_queue(stack: ServiceStack) -> LiveQueue:
    """Make the queue of calls to the video provider that can wait."""
    return LiveQueue(stack, "VideoWork", reader_timeout_seconds=_VIDEO_WORK_SECONDS, fifo=True)


def wire(stack: ServiceStack, video_work: LiveQueue, history: LiveQueue) -> None:
    """Make the streams' functions."""
    _api(stack)
    _events(stack, video_work)
    _reconciler(stack, video_work)
    _video_worker(stack, video_work)
    _stream_events(stack, history)


def _api(stack: ServiceStack) -> None:
    data = stack.data
    api = stack.function(
        "streams_api",
        uses=[
            reads(AudienceItem),
            reads_and_writes(ChannelItem),
            reads_and_writes(IdempotencyItem),
            reads_and_writes(InvitationItem),
            reads(MemberItem),
            reads_and_writes(StreamItem, "owner", "listing", "channel"),
        ],
        environment={
            **data.tokens.environment,
            "OPERATOR_GROUP": OPERATOR_GROUP,
            "REPORTS_TABLE": "",
            "VIDEO_PROVIDER": "ivs",
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "RECORDING_CONFIGURATION_ARN": data.recording_configuration_arn,
            "PLAYBACK_KEY_SECRET_ARN": data.playback_key_secret.secret_arn,
            "WEB_ORIGIN": stack.deployment.context.web_origin,
        },
        layers=[Layer.SIGNING],
        memory_mb=_API_MEMORY_MB,
        timeout_seconds=_API_SECONDS,
    )
    recording = data.recording_configuration_arn
    allow_managing_channels(api, [recording] if recording else [])
    allow_managing_playback_keys(api)
    stack.allow_reading(api, data.playback_key_secret)
    api.allow(["secretsmanager:PutSecretValue"], [data.playback_key_secret.secret_arn])


def _events(stack: ServiceStack, video_work: LiveQueue) -> None:
    listener = stack.function(
        "ivs_events",
        uses=[reads_and_writes(ChannelItem), reads_and_writes(StreamItem, "channel")],
        environment={"VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url},
    )
    video_work.allow_sending(listener)
    IvsEvents(stack, listener, FailureQueue(stack, "IvsEvents"))


def _reconciler(stack: ServiceStack, video_work: LiveQueue) -> None:
    reconciler = stack.function(
        "reconciler",
        uses=[
            reads_and_writes(ChannelItem),
            reads_and_writes(StreamItem, "channel", "unfinished"),
        ],
        environment={
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url,
        },
        timeout_seconds=_RECONCILING_SECONDS,
    )
    video_work.allow_sending(reconciler)
    allow_watching_channels(reconciler)
    allow_ending_broadcasts(reconciler)
    EveryMinute(stack, reconciler, FailureQueue(stack, "Reconciler"))


def _video_worker(stack: ServiceStack, video_work: LiveQueue) -> None:
    worker = stack.function(
        "video_worker",
        uses=[reads_and_writes(ChannelItem), reads_and_writes(StreamItem, "channel")],
        environment={"INGEST_SCHEME": stack.deployment.stage.ingest_scheme},
        timeout_seconds=_VIDEO_WORK_SECONDS,
    )
    allow_watching_channels(worker)
    allow_revoking_viewers(worker)
    video_work.read_by(worker, batch_size=_VIDEO_WORK_BATCH)


def _stream_events(stack: ServiceStack, history: LiveQueue) -> None:
    bus = stack.data.bus
    publisher = stack.function(
        "stream_events",
        environment={
            "EVENT_BUS_NAME": bus.event_bus_name,
            "HISTORY_QUEUE_URL": history.queue.queue_url,
        },
    )
    publisher.allow(["events:PutEvents"], [bus.event_bus_arn])
    history.allow_sending(publisher)
    StreamMapping(
        publisher,
        stack.data.tables[StreamItem],
        publisher,
        FailureQueue(stack, "StreamEvents"),
        filters=[changed("INSERT", "MODIFY", "REMOVE")],
    )
