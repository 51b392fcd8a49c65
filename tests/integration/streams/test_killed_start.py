"""A start whose process ends after any of its calls to the video service."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from unittest.mock import patch

import pytest

from ayinel_live.channels.video_channels import ChannelStore
from local.video.test_pattern import TestPattern
from tests.integration.streams.conftest import Broadcasting
from tests.integration.video_standin.house import until
from tests.support.video import DiedError

# Of a creator who has no channel yet, and of one who has, whose last stop left no key.
FIRST = [
    "list_channels",
    "create_channel",
    "list_stream_keys",
    "delete_stream_key",
    "get_stream",
    "list_stream_sessions",
    "update_channel",
    "create_stream_key",
]
LATER = [
    call for call in FIRST if call not in {"list_channels", "create_channel", "delete_stream_key"}
]


async def killed(broadcasting: Broadcasting, user_id: str, calls: int) -> None:
    """Start a stream in a process that ends after so many calls; not even its lease is freed."""
    broadcasting.client.made.clear()
    broadcasting.client.last = calls
    with (
        patch.object(ChannelStore, "_release", staticmethod(lambda *_: None)),
        pytest.raises(DiedError),
    ):
        await broadcasting.start(user_id)
    broadcasting.client.last = None


async def minutes_pass(broadcasting: Broadcasting, minutes: int) -> None:
    for _ in range(minutes):
        broadcasting.clock.ahead += timedelta(minutes=1)
        await broadcasting.run(broadcasting.reconciler.run)


def keys_of(broadcasting: Broadcasting, user_id: str) -> list[str]:
    """Return the keys with which somebody could push onto a creator's channels."""
    ivs = broadcasting.house.ivs
    return [
        ivs.get_stream_key(arn=key["arn"])["streamKey"]["value"]
        for video in broadcasting.channels.get(user_id).video.values()
        for key in ivs.list_stream_keys(channelArn=video.channel_id)["streamKeys"]
    ]


def open_streams(broadcasting: Broadcasting, user_id: str) -> list[str]:
    return [
        record.stream.stream_id
        for record in broadcasting.streams.unfinished()
        if record.stream.user_id == user_id
    ]


async def is_on_air(broadcasting: Broadcasting, publisher: TestPattern) -> bool:
    for _ in range(100):
        if "Stream Start" in broadcasting.house.events():
            return True
        if publisher.process is None or publisher.process.returncode is not None:
            return False
        await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize("has_channel", [False, True])
async def test_reconciler_leaves_nothing_of_a_start_that_died_after_any_call(
    broadcasting: Broadcasting, *, has_channel: bool
) -> None:
    wanted = LATER if has_channel else FIRST
    for number, _ in enumerate(wanted, start=1):
        user_id = f"ana-{number}"
        if has_channel:
            before = await broadcasting.start(user_id)
            stop = broadcasting.ending.stop
            await broadcasting.run(lambda: stop(before.stream, stopped_by=user_id))  # noqa: B023  awaited here
        await killed(broadcasting, user_id, number)
        assert broadcasting.client.made == wanted[:number]

    await minutes_pass(broadcasting, 4)

    for number, _ in enumerate(wanted, start=1):
        user_id = f"ana-{number}"
        assert open_streams(broadcasting, user_id) == [], wanted[number - 1]
        started = await broadcasting.start(user_id)
        keys = await broadcasting.run(lambda: keys_of(broadcasting, user_id))  # noqa: B023  awaited here
        assert keys == [started.key.value], wanted[number - 1]
        assert open_streams(broadcasting, user_id) == [started.stream.stream_id]
    ivs = broadcasting.house.ivs
    channels = (await broadcasting.run(lambda: ivs.list_channels(maxResults=50)))["channels"]
    assert len(channels) == len({channel["name"] for channel in channels}) == len(wanted)

    async with broadcasting.house.publisher(started.key.value) as publisher:
        assert await is_on_air(broadcasting, publisher)


async def test_key_of_a_start_that_died_lets_nobody_in(broadcasting: Broadcasting) -> None:
    await killed(broadcasting, "ana", len(FIRST))
    (lost,) = await broadcasting.run(lambda: keys_of(broadcasting, "ana"))

    await minutes_pass(broadcasting, 4)

    assert await broadcasting.run(lambda: keys_of(broadcasting, "ana")) == []
    async with broadcasting.house.publisher(lost) as publisher:
        await until(
            lambda: publisher.process is not None and publisher.process.returncode is not None, 15
        )
    assert "Stream Start" not in broadcasting.house.events()
