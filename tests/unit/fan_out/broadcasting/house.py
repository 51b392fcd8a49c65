"""A broadcaster with everything around it."""

from __future__ import annotations

from typing import Any

from ayinel_live.connections.store import ConnectionStore
from ayinel_live.fan_out.broadcast import Broadcaster
from ayinel_live.fan_out.gathering import Gathering
from ayinel_live.fan_out.handover import Handover
from ayinel_live.fan_out.lookups import Lookups
from ayinel_live.fan_out.set_aside import SetAsideQueue
from tests.unit.fan_out.fakes import FakeSqs
from tests.unit.fan_out.records import TABLES, connection

POSTS, ASIDE = "posts.fifo", "aside"
OTHER = "01JZ0000000000000000000002"


class Slept:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


class House:
    """A broadcaster on mocked tables, with a queue in memory."""

    def __init__(self) -> None:
        self.sqs = FakeSqs()
        self.time = Slept()
        self.broadcaster = self.make()

    def make(self) -> Broadcaster:
        return Broadcaster(
            TABLES,
            Lookups(ConnectionStore()),
            Handover(POSTS, lambda: self.sqs),
            SetAsideQueue(ASIDE, lambda: self.sqs),
            counts=Gathering(lambda: self.time.now, self.time.sleep),
            batches=Gathering(lambda: self.time.now, self.time.sleep),
            posts_per_second=6400,
        )

    def to(self, kind: str) -> list[Any]:
        return [body for body in self.sqs.bodies(POSTS) if kind in body["to"]]

    def connect(self, connection_id: str, viewer_id: str, shard: int = 0, **more: Any) -> None:
        connection(connection_id, viewer_id, shard, **more).save()
