"""From a table's change to the frame at each viewer: fan-out worker, posts, post worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aws_cdk import Aws

from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.names import CHAT_STAGE
from infra.constructs.live_queue import LiveQueue
from infra.grants import queries

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_POST_SECONDS = 30
# About half a core: posting is waiting, merging and signing take the CPU.
_POST_MEMORY_MB = 1024


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
        posts=LiveQueue(stack, "Posts", reader_timeout_seconds=_POST_SECONDS, fifo=True),
        departures=LiveQueue(stack, "Departures", reader_timeout_seconds=_POST_SECONDS),
    )


def wire(stack: ServiceStack, queues: FanOutQueues) -> None:
    """Make the workers."""
    shape = stack.deployment.stage.gateway
    post = stack.function(
        "post_worker",
        uses=[queries(ConnectionItem, "shard", "user")],
        environment={
            "CONNECTIONS_ENDPOINT_URL": stack.connections_url,
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
    post.allow(
        ["sqs:SendMessage"],
        [
            queues.posts.queue.queue_arn,
            queues.posts.failures.queue.queue_arn,
            queues.departures.queue.queue_arn,
        ],
    )
    queues.posts.read_by(post, concurrency=shape.post_workers)
