"""Streams as real encoders and players meet them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.errors import BusyError
from ayinel_live.streams.model import StreamState, Visibility
from ayinel_live.streams.playback import tag_for
from ayinel_live.streams.start_request import StartedStream
from ayinel_live.video.playback_keys import make_key_pair
from ayinel_live.video.playback_tokens import PlaybackGrant, session_version, sign_playback
from local.video.test_pattern import TestPattern
from tests.integration.streams.conftest import Broadcasting
from tests.integration.video_standin.house import until
from tests.support.house import caller


def is_running(publisher: TestPattern) -> bool:
    return publisher.process is not None and publisher.process.returncode is None


async def go_live(broadcasting: Broadcasting, started: StartedStream) -> None:
    channel_id = broadcasting.streams.record(started.stream.stream_id).channel_id
    await broadcasting.house.wait_for_event("Stream Start", channel_id, seconds=15)
    await broadcasting.listen()
    assert status(broadcasting, started) is StreamState.LIVE


def status(broadcasting: Broadcasting, started: StartedStream) -> StreamState:
    return broadcasting.streams.get(started.stream.stream_id).status


async def refused(broadcasting: Broadcasting, key: str) -> bool:
    """Whether an encoder with a key is thrown off before it is on air."""
    async with broadcasting.house.publisher(key) as publisher:
        for _ in range(100):
            if not is_running(publisher):
                return True
            await asyncio.sleep(0.1)
    return False


async def test_encoder_brings_the_stream_on_air_and_the_stop_shuts_it_out(
    broadcasting: Broadcasting,
) -> None:
    started = await broadcasting.start()
    async with broadcasting.house.publisher(started.key.value) as publisher:
        await go_live(broadcasting, started)
        assert await refused(broadcasting, started.key.value), "a second publisher came in"
        assert is_running(publisher)
        await broadcasting.run(lambda: broadcasting.ending.stop(started.stream, stopped_by="ana"))
        await until(lambda: not is_running(publisher), 10)
    assert await refused(broadcasting, started.key.value)
    await broadcasting.listen()
    stream = broadcasting.streams.get(started.stream.stream_id)
    assert (stream.status, stream.is_over) == (StreamState.ENDED, True)


async def test_rotated_key_throws_the_old_encoder_off_and_the_broadcast_goes_on(
    broadcasting: Broadcasting,
) -> None:
    started = await broadcasting.start()
    async with broadcasting.house.publisher(started.key.value) as thief:
        await go_live(broadcasting, started)
        key = await broadcasting.run(lambda: broadcasting.ending.rotate_key(started.stream))
        await until(lambda: not is_running(thief), 10)
    assert await refused(broadcasting, started.key.value)
    async with broadcasting.house.publisher(key.value):
        await until(lambda: broadcasting.house.events().count("Stream Start") == 2, 15)
        await broadcasting.listen()
        record = broadcasting.streams.record(started.stream.stream_id)
        assert record.stream.status is StreamState.LIVE
        assert record.stream.interrupted_at is None
        assert len(record.broadcast.session_ids) == 2


async def test_next_start_takes_the_same_channel_with_another_key(
    broadcasting: Broadcasting,
) -> None:
    first = await broadcasting.start()
    await broadcasting.run(lambda: broadcasting.ending.stop(first.stream, stopped_by="ana"))
    second = await broadcasting.start()
    assert first.stream.playback_url == second.stream.playback_url
    assert first.key != second.key
    assert await refused(broadcasting, first.key.value)
    async with broadcasting.house.publisher(second.key.value):
        await go_live(broadcasting, second)
    assert status(broadcasting, first) is StreamState.ENDED


async def test_start_while_an_encoder_is_still_on_the_channel_comes_back_later(
    broadcasting: Broadcasting,
) -> None:
    started = await broadcasting.start()
    async with broadcasting.house.publisher(started.key.value):
        await go_live(broadcasting, started)
        broadcasting.streams.change(
            started.stream.stream_id,
            lambda record: replace(
                record.with_broadcast(
                    record.broadcast.model_copy(update={"closed_at": 1, "stop_requested_at": 1})
                ),
                is_key_revoked=True,
            ),
        )
        with pytest.raises(BusyError):
            await broadcasting.start()
        await until(lambda: "Session Ended" in broadcasting.house.events(), 10)
    assert (await broadcasting.start()).stream.status is StreamState.OFFLINE


async def test_provider_shows_what_the_encoder_sends(broadcasting: Broadcasting) -> None:
    started = await broadcasting.start()
    async with broadcasting.house.publisher(started.key.value):
        await go_live(broadcasting, started)
        record = broadcasting.streams.record(started.stream.stream_id)
        (session_id,) = record.broadcast.session_ids
        sent = await broadcasting.run(
            lambda: broadcasting.provider.ingest(record.channel_id, session_id)
        )
        assert sent is not None
        assert (sent.width, sent.height) == (320, 180)
        await broadcasting.run(
            lambda: broadcasting.provider.put_metadata(record.channel_id, '{"goal": 1}')
        )


async def test_private_video_opens_to_its_token_alone(broadcasting: Broadcasting) -> None:
    await broadcasting.run(broadcasting.keys.ensure)
    started = await broadcasting.start(visibility=Visibility.PRIVATE)
    stream = started.stream
    channel_id = broadcasting.streams.record(stream.stream_id).channel_id
    key = await broadcasting.run(broadcasting.keys.ensure)

    async def answer(url: str) -> int:
        got = await broadcasting.house.http.get(url)
        return got.status_code

    def signed(grant: PlaybackGrant, private_key: str = key.private_key) -> str:
        return f"{stream.playback_url}?token={sign_playback(grant, private_key, utc_now())}"

    async with broadcasting.house.publisher(started.key.value):
        await go_live(broadcasting, started)
        assert await answer(stream.playback_url) == 403
        assert await answer(f"{stream.playback_url}?token=x.y.z") == 403
        other = channel_id[:-4] + "zzzz"
        assert await answer(signed(PlaybackGrant(other, "x"))) == 403
        assert await answer(signed(PlaybackGrant(channel_id, "x"), make_key_pair()[0])) == 403
        guest = caller("guest")
        url = broadcasting.playback.url(stream, guest)
        assert await answer(url) == 200
        await broadcasting.run(
            lambda: broadcasting.provider.revoke_viewer(
                channel_id, tag_for(stream, guest), session_version(utc_now())
            )
        )
        assert await answer(url) == 403
        assert await answer(broadcasting.playback.url(stream, caller("ana"))) == 200
        await asyncio.sleep(0.01)
        assert await answer(broadcasting.playback.url(stream, guest)) == 200


async def test_reconciler_finds_a_broadcast_that_nobody_told_of(
    broadcasting: Broadcasting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ayinel_live.streams.reconciliation.SECOND_LOOK_AFTER", timedelta(0))
    started = await broadcasting.start()
    async with broadcasting.house.publisher(started.key.value):
        await until(lambda: "Stream Start" in broadcasting.house.events(), 15)
        await broadcasting.run(broadcasting.reconciler.run)
        report = await broadcasting.run(broadcasting.reconciler.run)
        assert report.mended == [started.stream.stream_id]
        assert status(broadcasting, started) is StreamState.LIVE
