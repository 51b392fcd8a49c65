"""Calls that begin, end and show streams."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from ayinel_live.runtime.clock import utc_now
from ayinel_live.video.model import (
    VideoEventKind,
)
from functions.streams_api.routes import ROUTES
from tests.unit.streams_api.conftest import Api, go_live

K = VideoEventKind


def test_every_route_has_its_endpoint(api: Api) -> None:
    assert api.handler.route_keys == {route.key for route in ROUTES}


def test_start_answers_where_to_push_with_the_key_apart(api: Api) -> None:
    started = api.start()
    assert set(started) == {"streamId", "rtmpUrl", "streamKey", "playbackUrl"}
    assert started["streamKey"] not in started["rtmpUrl"] + started["playbackUrl"]


def test_life_of_a_stream_as_its_status_shows_it(api: Api) -> None:
    started = api.start(quality="1080p")
    stream_id = started["streamId"]
    status = api.call("GET /status/{streamId}", stream_id=stream_id).json
    assert status == {
        "streamId": stream_id,
        "status": "offline",
        "viewerCount": 0,
        "duration": 0,
        "quality": "1080p",
    }
    go_live(api, started)
    status = api.call("GET /status/{streamId}", stream_id=stream_id).json
    assert (status["status"], "startTime" in status) == ("live", True)
    stopped = api.call("POST /{streamId}/stop", stream_id=stream_id, caller="ana")
    assert (stopped.status, stopped.json["status"]) == (200, "processing")
    assert api.provider.push(started["streamKey"]) is None
    again = api.call("POST /{streamId}/stop", stream_id=stream_id, caller="ana")
    assert again.json == stopped.json


def test_status_may_be_cached_for_a_second_and_answers_304(api: Api) -> None:
    stream_id = api.start()["streamId"]
    first = api.call("GET /status/{streamId}", stream_id=stream_id)
    assert "max-age=1" in first.headers["cache-control"]
    known = {"If-None-Match": first.headers["etag"]}
    again = api.call("GET /status/{streamId}", stream_id=stream_id, headers=known)
    assert (again.status, again.text) == (304, "")


def test_private_status_is_never_cached(api: Api) -> None:
    stream_id = api.start(visibility="PRIVATE")["streamId"]
    answer = api.call("GET /status/{streamId}", stream_id=stream_id, caller="ana")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")


def test_only_public_live_streams_are_listed(api: Api) -> None:
    for caller, visibility in (("ana", "PUBLIC"), ("ben", "UNLISTED"), ("cleo", "PRIVATE")):
        go_live(api, api.start(caller, visibility=visibility))
    api.start("dan")
    listed = api.call("GET /").json["streams"]
    assert [stream["userId"] for stream in listed] == ["ana"]


def test_pages_neither_repeat_nor_miss_while_streams_come_and_go(api: Api) -> None:
    ids = []
    for number in range(5):
        started = api.start(f"creator-{number}")
        go_live(api, started)
        ids.append(started["streamId"])
    page = api.call("GET /", query={"limit": "2"}).json
    seen = [stream["streamId"] for stream in page["streams"]]
    newcomer = api.start("newcomer")
    go_live(api, newcomer)
    while "cursor" in page:
        page = api.call("GET /", query={"limit": "2", "cursor": page["cursor"]}).json
        seen += [stream["streamId"] for stream in page["streams"]]
    assert sorted(seen) == sorted(set(seen))
    assert set(ids) - set(seen) <= {newcomer["streamId"]}


def test_own_streams_are_listed_newest_first(api: Api) -> None:
    first = api.start(title="One")["streamId"]
    api.call("POST /{streamId}/stop", stream_id=first, caller="ana")
    second = api.start(title="Two")["streamId"]
    api.start("ben")
    mine = api.call("GET /mine", caller="ana").json["streams"]
    assert [stream["streamId"] for stream in mine] == [second, first]
    assert "endTime" in mine[1]


def test_capabilities_say_what_can_be_asked_for(api: Api) -> None:
    can = api.call("GET /capabilities").json
    assert can["qualities"] == ["720p", "1080p"]
    assert can["visibilities"] == ["PUBLIC", "UNLISTED", "PRIVATE"]


def test_rotated_key_comes_in_the_answer_and_kills_the_old(api: Api) -> None:
    started = api.start()
    answer = api.call("POST /{streamId}/stream-key", stream_id=started["streamId"], caller="ana")
    assert answer.json["streamKey"] != started["streamKey"]
    assert api.provider.push(started["streamKey"]) is None
    assert api.provider.push(answer.json["streamKey"]) is not None


def test_same_idempotency_key_gives_the_same_answer(api: Api) -> None:
    headers = {"Idempotency-Key": "k-1"}
    body = {"title": "A"}
    first = api.call("POST /start", caller="ana", body=body, headers=headers)
    again = api.call("POST /start", caller="ana", body=body, headers=headers)
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json


def test_private_playback_is_signed_for_whom_it_is_shown_to(api: Api) -> None:
    stream_id = api.start(visibility="PRIVATE")["streamId"]
    api.call(
        "PUT /{streamId}/invitations/{userId}", stream_id=stream_id, user_id="ben", caller="ana"
    )
    claims = []
    for caller in ("ana", "ben"):
        url = api.call("GET /{streamId}", stream_id=stream_id, caller=caller).json["playbackUrl"]
        token = url.partition("?token=")[2]
        claims.append(jwt.decode(token, options={"verify_signature": False}))
    (channel_id,) = api.provider.channels
    assert {c["aws:channel-arn"] for c in claims} == {channel_id}
    assert claims[0]["aws:viewer-id"] != claims[1]["aws:viewer-id"]
    assert all(c["exp"] <= (utc_now() + timedelta(minutes=2)).timestamp() for c in claims)


def test_viewers_calls_make_no_call_to_the_provider(api: Api) -> None:
    started = api.start(visibility="UNLISTED")
    stream_id = started["streamId"]
    go_live(api, started)
    api.provider.calls.clear()
    for route in ("/status/{streamId}", "/{streamId}", "/{streamId}/recording"):
        for caller in (None, "ben"):
            assert api.call(f"GET {route}", stream_id=stream_id, caller=caller).status == 200
    api.call("GET /")
    api.call("GET /capabilities")
    assert api.provider.calls == []


@pytest.mark.parametrize("calls", range(1, 8))
def test_fault_of_the_provider_never_shows_a_key(api: Api, calls: int) -> None:
    def refuse() -> None:
        if len(api.provider.calls) >= calls:
            raise RuntimeError(f"broke with {list(api.provider.channels.values())}")

    api.provider._done = refuse  # type: ignore[method-assign]  # breaks after some calls
    answer = api.call("POST /start", caller="ana", body={"title": "x"})
    del api.provider._done
    assert (answer.status, answer.code) == (500, "internal")
    assert "sk_" not in answer.text
