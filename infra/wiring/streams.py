"""Streams: the creator's calls, what IVS tells, what is mended, and who is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.names import OPERATOR_GROUP
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.reports import ReportItem
from infra.constructs.house_channel import RECORDINGS_PREFIX
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.constructs.rules import Clockwork, IvsEvents
from infra.constructs.stream_mapping import StreamMapping, changed
from infra.constructs.video_access import (
    allow_deleting_channels,
    allow_ending_broadcasts,
    allow_managing_channels,
    allow_managing_playback_keys,
    allow_revoking_viewers,
    allow_watching_channels,
)
from infra.grants import reads, reads_and_writes, writes
from infra.layers.recipes import Layer

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_VIDEO_WORK_SECONDS = 30
_RECONCILING_SECONDS = 60
_ERASING_SECONDS = 120
_API_SECONDS = 15
_API_MEMORY_MB = 1024
# One group, one call at a time: IVS takes five a second for the whole account.
_VIDEO_WORK_BATCH = 1


def video_work_queue(stack: ServiceStack) -> LiveQueue:
    """Make the queue of calls to the video provider that can wait."""
    return LiveQueue(stack, "VideoWork", reader_timeout_seconds=_VIDEO_WORK_SECONDS, fifo=True)


def wire(stack: ServiceStack, video_work: LiveQueue, history: LiveQueue) -> None:
    """Make the streams' functions."""
    erasures = LiveQueue(stack, "Erasures", reader_timeout_seconds=_ERASING_SECONDS)
    _api(stack, erasures)
    _erasure_worker(stack, erasures)
    _events(stack, video_work)
    _reconciler(stack, video_work, erasures)
    _video_worker(stack, video_work)
    _stream_events(stack, history, video_work)
    _playback_revoker(stack, video_work)


def _api(stack: ServiceStack, erasures: LiveQueue) -> None:
    data = stack.data
    signing = data.recording_key_secret
    api = stack.function(
        "streams_api",
        uses=[
            reads(AudienceItem),
            reads_and_writes(ChannelItem),
            reads_and_writes(IdempotencyItem),
            reads_and_writes(InvitationItem),
            reads(MemberItem),
            writes(ModerationLogItem),
            reads_and_writes(ReportItem, "status", "reporter"),
            reads_and_writes(StreamItem, "owner", "listing", "channel"),
        ],
        environment={
            **data.tokens.environment,
            "OPERATOR_GROUP": OPERATOR_GROUP,
            "VIDEO_PROVIDER": "ivs",
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "RECORDING_CONFIGURATION_ARN": data.recording_configuration_arn,
            "PLAYBACK_KEY_SECRET_ARN": data.playback_key_secret.secret_arn,
            "WEB_ORIGIN": stack.deployment.context.web_origin,
            "RECORDINGS_URL": stack.addresses.recordings_url,
            "RECORDING_RETENTION_DAYS": str(stack.deployment.stage.recording_retention_days),
            "RECORDINGS_SECRET_ARN": signing.secret_arn if signing is not None else "",
            "ERASURE_QUEUE_URL": erasures.queue.queue_url,
        },
        layers=[Layer.SIGNING],
        memory_mb=_API_MEMORY_MB,
        timeout_seconds=_API_SECONDS,
    )
    erasures.allow_sending(api)
    recording = data.recording_configuration_arn
    allow_managing_channels(api, [recording] if recording else [])
    allow_managing_playback_keys(api)
    stack.allow_reading(api, data.playback_key_secret)
    if signing is not None:
        stack.allow_reading(api, signing)
    api.allow(["secretsmanager:PutSecretValue"], [data.playback_key_secret.secret_arn])


def _events(stack: ServiceStack, video_work: LiveQueue) -> None:
    listener = stack.function(
        "ivs_events",
        uses=[reads_and_writes(ChannelItem), reads_and_writes(StreamItem, "channel")],
        environment={"VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url},
    )
    video_work.allow_sending(listener)
    IvsEvents(stack, listener, FailureQueue(stack, "IvsEvents"))


def _reconciler(stack: ServiceStack, video_work: LiveQueue, erasures: LiveQueue) -> None:
    reconciler = stack.function(
        "reconciler",
        uses=[
            reads_and_writes(ChannelItem),
            reads_and_writes(StreamItem, "channel", "unfinished"),
        ],
        environment={
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url,
            "ERASURE_QUEUE_URL": erasures.queue.queue_url,
        },
        timeout_seconds=_RECONCILING_SECONDS,
    )
    for queue in (video_work, erasures):
        queue.allow_sending(reconciler)
    allow_watching_channels(reconciler)
    allow_ending_broadcasts(reconciler)
    Clockwork(stack, reconciler, FailureQueue(stack, "Reconciler"))


def _video_worker(stack: ServiceStack, video_work: LiveQueue) -> None:
    worker = stack.function(
        "video_worker",
        uses=[reads_and_writes(ChannelItem), reads_and_writes(StreamItem, "channel")],
        environment={"INGEST_SCHEME": stack.deployment.stage.ingest_scheme},
        timeout_seconds=_VIDEO_WORK_SECONDS,
    )
    allow_watching_channels(worker)
    allow_revoking_viewers(worker)
    # Where a recording's thumbnails lie is found by listing.
    worker.allow(["s3:ListBucket"], [stack.data.recordings.bucket_arn])
    video_work.read_by(worker, batch_size=_VIDEO_WORK_BATCH)


def _stream_events(stack: ServiceStack, history: LiveQueue, video_work: LiveQueue) -> None:
    bus = stack.data.bus
    publisher = stack.function(
        "stream_events",
        environment={
            "EVENT_BUS_NAME": bus.event_bus_name,
            "HISTORY_QUEUE_URL": history.queue.queue_url,
            "VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url,
        },
    )
    publisher.allow(["events:PutEvents"], [bus.event_bus_arn])
    for queue in (history, video_work):
        queue.allow_sending(publisher)
    StreamMapping(
        publisher,
        stack.data.tables[StreamItem],
        publisher,
        FailureQueue(stack, "StreamEvents"),
        filters=[changed("INSERT", "MODIFY", "REMOVE")],
    )


def _erasure_worker(stack: ServiceStack, erasures: LiveQueue) -> None:
    data = stack.data
    worker = stack.function(
        "erasure_worker",
        uses=[
            reads_and_writes(AudienceItem),
            reads_and_writes(AudienceMarkerItem),
            reads_and_writes(ChannelItem),
            reads_and_writes(ChatMessageItem, "user"),
            reads_and_writes(ChatterItem),
            reads_and_writes(ConnectionItem, "user"),
            reads_and_writes(IdempotencyItem),
            reads_and_writes(InvitationItem, "user"),
            reads_and_writes(MemberItem, "user"),
            reads_and_writes(ModerationLogItem, "target"),
            reads_and_writes(ReportItem, "reporter"),
            reads_and_writes(StreamItem, "owner"),
            reads_and_writes(ViewerItem, "person"),
        ],
        environment={
            "INGEST_SCHEME": stack.deployment.stage.ingest_scheme,
            "ERASURE_QUEUE_URL": erasures.queue.queue_url,
            "EVENT_BUS_NAME": data.bus.event_bus_name,
            **data.history.environment,
        },
        layers=[Layer.HISTORY],
        timeout_seconds=_ERASING_SECONDS,
    )
    worker.allow(["events:PutEvents"], [data.bus.event_bus_arn])
    data.history.allow_connecting(worker)
    erasures.allow_sending(worker)
    allow_ending_broadcasts(worker)
    allow_deleting_channels(worker)
    worker.allow(["s3:ListBucket"], [data.recordings.bucket_arn])
    worker.allow(
        ["s3:DeleteObject"],
        # Below the prefix that IVS itself lays recordings under.
        [data.recordings.arn_for_objects(f"{RECORDINGS_PREFIX}/*")],
    )
    erasures.read_by(worker, batch_size=1)


def _playback_revoker(stack: ServiceStack, video_work: LiveQueue) -> None:
    revoker = stack.function(
        "playback_revoker",
        uses=[reads(ChannelItem), reads(StreamItem)],
        environment={"VIDEO_WORK_QUEUE_URL": video_work.queue.queue_url},
    )
    video_work.allow_sending(revoker)
    tables, failures = stack.data.tables, FailureQueue(stack, "PlaybackRevoker")
    StreamMapping(revoker, tables[InvitationItem], revoker, failures, filters=[changed("REMOVE")])
    StreamMapping(
        revoker, tables[MemberItem], revoker, failures, filters=[changed("INSERT", "MODIFY")]
    )
