"""Recordings behind CloudFront: the signature opens one recording, for a while, to one key."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.model import RecordingState, Visibility
from ayinel_live.streams.recording_keys import make_key_pair
from ayinel_live.streams.recordings import Recordings, RecordingView
from ayinel_live.streams.signed_addresses import AddressKey
from tests.support.clock import FixedClock
from tests.unit.recording_key_rotator.cloudfront import CloudFront

BASE = "https://live.example"
PREFIX = "ivs/v1/1/channel/2026/1/2/3/4/r"
SEGMENT = f"{BASE}/{PREFIX}/media/hls/720p30/0.ts"


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return make_key_pair()


class House:
    """One recorded stream and CloudFront before its bucket."""

    def __init__(self, pair: tuple[str, str]) -> None:
        private, public = pair
        self.clock = FixedClock()
        self.cloudfront = CloudFront()
        self.cloudfront.keys["K1"] = {"Name": "k", "EncodedKey": public}
        self.cloudfront.group["Items"] = ["K1"]
        self.key: AddressKey | None = AddressKey("K1", private)
        recording = SimpleNamespace(prefix=PREFIX, duration_ms=61_500, ended_at=1)
        self.record: Any = SimpleNamespace(
            stream=SimpleNamespace(recording_state=RecordingState.READY),
            broadcast=SimpleNamespace(recordings={"r": recording}),
            first_picture=f"{PREFIX}/media/thumbnails/0/thumb0.jpg",
            latest_picture=None,
        )
        streams = cast("Any", SimpleNamespace(record=lambda _: self.record))
        self.recordings = Recordings(streams, BASE, lambda: self.key, self.clock)

    def view(self) -> RecordingView:
        return self.recordings.view(cast("Any", SimpleNamespace(stream_id="s")))

    def admits(self, address: str, cookies: tuple[str, ...] = ()) -> bool:
        return self.cloudfront.admits(address, self.clock(), cookies)


@pytest.fixture
def house(pair: tuple[str, str]) -> House:
    return House(pair)


def query_of(view: RecordingView) -> str:
    assert view.playback_url is not None
    return view.playback_url.partition("?")[2]


def test_playlist_opens_and_its_query_opens_every_segment(house: House) -> None:
    view = house.view()
    assert view.playback_url is not None
    assert house.admits(view.playback_url)
    assert house.admits(f"{SEGMENT}?{query_of(view)}")
    assert not house.admits(SEGMENT)


def test_players_that_send_cookies_get_every_segment_too(house: House) -> None:
    cookies = house.view().cookies
    assert house.admits(SEGMENT, cookies)
    assert all(f"Path=/{PREFIX};" in cookie for cookie in cookies)
    assert all("Secure; HttpOnly" in cookie for cookie in cookies)


def test_signature_of_one_recording_opens_no_other(house: House) -> None:
    query = query_of(house.view())
    assert not house.admits(f"{SEGMENT.replace('/r/', '/other/')}?{query}")
    assert not house.admits(f"{SEGMENT.replace('live.example', 'evil.example')}?{query}")


def test_signature_ends(house: House) -> None:
    address = f"{SEGMENT}?{query_of(house.view())}"
    house.clock.advance(timedelta(hours=6).total_seconds())
    assert house.admits(address)
    house.clock.advance(timedelta(hours=1).total_seconds())
    assert not house.admits(address)


def test_tampered_policy_is_refused(house: House) -> None:
    query = query_of(house.view())
    policy = query.partition("&")[0]
    assert not house.admits(f"{SEGMENT}?{query.replace(policy, policy[:-6] + 'AAAAA_')}")


def test_picture_opens_by_its_own_address_and_opens_nothing_else(house: House) -> None:
    picture = house.view().thumbnail_url
    assert picture is not None
    assert house.admits(picture)
    assert not house.admits(f"{SEGMENT}?{picture.partition('?')[2]}")


def test_live_picture_keeps_its_address_within_the_hour(house: House) -> None:
    stream = SimpleNamespace(
        visibility=Visibility.PUBLIC, thumbnail_key=f"{PREFIX}/media/latest_thumbnail/a/thumb.jpg"
    )
    first = house.recordings.live_thumbnail(cast("Any", stream))
    house.clock.advance(600)
    assert first is not None
    assert house.recordings.live_thumbnail(cast("Any", stream)) == first
    assert house.admits(first)


def test_before_the_first_key_a_recording_is_put_off_and_a_list_goes_without_pictures(
    house: House,
) -> None:
    house.key = None
    with pytest.raises(UpstreamError):
        house.view()
    stream = SimpleNamespace(visibility=Visibility.PUBLIC, thumbnail_key="k")
    assert house.recordings.live_thumbnail(cast("Any", stream)) is None
