"""What becomes of an encoder: on air, refused, broken off, starved, over a limit, cut off."""

import asyncio
import contextlib

import pytest

from tests.integration.video_standin.house import House, pattern, running, until


async def test_stopped_encoder_ends_the_playlist_and_the_session(house: House) -> None:
    channel, key = await house.channel(name="a")
    async with house.publisher(key):
        media = await house.playlist(channel)
    await house.wait_for_event("Session Ended", channel["arn"])
    assert (await house.text(media)).endswith("#EXT-X-ENDLIST\n")
    assert (await house.http.get(channel["playbackUrl"])).status_code == 404
    assert house.events() == ["Session Created", "Stream Start", "Stream End", "Session Ended"]
    for event in house.raw_events():
        assert event["version"] == "0"
        assert event["source"] == "aws.ivs"
        assert event["resources"] == [channel["arn"]]
        assert event["detail"]["channel_name"] == "a"
        assert len(event["detail"]["stream_id"]) == 26


async def test_stop_stream_cuts_the_publisher_at_once(house: House) -> None:
    channel, key = await house.channel()
    publisher = house.publisher(key)
    await publisher.start()
    await house.playlist(channel)
    await house.call("stop_stream", channelArn=channel["arn"])
    assert "Session Ended" in house.events()
    assert await asyncio.wait_for(publisher.wait(), 5) != 0


async def test_revoked_and_wrong_keys_are_refused_and_never_repeated(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    channel, key = await house.channel()
    listed = await house.call("list_stream_keys", channelArn=channel["arn"])
    await house.call("delete_stream_key", arn=listed["streamKeys"][0]["arn"])
    for refused in (key, "sk_us-east-1_guess", "?", ""):
        publisher = house.publisher(refused or "x")
        await publisher.start()
        assert await asyncio.wait_for(publisher.wait(), 10) != 0
    assert house.events() == []
    own = [record for record in caplog.records if record.name.startswith(("local", "uvicorn"))]
    said = "\n".join(f"{record.__dict__} {record.getMessage()}" for record in own)
    assert "publisher was refused" in said
    assert key not in said
    assert "sk_us-east-1_guess" not in said
    assert "uvicorn.access" not in said


async def test_channel_without_insecure_ingest_takes_no_plain_rtmp(house: House) -> None:
    _, key = await house.channel(insecureIngest=False)
    publisher = house.publisher(key)
    await publisher.start()
    assert await asyncio.wait_for(publisher.wait(), 10) != 0
    assert house.events() == []


async def test_second_publisher_is_refused_and_the_first_goes_on(house: House) -> None:
    channel, key = await house.channel()
    async with house.publisher(key) as first:
        media = await house.playlist(channel)
        for second_key in (key, key + "?priority=2"):
            second = house.publisher(second_key)
            await second.start()
            assert await asyncio.wait_for(second.wait(), 10) != 0
        await house.goes_on(media, 2)
        assert first.process is not None
        assert first.process.returncode is None
        assert "#EXT-X-DISCONTINUITY\n" not in await house.text(media)
    assert house.events().count("Session Created") == 1
    assert house.events().count("Stream Takeover Failure") == 1
    refused = next(e for e in house.raw_events() if "code" in e["detail"])
    assert refused["detail"]["code"] == "StreamTakeoverInvalidPriority"


async def test_broken_off_encoder_goes_on_in_the_same_playlist(house: House) -> None:
    channel, key = await house.channel()
    publisher = house.publisher(key)
    await publisher.start()
    media = await house.playlist(channel)
    await publisher.kill()
    await house.wait_for_event("Session Ended", channel["arn"])
    assert "#EXT-X-ENDLIST" not in await house.text(media)
    async with house.publisher(key):
        await until(lambda: _has(house, media, "#EXT-X-DISCONTINUITY\n"))
        data = await house.media((await house.text(media)).split("#EXT-X-DISCONTINUITY\n")[1])
    assert house.events().count("Stream Start") == 2
    ids = {event["detail"]["stream_id"] for event in house.raw_events()}
    assert len(ids) == 2
    assert b"moof" in data


async def _has(house: House, media: str, text: str) -> bool:
    return text in await house.text(media)


@pytest.mark.slow
async def test_broken_off_encoder_that_stays_away_ends_the_playlist() -> None:
    async with running(reconnect_seconds=0.3) as house:
        channel, key = await house.channel()
        publisher = house.publisher(key)
        await publisher.start()
        media = await house.playlist(channel)
        await publisher.kill()
        await until(lambda: _has(house, media, "#EXT-X-ENDLIST"))


async def test_frozen_publisher_starves_and_is_then_cut_off() -> None:
    async with running(starvation_seconds=0.5, frozen_seconds=1.5) as house:
        channel, key = await house.channel()
        publisher = house.publisher(key)
        await publisher.start()
        await house.playlist(channel)
        publisher.freeze()
        await house.wait_for_event("Starvation Start", channel["arn"])
        stream = (await house.call("get_stream", channelArn=channel["arn"]))["stream"]
        assert stream["health"] == "STARVING"
        starving = {"health": "STARVING"}
        assert len((await house.call("list_streams", filterBy=starving))["streams"]) == 1
        publisher.thaw()
        await house.wait_for_event("Starvation End", channel["arn"])
        publisher.freeze()
        await house.wait_for_event("Session Ended", channel["arn"])
        publisher.thaw()
        assert await asyncio.wait_for(publisher.wait(), 5) != 0
        assert house.events(channel["arn"])[-4:] == [
            "Starvation End",
            "Starvation Start",
            "Stream End",
            "Session Ended",
        ]


async def test_too_large_a_picture_is_a_limit_breach_and_never_goes_live(house: House) -> None:
    channel, key = await house.channel()
    publisher = house.publisher(key, pattern(2048, 128))
    await publisher.start()
    await house.wait_for_event("Session Ended", channel["arn"])
    await asyncio.wait_for(publisher.wait(), 5)
    assert house.events() == ["Session Created", "Ingest Resolution", "Session Ended"]
    breach = house.raw_events()[1]["detail"]
    assert (breach["limit_value"], breach["exceeded_by"]) == (1920, 128)
    sessions = await house.call("list_stream_sessions", channelArn=channel["arn"])
    assert sessions["streamSessions"][0]["hasErrorEvent"] is True


async def test_session_shows_what_the_encoder_really_sends(house: House) -> None:
    channel, key = await house.channel(name="a")
    async with house.publisher(key, pattern(426, 240, frames_per_second=25)):
        await house.playlist(channel)
        found = await house.call("get_stream_session", channelArn=channel["arn"])
    session = found["streamSession"]
    video, audio = (session["ingestConfiguration"][kind] for kind in ("video", "audio"))
    assert (video["videoWidth"], video["videoHeight"]) == (426, 240)
    assert video["targetFramerate"] == 25
    assert video["codec"].startswith("avc1.42C0")
    assert 900_000 < video["targetBitrate"] < 1_100_000
    assert audio["sampleRate"] == 48_000
    assert audio["channels"] == 2
    assert session["channel"]["name"] == "a"
    assert [event["name"] for event in session["truncatedEvents"]] == [
        "Stream Start",
        "Session Created",
    ]


@pytest.mark.slow
async def test_twenty_encoders_at_once_all_go_live_and_stay_live(house: House) -> None:
    channels = [await house.channel(name=f"c{number}") for number in range(20)]
    tiny = pattern(160, 90, frames_per_second=10, video_bits_per_second=100_000)
    async with contextlib.AsyncExitStack() as stack:
        for _, key in channels:
            await stack.enter_async_context(house.publisher(key, tiny))
        media = [await house.playlist(channel, 30) for channel, _ in channels]
        await asyncio.sleep(5)
        for path in media:
            playlist = await house.text(path)
            assert playlist.count("#EXTINF") >= 4
            assert "#EXT-X-DISCONTINUITY\n" not in playlist
        assert len((await house.call("list_streams"))["streams"]) == 20
    assert not {"Starvation Start", "Stream Failure"} & set(house.events())


@pytest.mark.slow
async def test_too_high_a_bitrate_is_told_once_and_the_stream_goes_on(house: House) -> None:
    channel, key = await house.channel(type="BASIC")
    async with house.publisher(key, pattern(640, 360, video_bits_per_second=4_000_000)):
        await house.wait_for_event("Ingest Bitrate", channel["arn"], 12)
        await asyncio.sleep(2)
        assert (await house.call("get_stream", channelArn=channel["arn"]))["stream"]
    assert house.events().count("Ingest Bitrate") == 1
    breach = next(e["detail"] for e in house.raw_events() if "limit_name" in e["detail"])
    assert breach["limit_value"] == 1_500_000
    assert breach["limit_unit"] == "bits per second"
    assert breach["exceeded_by"] > 0


async def test_rotated_key_lets_the_new_publisher_in_and_the_old_out(house: House) -> None:
    channel, old_key = await house.channel()
    old = house.publisher(old_key)
    await old.start()
    await house.playlist(channel)
    listed = await house.call("list_stream_keys", channelArn=channel["arn"])
    await house.call("delete_stream_key", arn=listed["streamKeys"][0]["arn"])
    assert (await house.call("get_stream", channelArn=channel["arn"]))["stream"]
    await house.call("stop_stream", channelArn=channel["arn"])
    await asyncio.wait_for(old.wait(), 5)
    again = house.publisher(old_key)
    await again.start()
    assert await asyncio.wait_for(again.wait(), 10) != 0
    made = await house.call("create_stream_key", channelArn=channel["arn"])
    async with house.publisher(made["streamKey"]["value"]):
        await house.playlist(channel)
    assert house.events().count("Session Created") == 2
