"""The stream slice over the video stand-in: real IVS calls, real encoders, mocked tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, TypeVar

import boto3
import pytest

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.idempotency import IdempotencyStore
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.playback import Playback
from ayinel_live.streams.reconciliation import Reconciler
from ayinel_live.streams.start_request import StartedStream
from ayinel_live.streams.starting import StreamStarting
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.ivs import IvsProvider
from ayinel_live.video.ivs_events import video_event_from
from ayinel_live.video.playback_keys import PlaybackKeys, PlaybackKeySecret
from tests.integration.video_standin.house import REGION, House, running
from tests.support.house import (
    STREAM_ITEMS,
    RememberedErasures,
    RememberedWork,
    caller,
    request,
)
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.video import DiedError

T = TypeVar("T")


class ShiftedClock:
    """The true time, or later.

    Attributes:
        ahead: How much later.
    """

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return utc_now() + self.ahead


class MortalClient:
    """An IVS client in a process that can be ended after any of its calls.

    Attributes:
        made: The calls, by the names of their operations.
        last: After how many the process ends; None for never.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self.made: list[str] = []
        self.last: int | None = None

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        method = getattr(self._client, operation)

        def call(**arguments: object) -> Any:
            try:
                return method(**arguments)
            finally:
                # Whatever was answered is lost with the process.
                self.made.append(operation)
                if len(self.made) == self.last:
                    raise DiedError

        return call


class Broadcasting:
    """Everything that a stream's life takes, over a running stand-in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.clock = ShiftedClock()
        self.client = MortalClient(house.ivs)
        self.provider = IvsProvider(lambda: self.client, RequestBudget(8), ingest_scheme="rtmp")
        self.streams = StreamStore(self.clock)
        self.channels = ChannelStore(self.clock)
        claims = IdempotencyStore()
        self.starting = StreamStarting(
            self.provider, self.streams, self.channels, claims, stage="test", clock=self.clock
        )
        self.ending = StreamEnding(self.provider, self.streams, self.channels, self.clock)
        self.observer = StreamObserver(self.streams, self.channels)
        self.reconciler = Reconciler(
            self.provider,
            self.streams,
            self.observer,
            self.ending,
            RememberedWork(),
            RememberedErasures(),
            self.clock,
        )
        secrets = boto3.client("secretsmanager", region_name=REGION)
        arn = secrets.create_secret(Name=f"keys-{id(self)}", SecretString="{}")["ARN"]
        secret = PlaybackKeySecret(lambda: secrets, arn)
        self.keys = PlaybackKeys(secret, self.provider, claims, stage=f"test-{id(self)}")
        self.playback = Playback(self.streams, secret)
        self._told = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do something that calls the stand-in, off the loop that serves it."""
        return await asyncio.to_thread(work)

    async def start(self, user_id: str = "ana", **changes: object) -> StartedStream:
        """Start a stream."""
        return await self.run(lambda: self.starting.start(caller(user_id), request(**changes)))

    async def listen(self) -> None:
        """Take in what the stand-in has told since the last time."""
        events = self.house.raw_events()
        for raw in events[self._told :]:
            told = video_event_from(raw)
            if told is not None:
                await self.run(lambda told=told: self.observer.learn(told))  # type: ignore[misc]  # bound now
        self._told = len(events)


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    """The tables of a module's tests."""
    with moto_tables(*STREAM_ITEMS):
        yield


@pytest.fixture
async def broadcasting(tables: None) -> AsyncIterator[Broadcasting]:
    """A running stand-in with the stream slice over it."""
    empty_tables()
    async with running() as house:
        yield Broadcasting(house)
