import asyncio
import json
import re
from typing import Any

import pytest

from tests.integration.video_standin.house import (
    House,
    Listener,
    are_moving,
    listening,
    pattern,
    pictures,
    running,
    until,
)

SMALL = pattern()


async def _recorded_channel(house: House, **configuration: Any) -> tuple[dict[str, Any], str]:
    made = await house.call(
        "create_recording_configuration",
        **{"destinationConfiguration": {"s3": {"bucketName": "recordings"}}, **configuration},
    )
    arn = made["recordingConfiguration"]["arn"]
    return await house.channel(name="rec", recordingConfigurationArn=arn)


def _played(listener: Listener, prefix: str) -> bytes:
    """Fetch a recording as a player does: master, media playlist, what it lists."""
    folder = f"{prefix}/media/hls/"
    master = listener.objects[f"{folder}master.m3u8"].decode()
    path = next(line for line in master.splitlines() if not line.startswith("#"))
    playlist = listener.objects[folder + path].decode()
    assert "#EXT-X-PLAYLIST-TYPE:VOD" in playlist
    assert playlist.endswith("#EXT-X-ENDLIST\n")
    folder += path.rpartition("/")[0] + "/"
    data = b""
    for line in playlist.splitlines():
        if line.startswith("#EXT-X-MAP"):
            data += listener.objects[folder + line.split('"')[1]]
        elif not line.startswith("#"):
            data += listener.objects[folder + line]
    return data


async def test_broadcast_is_recorded_under_the_layout_of_ivs_and_plays() -> None:
    async with listening() as s3, running(s3_endpoint=s3.url) as house:
        thumbnails = {"targetIntervalSeconds": 1, "storage": ["SEQUENTIAL", "LATEST"]}
        channel, key = await _recorded_channel(house, thumbnailConfiguration=thumbnails)
        async with house.publisher(key, SMALL):
            await house.wait_for_event("Recording Start", channel["arn"])
            await asyncio.sleep(2)
        await house.wait_for_event("Recording End", channel["arn"])
        names = house.events(channel["arn"])
        assert names.index("Stream Start") < names.index("Recording Start")
        assert names[-1] == "Recording End"
        start, end = (
            event["detail"] for event in house.raw_events() if "recording_status" in event["detail"]
        )
        prefix = end["recording_s3_key_prefix"]
        channel_id = channel["arn"].rpartition("/")[2]
        layout = rf"ivs/v1/\d{{12}}/{channel_id}/\d{{4}}/\d+/\d+/\d+/\d+/[a-zA-Z0-9]{{12}}"
        assert re.fullmatch(layout, prefix)
        assert end["recording_s3_bucket_name"] == "recordings"
        assert start["recording_duration_ms"] == 0
        assert start["recording_session_id"] == end["recording_session_id"]
        decoded = pictures(_played(s3, prefix))
        assert are_moving(decoded)
        assert abs(len(decoded) / 30 - end["recording_duration_ms"] / 1000) < 0.2
        ended = json.loads(s3.objects[f"{prefix}/events/recording-ended.json"])
        assert ended["recording_status"] == "RECORDING_ENDED"
        assert ended["media"]["hls"]["duration_ms"] == end["recording_duration_ms"]
        assert ended["media"]["hls"]["renditions"][0]["path"] == "180p30"
        assert f"{prefix}/events/recording-started.json" in s3.objects
        taken = [name for name in s3.objects if "/media/thumbnails/180p30/thumb" in name]
        assert len(taken) >= 2
        latest = f"{prefix}/media/latest_thumbnail/180p30/thumb.jpg"
        assert s3.objects[latest].startswith(b"\xff\xd8")
        assert s3.types[latest] == "image/jpeg"
        assert all(key not in str(event) for event in house.raw_events())
        assert all(key.encode() not in body for body in s3.objects.values())


async def test_reconnect_inside_the_window_goes_on_in_the_same_recording() -> None:
    async with listening() as s3, running(s3_endpoint=s3.url) as house:
        channel, key = await _recorded_channel(house, recordingReconnectWindowSeconds=2)
        for _ in range(2):
            publisher = house.publisher(key, SMALL)
            await publisher.start()
            await house.playlist(channel)
            await asyncio.sleep(0.6)
            await publisher.kill()
            await until(lambda: house.video.broadcasts.active(channel["arn"]) is None)
        await house.wait_for_event("Recording End", channel["arn"])
        names = house.events(channel["arn"])
        assert names.count("Session Created") == 2
        assert names.count("Recording Start") == 1
        assert names.count("Recording End") == 1
        end = house.raw_events()[-1]["detail"]
        assert len(end["recording_session_stream_ids"]) == 2
        playlists = [body for name, body in s3.objects.items() if name.endswith("playlist.m3u8")]
        assert len(playlists) == 1
        assert playlists[0].count(b"#EXT-X-DISCONTINUITY\n") == 1
        first, second = playlists[0].split(b"#EXT-X-DISCONTINUITY\n")
        assert b"#EXT-X-MAP" in first
        assert b"#EXT-X-MAP" in second
        assert _played(s3, end["recording_s3_key_prefix"])


@pytest.mark.slow
async def test_other_picture_size_inside_the_window_begins_its_own_recording() -> None:
    async with listening() as s3, running(s3_endpoint=s3.url) as house:
        channel, key = await _recorded_channel(house, recordingReconnectWindowSeconds=30)
        for picture in (SMALL, pattern(160, 90)):
            async with house.publisher(key, picture):
                await house.playlist(channel)
            await until(lambda: house.video.broadcasts.active(channel["arn"]) is None)
        await house.wait_for_event("Recording End", channel["arn"])
        assert house.events().count("Recording Start") == 2


async def test_missing_bucket_is_a_start_failure_and_the_stream_goes_on() -> None:
    async with listening() as s3, running(s3_endpoint=s3.url) as house:
        s3.buckets.clear()
        channel, key = await _recorded_channel(house)
        async with house.publisher(key, SMALL):
            media = await house.playlist(channel)
            await house.wait_for_event("Recording Start Failure", channel["arn"])
            await house.goes_on(media, 2)
        await house.wait_for_event("Session Ended", channel["arn"])
    # It is closed: whatever it had to tell of the recording is told.
    failed = [e["detail"] for e in house.raw_events() if "recording_status" in e["detail"]]
    assert [detail["recording_status"] for detail in failed] == ["Recording Start Failure"]
    assert failed[0]["recording_status_reason"] == "NoSuchBucket"
    assert failed[0]["recording_s3_key_prefix"] == ""


@pytest.mark.slow
async def test_storage_that_breaks_later_is_an_end_failure() -> None:
    async with listening() as s3, running(s3_endpoint=s3.url) as house:
        channel, key = await _recorded_channel(house)
        async with house.publisher(key, SMALL):
            await house.wait_for_event("Recording Start", channel["arn"])
            s3.buckets.clear()
            await asyncio.sleep(1.2)
        await house.wait_for_event("Recording End Failure", channel["arn"])


async def test_shutdown_finishes_what_is_being_recorded() -> None:
    async with listening() as s3:
        async with running(s3_endpoint=s3.url, events_url=f"{s3.url}/events") as house:
            channel, key = await _recorded_channel(house, recordingReconnectWindowSeconds=300)
            publisher = house.publisher(key, SMALL)
            await publisher.start()
            await house.wait_for_event("Recording Start", channel["arn"])
        await publisher.wait()
        names = [
            event["detail"].get("event_name") or event["detail"]["recording_status"]
            for event in s3.events
        ]
        assert names[-3:] == ["Stream End", "Session Ended", "Recording End"]


async def test_events_arrive_in_order_though_the_listener_is_down_at_first() -> None:
    async with listening() as sink, running(events_url=f"{sink.url}/events") as house:
        sink.refusals = 3
        channel, key = await house.channel(name="a")
        async with house.publisher(key, pattern(160, 90)):
            await house.playlist(channel)
        await until(lambda: len(sink.events) == 4)
        assert sink.events == house.raw_events()
        ids = {event["id"] for event in sink.events}
        assert len(ids) == 4


async def test_crash_is_told_by_the_next_run(tmp_path: Any) -> None:
    async with listening() as s3, running(s3_endpoint=s3.url, state_dir=tmp_path) as house:
        channel, key = await _recorded_channel(house)
        async with house.publisher(key, pattern(160, 90)):
            await house.wait_for_event("Recording Start", channel["arn"])
            (tmp_path / "crashed").mkdir()
            house.video.store._database.execute(
                "VACUUM INTO ?", (str(tmp_path / "crashed" / "video.sqlite3"),)
            )
    async with running(state_dir=tmp_path / "crashed") as house:
        assert house.events() == ["Stream End", "Session Ended", "Recording End Failure"]
        sessions = await house.call("list_stream_sessions", channelArn=channel["arn"])
        assert "endTime" in sessions["streamSessions"][0]
