"""Creators who start at once, at a video service that takes five calls a second per operation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ayinel_live.runtime.idempotency import IdempotencyStore
from ayinel_live.streams.start_request import StartedStream
from ayinel_live.streams.starting import StreamStarting
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.ivs import IvsProvider
from ayinel_live.video.model import ProviderThrottledError
from tests.integration.streams.conftest import Broadcasting
from tests.integration.video_standin.house import running
from tests.support.house import caller, request
from tests.support.moto_tables import empty_tables

CREATORS = 10


@pytest.fixture
async def crowd(tables: None) -> AsyncIterator[Broadcasting]:
    """A running stand-in that holds callers to the rates of IVS."""
    empty_tables()
    async with running(is_throttled=True) as house:
        yield Broadcasting(house)


async def start_all(crowd: Broadcasting, seconds: float) -> list[StartedStream | BaseException]:
    """Start a stream for each creator, each in a function of its own."""

    def start(number: int) -> StartedStream:
        provider = IvsProvider(
            lambda: crowd.house.ivs, RequestBudget(seconds), ingest_scheme="rtmp"
        )
        starting = StreamStarting(
            provider, crowd.streams, crowd.channels, IdempotencyStore(), stage="test"
        )
        return starting.start(caller(f"creator-{number}"), request())

    calls = (asyncio.to_thread(start, number) for number in range(CREATORS))
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_creators_beyond_the_rate_wait_within_their_requests_and_all_start(
    crowd: Broadcasting,
) -> None:
    outcomes = await start_all(crowd, 9)
    keys = {outcome.key.value for outcome in outcomes if isinstance(outcome, StartedStream)}
    assert len(keys) == CREATORS, outcomes


async def test_creators_whose_time_runs_out_are_told_when_to_come_back(
    crowd: Broadcasting,
) -> None:
    outcomes = await start_all(crowd, 0.3)
    refused = [outcome for outcome in outcomes if not isinstance(outcome, StartedStream)]
    assert refused, "nobody was too many"
    for refusal in refused:
        assert isinstance(refusal, ProviderThrottledError), refusal
        assert refusal.retry_after_seconds
    again = await start_all(crowd, 9)
    started = [outcome for outcome in again if isinstance(outcome, StartedStream)]
    assert len(started) == len(refused), again
