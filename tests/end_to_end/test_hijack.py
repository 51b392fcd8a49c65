"""What somebody would try who wants another creator's stream, and what comes of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest

from tests.support.broadcast import publishing, start_stream, wait_until, wait_until_live
from tests.support.hls import media_playlist, pictures, segment_urls
from tests.support.spying import gather, tapped_bus
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

REFUSED_SECONDS = 15.0


async def until(check: Callable[[], bool], what: str, seconds: float = 30) -> None:
    await asyncio.to_thread(wait_until, check, seconds=seconds, what=what)


async def is_refused(started: dict[str, Any]) -> bool:
    """Whether an encoder with this key is turned away by itself."""
    async with publishing(started) as publisher:
        return await asyncio.wait_for(publisher.wait(), REFUSED_SECONDS) != 0


def user_id(stack: Stack, name: str) -> str:
    claims = jwt.decode(stack.token(name), options={"verify_signature": False})
    return str(claims["sub"])


def status_of(url: str) -> int:
    return httpx.get(url, follow_redirects=True).status_code


@pytest.fixture(autouse=True)
def tidy(stack: Stack) -> Iterator[None]:
    """Leave no stream of these people open."""
    yield
    for name in ("hana", "ivo"):
        for stream in stack.api(name).get("/mine")["streams"]:
            if stream["status"] == "live" or stream["state"] == "OFFLINE":
                stack.api(name).call("POST", f"/{stream['streamId']}/stop")


async def test_old_key_is_dropped_and_refused_after_rotation(stack: Stack) -> None:
    owner = stack.api("hana")
    started = await asyncio.to_thread(start_stream, owner, title="Rotation")
    stream_id = started["streamId"]
    async with publishing(started) as thief:
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        fresh = await asyncio.to_thread(owner.post, f"/{stream_id}/stream-key")
        assert fresh["streamKey"] != started["streamKey"]
        assert await asyncio.wait_for(thief.wait(), REFUSED_SECONDS) != 0, "it publishes on"
    assert await is_refused(started)
    async with publishing(fresh):
        await until(
            lambda: (
                owner.get(f"/{stream_id}").get("interruptedAt") is None
                and owner.get(f"/status/{stream_id}")["status"] == "live"
            ),
            "live with the new key",
        )
        await asyncio.to_thread(owner.post, f"/{stream_id}/stop")


async def test_second_publisher_is_refused_and_the_first_goes_on(stack: Stack) -> None:
    owner = stack.api("hana")
    started = await asyncio.to_thread(start_stream, owner, title="Two encoders")
    stream_id = started["streamId"]
    async with publishing(started) as first:
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        url, before = media_playlist(owner.get(f"/{stream_id}")["playbackUrl"])
        assert await is_refused(started), "two publish with one key"
        await asyncio.sleep(4)
        assert first.process is not None
        assert first.process.returncode is None, first.output
        after = await asyncio.to_thread(lambda: httpx.get(url).text)
        assert set(segment_urls(url, after)) - set(segment_urls(url, before)), "no new segment"
        assert "#EXT-X-DISCONTINUITY\n" not in after
        assert len(set(pictures(url, after))) > 5
        assert owner.get(f"/status/{stream_id}")["status"] == "live"


async def test_stop_during_a_reconnect_stays_stopped(stack: Stack) -> None:
    owner = stack.api("hana")
    started = await asyncio.to_thread(start_stream, owner, title="Stop while away")
    stream_id = started["streamId"]
    async with publishing(started) as encoder:
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        await encoder.kill()
        await asyncio.to_thread(owner.post, f"/{stream_id}/stop")
    assert await is_refused(started), "the encoder came back after the stop"
    for _ in range(5):
        assert owner.get(f"/status/{stream_id}")["status"] != "live"
        await asyncio.sleep(0.5)


async def test_reconnect_within_the_grace_is_the_same_broadcast(stack: Stack) -> None:
    owner = stack.api("hana")
    started = await asyncio.to_thread(start_stream, owner, title="Comes back")
    stream_id = started["streamId"]
    async with publishing(started) as encoder:
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        begun = owner.get(f"/status/{stream_id}")["startTime"]
        await encoder.kill()
    async with publishing(started):
        await until(lambda: owner.get(f"/{stream_id}").get("interruptedAt") is None, "back on air")
        status = owner.get(f"/status/{stream_id}")
        assert (status["status"], status["startTime"]) == ("live", begun)
        await asyncio.to_thread(owner.post, f"/{stream_id}/stop")


async def test_private_video_opens_by_invitation_and_closes_without(stack: Stack) -> None:
    owner, guest, stranger = stack.api("hana"), stack.api("ivo"), stack.api("jan")
    started = await asyncio.to_thread(start_stream, owner, title="Private", visibility="PRIVATE")
    stream_id, bare_url = started["streamId"], started["playbackUrl"].split("?")[0]
    invitation = f"/{stream_id}/invitations/{user_id(stack, 'ivo')}"
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        assert status_of(bare_url) == 403
        for nobody in (guest, stranger, stack.api()):
            for path in (f"/{stream_id}", f"/status/{stream_id}", f"/{stream_id}/messages"):
                assert nobody.call("GET", path).status_code == 404, path
            assert nobody.call("POST", f"/{stream_id}/chat-ticket").status_code == 404

        assert owner.call("PUT", invitation).is_success
        ticket = guest.get(f"/{stream_id}")["playbackUrl"]
        url, playlist = media_playlist(ticket)
        assert len(pictures(url, playlist)) > 5
        assert stranger.call("GET", f"/{stream_id}").status_code == 404
        other_channel = await asyncio.to_thread(start_stream, stack.api("ivo"), title="Mine")
        stolen = other_channel["playbackUrl"].split("?")[0] + "?" + ticket.split("?", 1)[1]
        assert status_of(stolen) != 200, "a token opens another channel"

        chat = guest.post(f"/{stream_id}/chat-ticket")
        assert owner.call("DELETE", invitation).is_success
        assert guest.call("GET", f"/{stream_id}").status_code == 404
        assert await knock(f"{chat['chatUrl']}?ticket={chat['ticket']}") in {403, 404}
        await until(lambda: status_of(url) in {401, 403}, "the session to be revoked")
        assert status_of(ticket) == 403, "the old token opens a new session"
        assert owner.get(f"/{stream_id}")["status"] == "live"


async def test_address_of_a_public_stream_shows_nothing_of_the_next_private_one(
    stack: Stack,
) -> None:
    owner, watcher = stack.api("hana"), stack.api("jan")
    public = await asyncio.to_thread(start_stream, owner, title="For all")
    old_url = public["playbackUrl"]
    async with publishing(public):
        await asyncio.to_thread(wait_until_live, watcher, public["streamId"])
        assert status_of(watcher.get(f"/{public['streamId']}")["playbackUrl"]) == 200
        await asyncio.to_thread(owner.post, f"/{public['streamId']}/stop")
    private = await asyncio.to_thread(start_stream, owner, title="For few", visibility="PRIVATE")
    stream_id, bare_url = private["streamId"], private["playbackUrl"].split("?")[0]
    async with publishing(private):
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        assert status_of(owner.get(f"/{stream_id}")["playbackUrl"]) == 200
        shown = await asyncio.to_thread(httpx.get, old_url, follow_redirects=True)
        assert shown.status_code == 404 or "#EXT-X-ENDLIST" in shown.text, "it goes on"
        assert status_of(bare_url) == 403
        assert watcher.call("GET", f"/{stream_id}").status_code == 404
        await asyncio.to_thread(owner.post, f"/{stream_id}/stop")


async def test_strangers_calls_are_refused(stack: Stack) -> None:
    owner, stranger, nobody = stack.api("hana"), stack.api("jan"), stack.api()
    started = await asyncio.to_thread(start_stream, owner, title="Not yours")
    stream_id = started["streamId"]
    calls: list[tuple[str, str, object]] = [
        ("POST", f"/{stream_id}/stop", None),
        ("POST", f"/{stream_id}/stream-key", None),
        ("PATCH", f"/{stream_id}", {"title": "Mine now"}),
        ("DELETE", f"/{stream_id}", None),
        ("GET", f"/{stream_id}/health", None),
        ("POST", f"/{stream_id}/metadata", {"metadata": "x"}),
        ("PUT", f"/{stream_id}/invitations/{user_id(stack, 'jan')}", None),
        ("GET", f"/{stream_id}/invitations", None),
        ("GET", f"/{stream_id}/held-messages", None),
        ("GET", f"/analytics/{stream_id}", None),
    ]
    for method, path, body in calls:
        assert nobody.call(method, path, body).status_code == 401, (method, path)
        assert stranger.call(method, path, body).status_code in {403, 404}, (method, path)
    assert owner.get(f"/{stream_id}")["title"] == "Not yours"
    for forged in ("nonsense", jwt.encode({"sub": user_id(stack, "hana")}, "", algorithm="none")):
        headers = {"authorization": f"Bearer {forged}"}
        for method, path, body in (*calls, ("GET", f"/{stream_id}", None)):
            assert nobody.call(method, path, body, headers=headers).status_code == 401, path


async def test_recording_plays_after_the_end(stack: Stack) -> None:
    owner = stack.api("hana")
    started = await asyncio.to_thread(start_stream, owner, title="Recorded")
    stream_id = started["streamId"]
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        await asyncio.sleep(6)
        await asyncio.to_thread(owner.post, f"/{stream_id}/stop")
    await until(
        lambda: owner.get(f"/{stream_id}/recording")["state"] == "ready",
        "the recording",
        seconds=90,
    )
    recording = stack.api().get(f"/{stream_id}/recording")
    url, playlist = media_playlist(recording["playbackUrl"])
    assert "#EXT-X-ENDLIST" in playlist
    # The last segment may be short.
    assert len(pictures(url, playlist)) > 1
    assert recording["duration"] >= 5
    assert stack.api().get(f"/status/{stream_id}")["status"] == "offline"


async def test_no_secret_is_in_any_log_item_or_event(stack: Stack) -> None:
    since_ms = int(time.time() * 1000) - 1000
    secrets: dict[str, str] = {}
    with tapped_bus(stack) as tap:
        await leave_traces(stack, secrets)
        await asyncio.sleep(3)
        evidence = gather(stack, since_ms=since_ms)
        for event in tap.events():
            evidence.add("event", event["detail-type"], str(event))
    assert len(secrets) >= 8
    assert evidence.counts["event"] >= 3, evidence.counts
    assert evidence.counts["log line"] >= 10, evidence.counts
    assert evidence.counts["item"] >= 5, evidence.counts
    assert evidence.search(secrets) == []
    known = next(iter(evidence.texts))
    assert evidence.search({known[1][:40]: "a text that is there"}), "the search is blind"


async def leave_traces(stack: Stack, secrets: dict[str, str]) -> None:
    """Walk where keys and tokens pass, over replays and refusals too."""
    owner, guest = stack.api("hana"), stack.api("ivo")
    for name in ("hana", "ivo"):
        secrets[stack.token(name)] = f"token of {name}"
    for stream in owner.get("/mine")["streams"]:
        owner.call("POST", f"/{stream['streamId']}/stop")
    body = {"title": "Traces", "visibility": "PRIVATE", "quality": "720p"}
    key = {"Idempotency-Key": f"traces-{time.time_ns()}"}
    await until(
        lambda: owner.call("POST", "/start", body, headers=key).status_code == 201,
        "a start",
        60,
    )
    started = owner.call("POST", "/start", body, headers=key).json()
    stream_id = started["streamId"]
    secrets[started["streamKey"]] = "first stream key"
    assert owner.call("POST", "/start", {"title": "Another"}).status_code == 409
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, owner, stream_id)
        owner.call("PUT", f"/{stream_id}/invitations/{user_id(stack, 'ivo')}")
        ticket = guest.get(f"/{stream_id}")["playbackUrl"]
        secrets[ticket.split("token=", 1)[1]] = "playback token"
        media_playlist(ticket)
        chat = guest.post(f"/{stream_id}/chat-ticket")
        secrets[chat["ticket"]] = "chat ticket"
        # A ticket that is used, used again, and broken.
        for used in (chat["ticket"], chat["ticket"], chat["ticket"][:-3]):
            await knock(f"{chat['chatUrl']}?ticket={used}")
        fresh = owner.post(f"/{stream_id}/stream-key")
        secrets[fresh["streamKey"]] = "second stream key"
    assert await is_refused(started)
    broken = stack.token("hana")[:-4] + "abcd"
    secrets[broken] = "forged token"
    headers = {"authorization": f"Bearer {broken}"}
    stack.api().call("GET", f"/{stream_id}", headers=headers)
    owner.post(f"/{stream_id}/stop")
    public = await asyncio.to_thread(start_stream, owner, title="Traces in public")
    secrets[public["streamKey"]] = "third stream key"
    guest_ticket = stack.api().post(f"/{public['streamId']}/chat-ticket")
    secrets[guest_ticket["ticket"]] = "guest's ticket"
    secrets[guest_ticket["viewerToken"]] = "guest's viewer token"
    await knock(f"{guest_ticket['chatUrl']}?ticket={guest_ticket['ticket']}")
    owner.post(f"/{public['streamId']}/stop")


async def knock(url: str) -> int:
    """Open a chat connection, close it and return the status of the handshake."""
    from websockets.asyncio.client import connect
    from websockets.exceptions import InvalidStatus

    try:
        async with connect(url, open_timeout=20) as socket:
            await socket.send('{"action":"heartbeat"}')
            await socket.recv()
    except InvalidStatus as refusal:
        return refusal.response.status_code
    return 101
