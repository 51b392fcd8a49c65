"""History: ended streams, written to PostgreSQL once late counts have come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from infra.constructs.live_queue import LiveQueue
from infra.grants import reads, reads_and_writes
from infra.layers.recipes import Layer

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_READING_MEMORY_MB = 1024
_WRITING_SECONDS = 120
_WRITING_BATCH = 5
_WRITERS = 2


def history_queue(stack: ServiceStack) -> LiveQueue:
    """Make the queue that ended streams wait in until their counts have settled."""
    return LiveQueue(
        stack,
        "History",
        reader_timeout_seconds=_WRITING_SECONDS,
        delay_seconds=stack.deployment.stage.history_settling_seconds,
    )


def wire(stack: ServiceStack, history: LiveQueue) -> None:
    """Make the functions that read and write history."""
    _analytics_api(stack)
    _history_writer(stack, history)


def _analytics_api(stack: ServiceStack) -> None:
    database = stack.data.history
    api = stack.function(
        "analytics_api",
        uses=[reads(AudienceItem), reads(InvitationItem), reads(MemberItem), reads(StreamItem)],
        environment=database.environment,
        layers=[Layer.HISTORY],
        memory_mb=_READING_MEMORY_MB,
    )
    database.allow_connecting(api)


def _history_writer(stack: ServiceStack, history: LiveQueue) -> None:
    database = stack.data.history
    writer = stack.function(
        "history_writer",
        uses=[
            reads_and_writes(AudienceItem),
            reads_and_writes(AudienceMarkerItem),
            reads(ChatMessageItem),
            reads(StreamItem),
            reads(ViewerItem),
        ],
        environment=database.environment,
        layers=[Layer.HISTORY],
        memory_mb=_READING_MEMORY_MB,
        timeout_seconds=_WRITING_SECONDS,
    )
    database.allow_connecting(writer)
    # Few connections, and a database that is away is met by few at a time.
    history.read_by(writer, batch_size=_WRITING_BATCH, concurrency=_WRITERS)
