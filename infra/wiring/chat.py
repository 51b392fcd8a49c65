"""Chat: tickets, the socket, what is sent and how it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayinel_live.audience.store import AudienceItem, ViewerItem
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.names import OPERATOR_GROUP
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from infra.constructs.chat_api import ChatRoutes
from infra.constructs.live_queue import LiveQueue
from infra.grants import checks, reads, reads_and_writes, writes
from infra.layers.recipes import Layer

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_MODERATION_SECONDS = 30
# The worker sets poison aside itself; with its pauses this bridges an outage of eight minutes.
_MODERATION_ATTEMPTS = 20
# Everybody on one machine has one address.
_LOCAL_TICKETS_PER_MINUTE = 6_000
# A whole core: NumPy and the rules are all CPU.
_MODERATION_MEMORY_MB = 1792
# A handshake waits for the authorizer, and a frame for its answer.
_SOCKET_SECONDS = 10
_SOCKET_MEMORY_MB = 1024
_API_MEMORY_MB = 1024
_AUTHORIZER_SECONDS = 5


def moderation_queue(stack: ServiceStack) -> LiveQueue:
    """Make the queue that messages wait in to be judged."""
    return LiveQueue(
        stack,
        "Moderation",
        reader_timeout_seconds=_MODERATION_SECONDS,
        fifo=True,
        attempts=_MODERATION_ATTEMPTS,
    )


def wire(stack: ServiceStack, moderation: LiveQueue) -> None:
    """Make the chat's functions."""
    _chat_api(stack)
    _channels_api(stack)
    _socket(stack, moderation)
    _moderation_worker(stack, moderation)


def _chat_api(stack: ServiceStack) -> None:
    data = stack.data
    api = stack.function(
        "chat_api",
        uses=[
            reads_and_writes(ChatMessageItem, "changes", "held"),
            reads_and_writes(IdempotencyItem),
            reads(InvitationItem),
            reads(MemberItem),
            checks(MemberItem),
            writes(ModerationLogItem),
            reads(StreamItem),
        ],
        environment={
            **data.tokens.environment,
            "OPERATOR_GROUP": OPERATOR_GROUP,
            "TICKET_SECRET_ARN": data.ticket_secret.secret_arn,
            "CHAT_URL": stack.addresses.chat_url,
            **(
                {"TICKETS_PER_MINUTE_PER_ADDRESS": str(_LOCAL_TICKETS_PER_MINUTE)}
                if stack.deployment.stage.is_local
                else {}
            ),
        },
        layers=[Layer.SIGNING, Layer.AUDIENCE],
        memory_mb=_API_MEMORY_MB,
    )
    stack.allow_reading(api, data.ticket_secret)


def _channels_api(stack: ServiceStack) -> None:
    data = stack.data
    api = stack.function(
        "channels_api",
        uses=[
            reads_and_writes(ChannelItem),
            reads_and_writes(ChatMessageItem, "user"),
            reads_and_writes(ChatterItem),
            reads_and_writes(MemberItem, "notable"),
            reads_and_writes(ModerationLogItem),
        ],
        environment={
            "OPERATOR_GROUP": OPERATOR_GROUP,
            "TICKET_SECRET_ARN": data.ticket_secret.secret_arn,
        },
        memory_mb=_API_MEMORY_MB,
    )
    stack.allow_reading(api, data.ticket_secret)


def _socket(stack: ServiceStack, moderation: LiveQueue) -> None:
    authorizer = stack.function(
        "chat_authorizer",
        environment={"TICKET_SECRET_ARN": stack.data.ticket_secret.secret_arn},
        timeout_seconds=_AUTHORIZER_SECONDS,
    )
    stack.allow_reading(authorizer, stack.data.ticket_secret)
    socket = stack.function(
        "chat_socket",
        uses=[
            reads(AudienceItem),
            reads(ChannelItem),
            reads_and_writes(ChatMessageItem, "changes"),
            reads_and_writes(ChatterItem),
            reads_and_writes(ConnectionItem),
            reads_and_writes(IdempotencyItem),
            reads(InvitationItem),
            reads(MemberItem),
            checks(MemberItem),
            writes(ModerationLogItem),
            reads(StreamItem),
            reads_and_writes(ViewerItem),
        ],
        environment={"MODERATION_QUEUE_URL": moderation.queue.queue_url},
        memory_mb=_SOCKET_MEMORY_MB,
        timeout_seconds=_SOCKET_SECONDS,
    )
    moderation.allow_sending(socket)
    ChatRoutes(stack, stack.data.chat_api, socket, authorizer, stack.deployment)


def _moderation_worker(stack: ServiceStack, moderation: LiveQueue) -> None:
    reveals = LiveQueue(stack, "Reveals", reader_timeout_seconds=_MODERATION_SECONDS)
    stage = stack.deployment.stage
    worker = stack.function(
        "moderation_worker",
        uses=[
            reads(ChannelItem),
            reads_and_writes(ChatMessageItem),
            reads_and_writes(IdempotencyItem),
        ],
        environment={
            "CLASSIFIER": stage.classifier,
            "MODERATION_QUEUE_URL": moderation.queue.queue_url,
            "REVEALS_QUEUE_URL": reveals.queue.queue_url,
            "SET_ASIDE_QUEUE_URL": moderation.failures.queue.queue_url,
        },
        layers=[Layer.CLASSIFIER],
        memory_mb=_MODERATION_MEMORY_MB,
        timeout_seconds=_MODERATION_SECONDS,
    )
    reveals.allow_sending(worker)
    moderation.failures.allow_sending(worker)
    moderation.read_by(worker, concurrency=stage.moderation_workers)
    reveals.read_by(worker)
    if stage.classifier == "comprehend":
        # The service has no resources to name.
        worker.allow(["comprehend:DetectToxicContent"], ["*"])
