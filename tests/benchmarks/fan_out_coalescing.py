"""Posts per message under a quota: how messages share frames as rate and audience grow.

The real delivery and poster work against a stub of `@connections` that refuses whatever exceeds its
quota. Between the messages and them stand models of what AWS does there: a table's stream that is
polled four times a second and gathers meanwhile, and a FIFO queue that gives out ten messages at a
time and one batch of a group at once. The figure is what one message costs for each viewer; its
ratio to one post for each message is the number k of messages that share a frame.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import urllib.request
from collections import deque
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from ayinel_live.connections import names
from ayinel_live.connections.shards import pick_shard, shard_count, shard_key
from ayinel_live.fan_out.delivery import Delivery, QueueMessage
from ayinel_live.fan_out.endpoint import Dialer, Endpoint
from ayinel_live.fan_out.gathering import spacing_seconds
from ayinel_live.fan_out.merge import MAX_FRAME_BYTES, encode
from ayinel_live.fan_out.outbox import Outbox
from ayinel_live.fan_out.poster import Poster
from ayinel_live.fan_out.postings import Event, Posting, ToShard
from ayinel_live.fan_out.recipients import ConnectionFinder
from ayinel_live.fan_out.signer import Credentials, PostSigner
from tests.benchmarks.harness import Figure, figure
from tests.benchmarks.support.servers import Server, cores, stub_server

STREAM = "01JZ0000000000000000000001"
QUOTA = 2000.0
USED_PART = 0.8
WORKERS = 2
POLL_SECONDS = 0.25
RATES = (1, 10, 50)
AUDIENCES = (10, 100, 500, 5000)


@dataclass
class Queue:
    """SQS FIFO: ten messages a batch, groups locked while a batch of them is in flight."""

    groups: dict[str, deque[QueueMessage]] = field(default_factory=dict)
    locked: set[str] = field(default_factory=set)
    sent: int = 0

    def send(self, group: str, body: str) -> None:
        """Take a message."""
        self.sent += 1
        message = QueueMessage(str(self.sent), group, str(self.sent), body)
        self.groups.setdefault(group, deque()).append(message)

    def receive(self) -> list[QueueMessage]:
        """Give out a batch: of the group that waits longest all that fits, then of the next."""
        batch: list[QueueMessage] = []
        free = [group for group in self.groups if self.groups[group] and group not in self.locked]
        for group in sorted(free, key=lambda name: int(self.groups[name][0].sequence_number)):
            while self.groups[group] and len(batch) < 10:
                batch.append(self.groups[group].popleft())
                self.locked.add(group)
        return batch

    def done(self, batch: list[QueueMessage]) -> None:
        """Unlock a batch's groups."""
        self.locked -= {message.group for message in batch}

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits and nothing is in flight."""
        return not self.locked and not any(self.groups.values())

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Take what the workers send: SendMessageBatch."""
        for entry in arguments["Entries"]:
            self.send(entry["MessageGroupId"], entry["MessageBody"])
        return {}

    async def close(self) -> None:
        """Nothing to let go of."""


class Table:
    """The shard index of the Connections table."""

    def __init__(self, audience: int) -> None:
        self.shards: dict[str, list[str]] = {}
        for number in range(audience):
            connection_id = f"L0SM9cOF{number:07}="
            key = shard_key(STREAM, pick_shard(connection_id, number))
            self.shards.setdefault(key, []).append(connection_id)

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answer Query."""
        found = self.shards.get(arguments["ExpressionAttributeValues"][":k"]["S"], [])
        return {"Items": [{names.CONNECTION_ID: {"S": one}} for one in found]}

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Run:
    """One cell of the table: a rate and an audience."""

    server: Server
    rate: float
    audience: int
    queue: Queue = field(default_factory=Queue)
    pending: list[Event] = field(default_factory=list)
    messages: int = 0
    given_up: int = 0
    is_over: bool = False

    @property
    def spacing(self) -> float:
        """How far apart the fan-out worker keeps the batches."""
        return max(POLL_SECONDS, spacing_seconds(self.audience, QUOTA * USED_PART))

    @property
    def modelled_k(self) -> float:
        """Messages that share a frame by the model of docs/scaling.md."""
        window = max(self.spacing, self.audience / (USED_PART * QUOTA))
        frames = ceil(self.rate * window * len(encode(message(0))) / MAX_FRAME_BYTES)
        return max(1.0, self.rate * window / frames)

    async def talk(self, seconds: float) -> None:
        """Send messages at the rate, evenly."""
        loop = asyncio.get_running_loop()
        begin = loop.time()
        while (passed := loop.time() - begin) < seconds:
            while self.messages < passed * self.rate:
                self.pending.append(message(self.messages))
                self.messages += 1
            await asyncio.sleep(0.01)

    async def hand_over(self) -> None:
        """Do what the table's stream and the fan-out worker do."""
        while not self.is_over:
            await asyncio.sleep(self.spacing)
            events, self.pending = self.pending, []
            if events:
                for shard in range(shard_count(self.audience)):
                    posting = Posting(ToShard(STREAM, shard), tuple(events))
                    self.queue.send(posting.recipient.group, posting.to_body())

    async def work(self, table: Table) -> None:
        """Do what one post worker does."""
        endpoint = Endpoint.of(self.server.url)
        credentials = Credentials("AKID", "secret")
        signer = PostSigner(credentials, "us-east-1", endpoint.host_header, endpoint.path)
        poster = Poster(Dialer(endpoint), signer, QUOTA * USED_PART / WORKERS)
        outbox = Outbox(self.queue, "posts.fifo", "departures", "")
        delivery = Delivery(ConnectionFinder(table, "Connections"), poster, outbox, lambda: "")
        while not self.is_over:
            batch = self.queue.receive()
            if not batch:
                await asyncio.sleep(0.02)
                continue
            outcome = await delivery.deliver(batch, 20)
            self.given_up += outcome.given_up
            self.queue.done(batch)
        await delivery.close()

    async def run(self) -> None:
        """Talk for some cycles and wait until everybody has everything."""
        table = Table(self.audience)
        seconds = max(5.0, 4 * self.audience / (USED_PART * QUOTA))
        workers = [asyncio.create_task(self.work(table)) for _ in range(WORKERS)]
        fan_out = asyncio.create_task(self.hand_over())
        await self.talk(seconds)
        while self.pending or not self.queue.is_empty:  # noqa: ASYNC110  nobody tells of it
            await asyncio.sleep(0.05)
        self.is_over = True
        await asyncio.gather(fan_out, *workers)


def message(number: int) -> Event:
    """Make a chat message of common size."""
    return {
        "type": "message",
        "id": f"01JZ{number:022}",
        "streamId": STREAM,
        "userId": f"viewer-{number % 97}",
        "displayName": "A viewer",
        "role": "viewer",
        "message": "that was a good one, do it again",
        "timestamp": "2026-01-02T03:04:05.000Z",
        "isModerated": False,
        "clientMessageId": f"c{number}",
        "changeId": f"01JZ{number:022}",
        "version": 1,
    }


def counts(server: Server) -> dict[str, int]:
    """Ask the stub what it has seen."""
    with urllib.request.urlopen(server.url + "/counts", timeout=5) as answer:
        seen: dict[str, int] = json.load(answer)
        return seen


def cell(folder: Path, rate: float, audience: int) -> Figure:
    """Measure one cell."""
    with stub_server(folder, quota=QUOTA, is_secure=False) as server:
        run = Run(server, rate, audience)
        asyncio.run(run.run())
        seen = counts(server)
    deliveries = run.messages * audience
    assert run.given_up == 0, "a connection was given up"
    return figure(
        f"posts per message and viewer at {rate:g}/s x {audience:,} connections",
        seen["accepted"] / deliveries,
        "posts",
        "one post for each message",
        deliveries / seen["accepted"],
        f"model: k = {run.modelled_k:.3g}; {seen['refused']} refused",
    )


def measure() -> list[Figure]:
    """Measure all rates and audiences under one quota."""
    os.sched_setaffinity(0, {cores()[0]})
    with tempfile.TemporaryDirectory() as folder:
        return [cell(Path(folder), rate, audience) for audience in AUDIENCES for rate in RATES]
