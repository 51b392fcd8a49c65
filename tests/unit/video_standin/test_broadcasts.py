import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import cast

import pytest

from local.video.arns import Names
from local.video.broadcast import Broadcast
from local.video.broadcasts import Broadcasts
from local.video.events import EventSender
from local.video.fmp4 import Tracks
from local.video.live_playlist import LivePlaylist
from local.video.resources import Channel, StreamKey
from local.video.settings import VideoSettings
from local.video.store import Store

RECONNECT_SECONDS = 0.1
KEY = "sk_us-east-1_key"


class FakeTracks:
    width, height, codecs, init = 1280, 720, "avc1.64001F", b"init"


class FakePublisher:
    def drop(self) -> None:
        """There is no connection to cut."""


@pytest.fixture
async def broadcasts() -> AsyncIterator[Broadcasts]:
    store = Store(None)
    names = Names("us-east-1", "000000000000")
    channel = Channel(arn=names.arn("channel"), insecure_ingest=True)
    store.channels.put(channel)
    store.stream_keys.put(
        StreamKey(arn=names.arn("stream-key"), value=KEY, channel_arn=channel.arn)
    )
    sender = EventSender("", names.account_id, names.region)
    house = Broadcasts(VideoSettings(reconnect_seconds=RECONNECT_SECONDS), store, sender, names)
    yield house
    await house.stop()
    store.close()


def listed(house: Broadcasts, broadcast: Broadcast) -> LivePlaylist:
    """List a segment of a broadcast, as its first two seconds do."""
    playlist = house.playlist_for(broadcast)
    tracks = cast("Tracks", FakeTracks())
    playlist.add(tracks, b"x", 2, datetime.now(UTC), is_continuous=False)
    return playlist


async def test_playlist_of_one_that_broke_off_is_open_for_a_while(broadcasts: Broadcasts) -> None:
    broadcast = broadcasts.admit(KEY, FakePublisher())
    playlist = listed(broadcasts, broadcast)
    broadcast.on_end(was_clean=False)
    assert not playlist.has_ended
    await asyncio.sleep(2 * RECONNECT_SECONDS)
    assert playlist.has_ended


async def test_failed_try_to_reconnect_does_not_end_the_one_after_it(
    broadcasts: Broadcasts,
) -> None:
    first = broadcasts.admit(KEY, FakePublisher())
    playlist = listed(broadcasts, first)
    first.on_end(was_clean=False)
    broadcasts.admit(KEY, FakePublisher()).on_end(was_clean=False)
    assert listed(broadcasts, broadcasts.admit(KEY, FakePublisher())) is playlist
    await asyncio.sleep(2 * RECONNECT_SECONDS)
    assert not playlist.has_ended
