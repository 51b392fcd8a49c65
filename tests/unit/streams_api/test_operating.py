"""Trust and safety: what viewers report and operators do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ayinel_live.channels.moderation_log import ModerationLogStore
from ayinel_live.streams.items import StreamItem
from ayinel_live.video.model import (
    VideoEventKind,
)
from tests.unit.streams_api.conftest import UNKNOWN, Api, go_live

K = VideoEventKind


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
