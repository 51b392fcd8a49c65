"""Calls with which an owner works on a stream, and recordings."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import boto3

from ayinel_live.runtime.clock import utc_now
from ayinel_live.video.model import (
    ProviderThrottledError,
    RecordingFacts,
    VideoEvent,
    VideoEventKind,
)
from tests.support.video import video_event
from tests.unit.streams_api.conftest import Answer, Api, go_live, observer

K = VideoEventKind


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


def _erasures(api: Api) -> list[dict[str, Any]]:
    queue = boto3.client("sqs", region_name="us-east-1")
    url = api.wiring.settings.erasure_queue_url
    found = []
    while messages := queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(message["Body"]) for message in messages]
    return found
