"""What creators ask of a stream, twice, at once and too often, on the deployed stack."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from local.client import LiveApi
from tests.support.broadcast import publishing, start_stream, wait_until, wait_until_live
from tests.support.hls import media_playlist, segment_urls
from tests.support.stack import Stack

BODY = {"title": "One of them", "visibility": "PUBLIC", "quality": "720p"}
START_SECONDS = 45.0


def start_until_taken(api: LiveApi, headers: dict[str, str]) -> httpx.Response:
    """Start as a client does that was told to come again later."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        answer = api.call("POST", "/start", BODY, headers=headers)
        is_later = answer.status_code in {409, 503} and "retry-after" in answer.headers
        if not is_later or time.monotonic() > deadline:
            return answer
        time.sleep(min(2.0, float(answer.headers["retry-after"])))


async def works(started: dict[str, Any]) -> bool:
    """Whether an encoder with this key is let in and stays."""
    async with publishing(started) as encoder:
        try:
            await asyncio.wait_for(encoder.wait(), timeout=5)
        except TimeoutError:
            return True
        return False


def in_segments(playback_url: str, text: str) -> bool:
    """Whether one of the segments that players get now carries a text."""
    url, playlist = media_playlist(playback_url)
    return any(text.encode() in httpx.get(part).content for part in segment_urls(url, playlist))


def give_up_start(url: str, headers: dict[str, str]) -> bool:
    """Ask for a start and hang up before the answer; False where that came too soon."""
    try:
        httpx.post(url, json=BODY, headers=headers, timeout=httpx.Timeout(5, read=0.02))
    except httpx.ReadTimeout:
        return True
    return False


async def test_start_asked_again_with_its_key_is_the_same_start(stack: Stack) -> None:
    name = f"lia-{time.time_ns()}"
    creator = stack.api(name)
    headers = {"Idempotency-Key": f"again-{time.time_ns()}"}
    # The first answer is given up by a client that waits for a moment only.
    token = {"authorization": f"Bearer {stack.token(name)}"}
    url = f"{stack.outputs['apiUrl'].rstrip('/')}/start"
    gave_up = await asyncio.to_thread(give_up_start, url, headers | token)
    assert gave_up, "the answer came too soon for this test"
    answers = [await asyncio.to_thread(start_until_taken, creator, headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    first, second = (answer.json() for answer in answers)
    assert (first["streamId"], first["streamKey"]) == (second["streamId"], second["streamKey"])
    assert [stream["streamId"] for stream in creator.get("/mine")["streams"]] == [first["streamId"]]
    other = creator.call("POST", "/start", {**BODY, "title": "Another"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency-key-reused")
    assert await works(second)
    creator.post(f"/{first['streamId']}/stop")


async def test_two_starts_at_once_make_one_stream_with_one_working_key(stack: Stack) -> None:
    creator = stack.api(f"mo-{time.time_ns()}")
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(creator.call, "POST", "/start", BODY) for _ in range(4)]
        answers = [call.result() for call in calls]
    made = [answer.json() for answer in answers if answer.status_code == 201]
    refused = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert len(made) == 1, [answer.text for answer in answers]
    assert set(refused) <= {"stream-open", "channel-in-use"}
    (open_stream,) = creator.get("/mine")["streams"]
    assert open_stream["streamId"] == made[0]["streamId"]
    assert await works(made[0])
    creator.post(f"/{made[0]['streamId']}/stop")


async def test_picture_is_shown_while_live_and_gone_with_the_deleted_stream(stack: Stack) -> None:
    creator, anyone = stack.api("nia"), stack.api()
    started = await asyncio.to_thread(start_stream, creator, title="Pictured")
    stream_id = started["streamId"]

    def picture() -> str:
        streams = anyone.get("?limit=100")["streams"]
        found = [s.get("thumbnailUrl") for s in streams if s["streamId"] == stream_id]
        return found[0] or "" if found else ""

    async with publishing(started):
        await asyncio.to_thread(wait_until_live, anyone, stream_id)
        await asyncio.to_thread(
            wait_until, lambda: bool(picture()), seconds=30, what="a picture to browse by"
        )
        url = picture()
        shown = await asyncio.to_thread(httpx.get, url)
        assert (shown.status_code, shown.content[:2]) == (200, b"\xff\xd8")
        creator.post(f"/{stream_id}/stop")
    assert creator.call("DELETE", f"/{stream_id}").status_code == 202
    assert anyone.call("GET", f"/{stream_id}").status_code == 404
    bucket, _, key = url.split("://", 1)[1].partition("/")[2].partition("/")
    prefix = key.split("/media/", 1)[0]
    recordings: Any = stack.client("s3")
    await asyncio.to_thread(
        wait_until,
        lambda: not recordings.list_objects_v2(Bucket=bucket, Prefix=prefix).get("KeyCount"),
        seconds=90,
        what="the recording deleted with its stream",
    )


async def test_metadata_reaches_players_within_its_limits(stack: Stack) -> None:
    creator = stack.api("oda")
    started = await asyncio.to_thread(start_stream, creator, title="Told in time")
    path = f"/{started['streamId']}/metadata"
    assert creator.call("POST", path, {"metadata": "too soon"}).status_code == 409
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
        mark = f"goal {time.time_ns()}"
        assert creator.call("POST", path, {"metadata": mark}).status_code == 204
        await asyncio.to_thread(
            wait_until,
            lambda: in_segments(started["playbackUrl"], mark),
            seconds=15,
            what="a segment with the metadata",
        )
        assert creator.call("POST", path, {"metadata": "ü" * 513}).status_code == 400
        assert creator.call("POST", path, {"metadata": "ü" * 512}).status_code == 204
        with ThreadPoolExecutor(12) as pool:
            calls = [pool.submit(creator.call, "POST", path, {"metadata": "x"}) for _ in range(24)]
            answers = [call.result() for call in calls]
        refused = [answer for answer in answers if answer.status_code != 204]
        assert {answer.status_code for answer in refused} == {429}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in refused)
        await asyncio.sleep(1.5)
        assert creator.call("POST", path, {"metadata": "later"}).status_code == 204
        creator.post(f"/{started['streamId']}/stop")
