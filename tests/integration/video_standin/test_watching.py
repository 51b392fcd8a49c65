"""What viewers get of a stream: pictures, playlists, metadata, thumbnails; and their number."""

import asyncio

from tests.integration.video_standin.house import House, are_moving, pattern, pictures, running


async def test_published_pattern_plays_as_moving_pictures_with_sound(house: House) -> None:
    channel, key = await house.channel(name="a")
    async with house.publisher(key, pattern(320, 180, b_frames=2)):
        media = await house.playlist(channel)
        await house.goes_on(media, 3)
        data = await house.media(await house.text(media))
    decoded = pictures(data)
    assert len(decoded) >= 45
    assert are_moving(decoded)
    assert b"mp4a" in data


async def test_offline_channel_answers_404(house: House) -> None:
    channel, _ = await house.channel()
    answer = await house.http.get(channel["playbackUrl"])
    assert answer.status_code == 404
    assert answer.json()[0]["type"] == "error"
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_master_playlist_describes_the_stream(house: House) -> None:
    channel, key = await house.channel()
    async with house.publisher(key, pattern(640, 360, x264_profile="baseline")):
        await house.playlist(channel)
        text = (await house.http.get(channel["playbackUrl"])).text
    assert "RESOLUTION=640x360" in text
    assert 'CODECS="avc1.42C0' in text
    assert ',mp4a.40.2"' in text
    assert "FRAME-RATE=30.000" in text


async def test_timed_metadata_travels_in_the_segments(house: House) -> None:
    channel, key = await house.channel()
    async with house.publisher(key):
        media = await house.playlist(channel)
        await house.call("put_metadata", channelArn=channel["arn"], metadata='{"poll": "ü"}')
        await house.goes_on(media, 1)
        playlist = await house.text(media)
        last = playlist.splitlines()[-1]
        segment = (await house.http.get(house.video.http_url + last)).content
    assert segment[4:8] == b"emsg"
    assert b"https://aomedia.org/emsg/ID3\x00" in segment
    assert b"TXXX" in segment
    assert '{"poll": "ü"}'.encode() in segment


async def test_live_thumbnail_is_a_picture_of_the_stream(house: House) -> None:
    channel, key = await house.channel()
    url = channel["playbackUrl"].replace(".m3u8", ".jpg")
    assert (await house.http.get(url)).status_code == 404
    async with house.publisher(key):
        await house.playlist(channel)
        answer = await house.http.get(url)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert answer.content.rstrip(b"\x00").endswith(b"\xff\xd9")


async def test_viewers_are_counted_by_their_polling() -> None:
    async with running(viewer_count_delay_seconds=0.4, viewer_idle_seconds=0.7) as house:
        channel, key = await house.channel()
        async with house.publisher(key):
            await house.playlist(channel)
            assert await _viewer_count(house, channel["arn"]) == -1
            await asyncio.sleep(0.4)
            assert await _viewer_count(house, channel["arn"]) == 0
            for _ in range(3):
                await house.text(await house.playlist(channel))
            assert await _viewer_count(house, channel["arn"]) == 3
            await asyncio.sleep(0.8)
            assert await _viewer_count(house, channel["arn"]) == 0


async def _viewer_count(house: House, channel_arn: str) -> int:
    stream = (await house.call("get_stream", channelArn=channel_arn))["stream"]
    count: int = stream["viewerCount"]
    return count


async def test_two_channels_share_the_port_without_mixing(house: House) -> None:
    one, one_key = await house.channel(name="one")
    two, two_key = await house.channel(name="two")
    small = pattern(160, 90, audio_bits_per_second=0)
    async with house.publisher(one_key, small), house.publisher(two_key, pattern(320, 180)):
        for channel, size in ((one, "160x90"), (two, "320x180")):
            await house.playlist(channel)
            assert size in (await house.http.get(channel["playbackUrl"])).text
        streams = (await house.call("list_streams"))["streams"]
        assert {stream["channelArn"] for stream in streams} == {one["arn"], two["arn"]}
        master = (await house.http.get(one["playbackUrl"])).text
        assert "mp4a" not in master
