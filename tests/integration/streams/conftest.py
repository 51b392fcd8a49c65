"""The stream slice over the video stand-in: real IVS calls, real encoders, mocked tables."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import boto3
import pytest

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.idempotency import IdempotencyStore
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.playback import Playback
from ayinel_live.streams.reconciliation import Reconciler
from ayinel_live.streams.starting import StartedStream, StreamStarting
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

T = TypeVar("T")


class Broadcasting:
    """Everything that a stream's life takes, over a running stand-in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.provider = IvsProvider(lambda: house.ivs, RequestBudget(8), ingest_scheme="rtmp")
        self.streams = StreamStore(utc_now)
        self.channels = ChannelStore(utc_now)
        claims = IdempotencyStore()
        self.starting = StreamStarting(
            self.provider, self.streams, self.channels, claims, stage="test"
        )
        self.ending = StreamEnding(self.provider, self.streams, self.channels)
        self.observer = StreamObserver(self.streams, self.channels)
        self.reconciler = Reconciler(
            self.provider,
            self.streams,
            self.observer,
            self.ending,
            RememberedWork(),
            RememberedErasures(),
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

    async def start(self, **changes: object) -> StartedStream:
        """Start a stream."""
        return await self.run(lambda: self.starting.start(caller(), request(**changes)))

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
