"""The control API as a whole: its lists, what survives a restart, its health."""

import asyncio
from typing import Any

import httpx

from tests.integration.video_standin.control_client import (
    Checked,
)
from tests.integration.video_standin.house import House, running


async def test_lists_come_in_pages(ivs: Checked) -> None:
    for number in range(5):
        await ivs("create_channel", name=f"c{number}")
    paginator = ivs.house.ivs.get_paginator("list_channels")
    pages = await asyncio.to_thread(
        lambda: list(paginator.paginate(PaginationConfig={"PageSize": 2}))
    )
    assert [len(page["channels"]) for page in pages] == [2, 2, 1]
    names = [channel["name"] for page in pages for channel in page["channels"]]
    assert names == [f"c{number}" for number in range(5)]
    token = pages[0]["nextToken"]
    other_list = await ivs.refused("list_streams", nextToken=token)
    assert other_list == "ValidationException"


async def test_channels_keys_and_sessions_survive_a_restart(tmp_path: Any) -> None:
    async with running(state_dir=tmp_path) as house:
        channel, key = await house.channel(name="kept", tags={"a": "b"})
    assert (tmp_path / "video.sqlite3").stat().st_mode & 0o777 == 0o600
    async with running(state_dir=tmp_path) as house:
        found = (await house.call("get_channel", arn=channel["arn"]))["channel"]
        assert found["name"] == "kept"
        assert found["tags"] == {"a": "b"}
        assert found["playbackUrl"].startswith(house.video.http_url)
        assert found["ingestEndpoint"] == house.video.rtmp_address
        async with house.publisher(key):
            await house.playlist(found)
    async with running(state_dir=tmp_path) as house:
        sessions = await house.call("list_stream_sessions", channelArn=channel["arn"])
        assert sessions["streamSessions"][0]["endTime"]


async def test_health_tells_that_it_runs(house: House) -> None:
    answer: httpx.Response = await house.http.get(house.video.http_url + "/health")
    assert answer.json() == {"status": "ok", "liveStreams": 0, "rtmpUrl": house.video.rtmp_url}
