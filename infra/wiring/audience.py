"""The audience: who is there is counted from the tables' changes; who is gone is swept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ayinel_live.audience.counter import GATHERING_SECONDS
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.streams.items import StreamItem
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.constructs.rules import Clockwork
from infra.constructs.stream_mapping import StreamMapping, changed
from infra.grants import reads, reads_and_writes

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_COUNTING_SECONDS = 60
_COUNTING_MEMORY_MB = 1024
SWEEP_SECONDS = 50


def wire(stack: ServiceStack, departures: LiveQueue) -> None:
    """Make the audience's functions."""
    _count(stack)
    _sweep(stack, departures)


def _count(stack: ServiceStack) -> None:
    failures = FailureQueue(stack, "AudienceWorker")
    worker = stack.function(
        "audience_worker",
        uses=[
            reads_and_writes(AudienceItem),
            reads_and_writes(AudienceMarkerItem),
            reads(StreamItem),
        ],
        environment={"SET_ASIDE_QUEUE_URL": failures.queue.queue_url},
        memory_mb=_COUNTING_MEMORY_MB,
        timeout_seconds=_COUNTING_SECONDS,
    )
    failures.allow_sending(worker)
    tables = stack.data.tables
    for item in (ViewerItem, ChatMessageItem):
        StreamMapping(
            worker,
            tables[item],
            worker,
            failures,
            filters=[changed("INSERT", "MODIFY")],
            batch_window_seconds=GATHERING_SECONDS,
        )


def _sweep(stack: ServiceStack, departures: LiveQueue) -> None:
    sweeper = stack.function(
        "sweeper",
        uses=[
            reads_and_writes(ConnectionItem, "heartbeat"),
            reads_and_writes(ViewerItem),
            reads_and_writes(AudienceMarkerItem),
        ],
        timeout_seconds=SWEEP_SECONDS,
    )
    departures.read_by(sweeper)
    Clockwork(stack, sweeper, FailureQueue(stack, "Sweeper"))
