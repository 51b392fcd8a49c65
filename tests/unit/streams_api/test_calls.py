from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3
import jwt
import pytest

from ayinel_live.channels.moderation_log import ModerationLogStore
from ayinel_live.runtime.clock import utc_now
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.video.model import (
    ProviderThrottledError,
    RecordingFacts,
    VideoEvent,
    VideoEventKind,
)
from functions.streams_api.routes import ROUTES
from tests.support.video import video_event
from tests.unit.streams_api.conftest import Answer, Api

K = VideoEventKind
UNKNOWN = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def observer(api: Api) -> StreamObserver:
    return StreamObserver(api.wiring.streams, api.wiring.channels)


def go_live(api: Api, started: dict[str, Any]) -> Any:
    session = api.provider.push(started["streamKey"])
    assert session is not None
    for kind in (K.SESSION_CREATED, K.STREAM_STARTED):
        observer(api).learn(video_event(kind, session))
    return session


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


def test_change_shows_at_once(api: Api) -> None:
    stream_id = api.start()["streamId"]
    answer = api.call(
        "PATCH /{streamId}", stream_id=stream_id, caller="ana", body={"title": "Better"}
    )
    assert answer.json["title"] == "Better"
    assert api.call("GET /{streamId}", stream_id=stream_id).json["title"] == "Better"


def test_crossing_to_the_other_channel_is_refused_while_open_and_allowed_after(api: Api) -> None:
    stream_id = api.start()["streamId"]
    body = {"visibility": "PRIVATE"}
    answer = api.call("PATCH /{streamId}", stream_id=stream_id, caller="ana", body=body)
    assert (answer.status, answer.code) == (409, "visibility-fixed")
    api.call("POST /{streamId}/stop", stream_id=stream_id, caller="ana")
    answer = api.call("PATCH /{streamId}", stream_id=stream_id, caller="ana", body=body)
    assert answer.json["visibility"] == "PRIVATE"


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


def test_deleted_stream_is_gone_at_once_and_erased_in_the_background(api: Api) -> None:
    started = api.start()
    stream_id = started["streamId"]
    go_live(api, started)
    answer = api.call("DELETE /{streamId}", stream_id=stream_id, caller="ana")
    assert answer.status == 202
    assert api.provider.push(started["streamKey"]) is None
    assert api.call("GET /{streamId}", stream_id=stream_id, caller="ana").status == 404
    assert api.call("GET /mine", caller="ana").json["streams"] == []
    assert api.call("GET /").json["streams"] == []
    assert _erasures(api)[-1] == {"work": "erase-stream", "streamId": stream_id}


def test_erasure_of_a_user_gives_a_receipt_and_ends_starting(api: Api) -> None:
    answer = api.call("DELETE /users/me", caller="ana")
    assert answer.status == 202
    assert answer.json["backupsExpireAt"] > answer.json["requestedAt"]
    assert _erasures(api)[-1]["receiptId"] == answer.json["receiptId"]
    assert api.call("POST /start", caller="ana", body={"title": "x"}).status == 403


def test_health_shows_what_happened_to_the_ingest(api: Api) -> None:
    started = api.start()
    session = go_live(api, started)
    observer(api).learn(video_event(K.STARVATION_STARTED, session, after_seconds=5))
    health = api.call("GET /{streamId}/health", stream_id=started["streamId"], caller="ana").json
    assert health["state"] == "starving"
    assert [event["kind"] for event in health["events"]] == [
        "starvation-started",
        "stream-started",
    ]


def test_recording_plays_once_it_is_ready(api: Api) -> None:
    started = api.start()
    stream_id = started["streamId"]
    answer = api.call("GET /{streamId}/recording", stream_id=stream_id)
    assert (answer.status, answer.code) == (404, "no-recording")
    session = go_live(api, started)
    recording = api.call("GET /{streamId}/recording", stream_id=stream_id).json
    assert (recording["state"], "playbackUrl" in recording) == ("recording", False)
    api.call("POST /{streamId}/stop", stream_id=stream_id, caller="ana")
    assert api.call("GET /status/{streamId}", stream_id=stream_id).json["status"] == "processing"
    ended = VideoEvent(
        event_id="e",
        kind=K.RECORDING_ENDED,
        at=utc_now(),
        channel_id=session.channel_id,
        session_id=session.session_id,
        recording=RecordingFacts("bucket", "ivs/v1/a/b/r", 61500, "r"),
    )
    observer(api).learn(ended)
    recording = api.call("GET /{streamId}/recording", stream_id=stream_id).json
    assert (recording["state"], recording["duration"]) == ("ready", 61)
    assert recording["playbackUrl"] == "https://live.example/ivs/v1/a/b/r/media/hls/master.m3u8"
    with patch.object(api.wiring.recordings, "_kept", timedelta(days=1)):
        assert api.call("GET /{streamId}/recording", stream_id=stream_id).status == 200
    with patch.object(api.wiring.recordings, "_kept", timedelta(0)):
        expired = api.call("GET /{streamId}/recording", stream_id=stream_id)
    assert (expired.status, expired.code) == (404, "recording-expired")
    assert api.call("GET /status/{streamId}", stream_id=stream_id).json["status"] == "offline"


def test_metadata_reaches_the_players_of_a_live_stream_only(api: Api) -> None:
    started = api.start()
    body = {"metadata": '{"goal": 1}'}
    route, stream_id = "POST /{streamId}/metadata", started["streamId"]
    assert api.call(route, stream_id=stream_id, caller="ana", body=body).code == "not-live"
    session = go_live(api, started)
    assert api.call(route, stream_id=stream_id, caller="ana", body=body).status == 204
    assert api.provider.metadata == [(session.channel_id, '{"goal": 1}')]
    large = {"metadata": "ü" * 513}
    assert api.call(route, stream_id=stream_id, caller="ana", body=large).status == 400


def test_metadata_beyond_its_rate_costs_the_provider_no_call(api: Api) -> None:
    anas, bens = api.start("ana"), api.start("ben")
    for started in (anas, bens):
        go_live(api, started)

    def send(caller: str, started: dict[str, Any]) -> Answer:
        return api.call(
            "POST /{streamId}/metadata",
            stream_id=started["streamId"],
            caller=caller,
            body={"metadata": "goal"},
        )

    moment = utc_now()
    with patch.object(api.wiring.timed_metadata, "_clock", lambda: moment):
        answers = [send("ana", anas) for _ in range(12)]
        assert [answer.status for answer in answers] == [204] * 5 + [429] * 7
        refused = answers[-1]
        assert (refused.code, refused.headers["retry-after"]) == ("rate-limited", "1")
        assert len(api.provider.metadata) == 5
        assert send("ben", bens).status == 204, "one creator's limit is not another's"
    with patch.object(
        api.wiring.timed_metadata, "_clock", lambda: moment + timedelta(milliseconds=200)
    ):
        assert [send("ana", anas).status for _ in range(2)] == [204, 429]


def test_metadata_that_the_account_has_no_room_for_is_tried_again_later(api: Api) -> None:
    started = api.start()
    go_live(api, started)
    refusal = ProviderThrottledError("The video service is busy.", retry_after_seconds=5)
    with patch.object(api.provider, "put_metadata", side_effect=refusal):
        answer = api.call(
            "POST /{streamId}/metadata",
            stream_id=started["streamId"],
            caller="ana",
            body={"metadata": "goal"},
        )
    assert (answer.status, answer.code) == (503, "provider-throttled")
    assert answer.headers["retry-after"] == "5"


def test_reports_reach_operators_and_the_same_again_is_one(api: Api) -> None:
    stream_id = api.start()["streamId"]
    body = {"reason": "spam", "detail": "the same link again and again"}
    for _ in range(2):
        answer = api.call("POST /{streamId}/reports", stream_id=stream_id, caller="ben", body=body)
        assert answer.status == 202
    api.call(
        "POST /{streamId}/messages/{messageId}/reports",
        stream_id=stream_id,
        message_id=UNKNOWN,
        caller="ben",
        body={"reason": "hate"},
    )
    reports = api.call("GET /reports", caller="op", operator=True).json["reports"]
    assert {report.get("messageId") for report in reports} == {None, UNKNOWN}
    decided = api.call(
        "PUT /reports/{reportId}",
        report_id=reports[0]["reportId"],
        caller="op",
        operator=True,
        body={"status": "dismissed"},
    )
    assert (decided.json["status"], decided.json["decidedBy"]) == ("dismissed", "op")
    assert len(api.call("GET /reports", caller="op", operator=True).json["reports"]) == 1


def test_operator_reviews_a_reported_stream_by_its_picture(api: Api) -> None:
    private = api.start("ana", visibility="PRIVATE")["streamId"]
    gone = api.start("ben")["streamId"]
    for stream_id in (private, gone):
        api.wiring.streams.change(
            stream_id, lambda record: replace(record, latest_picture=f"{record.channel_id}/1.jpg")
        )
        about = {"stream_id": stream_id, "body": {"reason": "violence"}}
        reporter = "ana" if stream_id == private else "eve"
        assert api.call("POST /{streamId}/reports", caller=reporter, **about).status == 202
    api.call("DELETE /{streamId}", stream_id=gone, caller="ben")
    listed = api.call("GET /reports", caller="op", operator=True).json["reports"]
    shown = {report["streamId"]: report.get("thumbnailUrl") for report in listed}
    channel_id = api.wiring.streams.record(private).channel_id
    assert shown == {private: f"https://live.example/{channel_id}/1.jpg", gone: None}
    assert api.call("GET /", caller="eve").json["streams"] == []


def test_operator_stops_a_stream_and_bans_its_creator(api: Api) -> None:
    started = api.start()
    stream_id = started["streamId"]
    go_live(api, started)
    stopped = api.call("POST /{streamId}/stop", stream_id=stream_id, caller="op", operator=True)
    assert stopped.status == 200
    route = "{} /creators/{{userId}}/start-ban"
    banned = api.call(
        route.format("PUT"), user_id="ana", caller="op", operator=True, body={"reason": "spam"}
    )
    assert banned.status == 204
    refused = api.call("POST /start", caller="ana", body={"title": "x"})
    assert (refused.status, refused.code) == (403, "start-banned")
    api.call(route.format("DELETE"), user_id="ana", caller="op", operator=True)
    assert api.call("POST /start", caller="ana", body={"title": "x"}).code != "start-banned"


def test_what_operators_and_owners_did_is_kept_with_who_and_why(api: Api) -> None:
    operator: dict[str, Any] = {"caller": "op", "operator": True}
    started = api.start()
    stream_id = started["streamId"]
    complaint = {"reason": "spam"}
    api.call("POST /{streamId}/reports", stream_id=stream_id, caller="ben", body=complaint)
    (report,) = api.call("GET /reports", **operator).json["reports"]
    verdict = {"status": "acted-on", "reason": "Ads."}
    decided = api.call(
        "PUT /reports/{reportId}", report_id=report["reportId"], body=verdict, **operator
    )
    assert decided.json["decisionReason"] == "Ads."
    stop = "POST /{streamId}/stop"
    for _ in range(2):
        api.call(stop, stream_id=stream_id, query={"reason": "Rule 3"}, **operator)
    ban = "{} /creators/{{userId}}/start-ban"
    api.call(ban.format("PUT"), user_id="ana", body={"reason": "Again"}, **operator)
    api.call(ban.format("DELETE"), user_id="ana", query={"reason": "Appeal"}, **operator)
    api.call("DELETE /{streamId}", stream_id=stream_id, caller="ana")

    def kept(*, is_operator: bool) -> list[tuple[str, str, str | None]]:
        entries = ModerationLogStore().page("ana", before=None, limit=9, is_operator=is_operator)
        return [(entry.action.value, entry.actor_id, entry.reason) for entry in reversed(entries)]

    deeds = [
        ("stop-stream", "op", "Rule 3"),
        ("ban-creator", "op", "Again"),
        ("allow-creator", "op", "Appeal"),
        ("delete-stream", "ana", None),
    ]
    assert kept(is_operator=False) == deeds
    assert kept(is_operator=True) == [("decide-report", "op", "acted-on: Ads."), *deeds]


def test_own_stop_is_no_matter_of_moderation(api: Api) -> None:
    api.call("POST /{streamId}/stop", stream_id=api.start()["streamId"], caller="ana")
    assert ModerationLogStore().page("ana", before=None, limit=9) == []


def test_ban_ends_the_creators_open_stream(api: Api) -> None:
    started = api.start()
    go_live(api, started)
    api.call(
        "PUT /creators/{userId}/start-ban",
        user_id="ana",
        caller="op",
        operator=True,
        body={"reason": "spam"},
    )
    assert api.provider.push(started["streamKey"]) is None
    assert StreamItem.get(started["streamId"]).stopped_by == "op"


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


def _erasures(api: Api) -> list[dict[str, Any]]:
    queue = boto3.client("sqs", region_name="us-east-1")
    url = api.wiring.settings.erasure_queue_url
    found = []
    while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found
