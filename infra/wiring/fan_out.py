"""From a table's change to the frame at each viewer: fan-out worker, posts, post worker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Aws

from ayinel_live.audience.store import TOTALS, AudienceItem
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.names import CHAT_STAGE
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.constructs.stream_mapping import StreamMapping, changed
from infra.grants import names, queries, reads
from infra.wiring.audience import SWEEP_SECONDS

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_FAN_OUT_SECONDS = 30
_FAN_OUT_MEMORY_MB = 1024
_POST_SECONDS = 30
# The worker sets poison aside itself; with its pauses this bridges an outage of eight minutes.
_POST_ATTEMPTS = 20
# Of the Audience only the totals are told, and a viewer count at most once a second.
_TOTALS = {"dynamodb": {"Keys": {"kind": {"S": [TOTALS]}}}}
_COUNT_SECONDS = 1
# About half a core: posting is waiting, merging and signing take the CPU.
_POST_MEMORY_MB = 1024

# The tables whose changes viewers are told of, with the kinds of change that can matter to them.
_TOLD: Mapping[type[TableItem], tuple[str, ...]] = {
    AudienceItem: ("INSERT", "MODIFY"),
    ChatMessageItem: ("INSERT", "MODIFY", "REMOVE"),
    InvitationItem: ("REMOVE",),
    MemberItem: ("INSERT", "MODIFY", "REMOVE"),
    StreamItem: ("INSERT", "MODIFY"),
}


@dataclass(frozen=True, slots=True)
class FanOutQueues:
    """The queues between the workers.

    Attributes:
        posts: Frames for one shard of one stream's connections.
        departures: Connections that a post found gone.
    """

    posts: LiveQueue
    departures: LiveQueue


def queues(stack: ServiceStack) -> FanOutQueues:
    """Make the queues."""
    return FanOutQueues(
        posts=LiveQueue(
            stack,
            "Posts",
            reader_timeout_seconds=_POST_SECONDS,
            fifo=True,
            attempts=_POST_ATTEMPTS,
        ),
        departures=LiveQueue(stack, "Departures", reader_timeout_seconds=SWEEP_SECONDS),
    )


def wire(stack: ServiceStack, queues: FanOutQueues) -> None:
    """Make the workers."""
    _fan_out_worker(stack, queues)
    _post_worker(stack, queues)


def _fan_out_worker(stack: ServiceStack, queues: FanOutQueues) -> None:
    shape = stack.deployment.stage.gateway
    failures = FailureQueue(stack, "FanOutWorker")
    worker = stack.function(
        "fan_out_worker",
        uses=[
            reads(AudienceItem),
            names(ChatMessageItem),
            reads(ChatterItem),
            reads(ConnectionItem, "staff", "shard", "user"),
            reads(InvitationItem),
            names(MemberItem),
            reads(StreamItem, "owner"),
        ],
        environment={
            "POSTS_QUEUE_URL": queues.posts.queue.queue_url,
            "SET_ASIDE_QUEUE_URL": failures.queue.queue_url,
            "TOTAL_POSTS_PER_SECOND": str(shape.posts_per_second * shape.post_workers),
        },
        memory_mb=_FAN_OUT_MEMORY_MB,
        timeout_seconds=_FAN_OUT_SECONDS,
    )
    queues.posts.allow_sending(worker)
    for item, events in _TOLD.items():
        is_counts = item is AudienceItem
        StreamMapping(
            worker,
            stack.data.tables[item],
            worker,
            failures,
            filters=[changed(*events) | (_TOTALS if is_counts else {})],
            batch_window_seconds=_COUNT_SECONDS if is_counts else 0,
        )


def _post_worker(stack: ServiceStack, queues: FanOutQueues) -> None:
    shape = stack.deployment.stage.gateway
    post = stack.function(
        "post_worker",
        uses=[queries(ConnectionItem, "shard", "user")],
        environment={
            "CONNECTIONS_ENDPOINT_URL": stack.data.connections_url,
            "POSTS_QUEUE_URL": queues.posts.queue.queue_url,
            "DEPARTURES_QUEUE_URL": queues.departures.queue.queue_url,
            "SET_ASIDE_QUEUE_URL": queues.posts.failures.queue.queue_url,
            "POSTS_PER_SECOND": str(shape.posts_per_second),
        },
        memory_mb=_POST_MEMORY_MB,
        timeout_seconds=_POST_SECONDS,
    )
    chat_api = stack.data.chat_api.ref
    post.allow(
        ["execute-api:ManageConnections"],
        # One resource for each connection, made as viewers come.
        [
            f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:"
            f"{chat_api}/{CHAT_STAGE}/{method}/@connections/*"
            for method in ("DELETE", "POST")
        ],
    )
    for queue in (queues.posts, queues.posts.failures, queues.departures):
        queue.allow_sending(post)
    queues.posts.read_by(post, concurrency=shape.post_workers)
