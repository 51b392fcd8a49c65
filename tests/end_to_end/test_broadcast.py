"""One broadcast from start to analytics: a real encoder, real sockets, the deployed stack."""

from __future__ import annotations

import asyncio

import pytest

from local.client import join_chat
from tests.support.broadcast import publishing, start_stream, wait_until, wait_until_live
from tests.support.hls import media_playlist, pictures
from tests.support.stack import Stack, run_local


async def test_broadcast_is_seen_chatted_counted_and_analysed(stack: Stack) -> None:
    creator, viewer, guest = stack.api("ana"), stack.api("ben"), stack.api()
    started = await asyncio.to_thread(start_stream, creator, title="The whole way")
    stream_id = started["streamId"]
    assert started["streamKey"] not in started["rtmpUrl"]

    async with publishing(started):
        await asyncio.to_thread(wait_until_live, guest, stream_id)
        url, playlist = media_playlist(guest.get(f"/{stream_id}")["playbackUrl"])
        frames = pictures(url, playlist)
        assert len(frames) > 5
        assert len(set(frames)) > len(frames) / 2, "the picture does not move"

        async with join_chat(viewer, stream_id) as ben, join_chat(guest, stream_id) as anonymous:
            await ben.send("hello from ben")
            for client in (ben, anonymous):
                event = await client.wait_for_message("hello from ben")
                assert event["streamId"] == stream_id
            blocked = await ben.send("you fucking cunt, kill yourself")
            verdict = await ben.wait_for(
                lambda event: (
                    event["type"] in {"message-rejected", "problem", "message-held"}
                    and event.get("clientMessageId") == blocked
                )
            )
            assert "fucking" not in str(verdict)
            await ben.send("still friendly")
            await anonymous.wait_for_message("still friendly")
            assert anonymous.messages() == ["hello from ben", "still friendly"]

            await ben.wait_for_viewer_count(2)
            await asyncio.to_thread(
                wait_until,
                lambda: guest.get(f"/status/{stream_id}")["viewerCount"] == 2,
                seconds=10,
                what="two viewers in the status",
            )
            await anonymous.close()
            await ben.wait_for_viewer_count(1, seconds=60)

            await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
            await ben.wait_for(
                lambda event: event["type"] == "stream-status" and event["status"] != "live",
                seconds=30,
            )

    assert guest.get(f"/status/{stream_id}")["status"] in {"offline", "processing"}
    totals = creator.get(f"/analytics/{stream_id}")
    assert (totals["peakViewers"], totals["totalViews"]) == (2, 2)
    await asyncio.to_thread(
        wait_until,
        lambda: run_local(stack.runtime.layout, "audit", stream_id).returncode == 0,
        seconds=60,
        what="counters that equal what viewers and messages add up to",
    )
    async with publishing(started) as revoked:
        assert await asyncio.wait_for(revoked.wait(), timeout=15) != 0
    assert guest.get(f"/status/{stream_id}")["status"] != "live"


def test_status_is_offline_before_the_encoder_comes(stack: Stack) -> None:
    creator = stack.api("cleo")
    started = start_stream(creator)
    status = stack.api().get(f"/status/{started['streamId']}")
    assert status["status"] == "offline"
    assert status["viewerCount"] == 0
    creator.post(f"/{started['streamId']}/stop")


@pytest.mark.parametrize(
    ("method", "path", "body", "caller", "status"),
    [
        ("POST", "/start", {"title": ""}, "dan", 400),
        ("POST", "/start", {"title": "x", "visibility": "PUBLIC", "quality": "4K"}, "dan", 422),
        ("GET", "/status/01ARZ3NDEKTSV4RRFFQ69G5FAV", None, None, 404),
        ("GET", "/status/not-a-stream", None, None, 400),
        ("GET", "/analytics/01ARZ3NDEKTSV4RRFFQ69G5FAV", None, "dan", 404),
        ("POST", "/start", {"title": "x"}, None, 401),
    ],
)
def test_bad_request_gets_its_problem(
    stack: Stack, method: str, path: str, body: object, caller: str | None, status: int
) -> None:
    answer = stack.api(caller).call(method, path, body)
    assert answer.status_code == status, answer.text
    if status != 401:
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["status"] == status
