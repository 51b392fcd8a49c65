"""What must be refused: each of these is a line of `docs/security.md`."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from ayinel_live.channels.store import MemberItem
from functions.routes import Access
from functions.streams_api.routes import ROUTES
from tests.support.tokens import Issuer
from tests.unit.streams_api.conftest import UNKNOWN, Api, go_live

PROBLEM = "application/problem+json"
# Calls of an owner about one stream, with a body that is good.
OWNER_CALLS: list[tuple[str, Any]] = [
    ("POST /{streamId}/stop", None),
    ("POST /{streamId}/stream-key", None),
    ("PATCH /{streamId}", {"title": "Mine now"}),
    ("DELETE /{streamId}", None),
    ("GET /{streamId}/health", None),
    ("POST /{streamId}/metadata", {"metadata": "x"}),
    ("GET /{streamId}/invitations", None),
    ("PUT /{streamId}/invitations/{userId}", None),
    ("DELETE /{streamId}/invitations/{userId}", None),
]
OPERATOR_CALLS: list[tuple[str, Any]] = [
    ("GET /reports", None),
    ("PUT /reports/{reportId}", {"status": "dismissed"}),
    ("PUT /creators/{userId}/start-ban", {"reason": "x"}),
    ("DELETE /creators/{userId}/start-ban", None),
]
VIEWER_CALLS = ["GET /status/{streamId}", "GET /{streamId}", "GET /{streamId}/recording"]


def call(api: Api, route: str, stream_id: str, body: Any = None, **caller: Any) -> Any:
    path = {"stream_id": stream_id, "user_id": "mallory", "report_id": "0" * 32}
    used: Any = {name: value for name, value in path.items() if _parameter(name) in route}
    return api.call(route, body=body, **used, **caller)


def _parameter(name: str) -> str:
    head, tail = name.split("_")
    return "{" + head + tail.title() + "}"


@pytest.mark.parametrize(("route", "body"), OWNER_CALLS)
def test_somebody_elses_stream_is_not_mine_to_work_on(api: Api, route: str, body: Any) -> None:
    stream_id = api.start("ana")["streamId"]
    answer = call(api, route, stream_id, body, caller="mallory")
    assert (answer.status, answer.code) == (403, "not-the-owner")
    assert answer.headers["content-type"] == PROBLEM
    assert api.call("GET /{streamId}", stream_id=stream_id).json["title"] == "A title"


@pytest.mark.parametrize(("route", "body"), OWNER_CALLS)
def test_private_stream_of_somebody_else_does_not_exist(api: Api, route: str, body: Any) -> None:
    stream_id = api.start("ana", visibility="PRIVATE")["streamId"]
    hidden = call(api, route, stream_id, body, caller="mallory")
    missing = call(api, route, UNKNOWN, body, caller="mallory")
    assert (hidden.status, hidden.text) == (404, missing.text)


@pytest.mark.parametrize("route", VIEWER_CALLS)
def test_private_stream_opens_to_owner_moderators_and_invited_alone(api: Api, route: str) -> None:
    started = api.start("ana", visibility="PRIVATE")
    stream_id = started["streamId"]
    go_live(api, started)
    MemberItem("ana", "mod", role="moderator").save()
    api.call(
        "PUT /{streamId}/invitations/{userId}", stream_id=stream_id, user_id="guest", caller="ana"
    )
    for caller in ("ana", "mod", "guest"):
        assert call(api, route, stream_id, caller=caller).status == 200, caller
    missing = call(api, route, UNKNOWN)
    for stranger in (None, "mallory"):
        answer = call(api, route, stream_id, caller=stranger)
        assert (answer.status, answer.text) == (404, missing.text)
    api.call(
        "DELETE /{streamId}/invitations/{userId}",
        stream_id=stream_id,
        user_id="guest",
        caller="ana",
    )
    assert call(api, route, stream_id, caller="guest").status == 404


def test_banned_guest_does_not_see_a_private_stream(api: Api) -> None:
    stream_id = api.start("ana", visibility="PRIVATE")["streamId"]
    api.call(
        "PUT /{streamId}/invitations/{userId}", stream_id=stream_id, user_id="guest", caller="ana"
    )
    MemberItem("ana", "guest", banned_until=253402214400000).save()
    assert api.call("GET /{streamId}", stream_id=stream_id, caller="guest").status == 404


def test_watcher_of_a_public_stream_has_nothing_of_the_next_private_one(api: Api) -> None:
    public = api.start("ana")
    old = api.call("GET /{streamId}", stream_id=public["streamId"]).json["playbackUrl"]
    api.call("POST /{streamId}/stop", stream_id=public["streamId"], caller="ana")
    private = api.start("ana", visibility="PRIVATE")
    new = private["playbackUrl"]
    assert new.partition("?")[0] != old
    assert "?token=" in new


@pytest.mark.parametrize(("route", "body"), OPERATOR_CALLS)
def test_operators_calls_are_theirs_alone(api: Api, route: str, body: Any) -> None:
    answer = call(api, route, UNKNOWN, body, caller="mallory")
    assert (answer.status, answer.code) == (403, "operators-only")


def test_operator_may_stop_but_not_take_over_a_stream(api: Api) -> None:
    stream_id = api.start("ana")["streamId"]
    answer = api.call(
        "POST /{streamId}/stream-key", stream_id=stream_id, caller="op", operator=True
    )
    assert answer.status == 403


@pytest.mark.parametrize(
    "member",
    [
        "userId",
        "streamId",
        "status",
        "streamKey",
        "channelArn",
        "isOperator",
        "peakViewers",
        "rtmpUrl",
        "__proto__",
    ],
)
def test_member_that_is_not_the_callers_to_set_is_refused(api: Api, member: str) -> None:
    stream_id = api.start("ana")["streamId"]
    for route, caller in (("POST /start", "ben"), ("PATCH /{streamId}", "ana")):
        answer = call(api, route, stream_id, {"title": "x", member: "ana"}, caller=caller)
        assert (answer.status, answer.code) == (400, "invalid-input")


def test_identity_comes_from_the_token_and_from_nothing_else(api: Api) -> None:
    answer = api.call(
        "POST /start",
        caller="mallory",
        body={"title": "x"},
        headers={"X-User-Id": "ana", "X-Forwarded-User": "ana", "sub": "ana"},
        query={"userId": "ana", "sub": "ana"},
    )
    details = api.call("GET /{streamId}", stream_id=answer.json["streamId"])
    assert details.json["userId"] == "mallory"


@pytest.mark.parametrize("route", VIEWER_CALLS)
@pytest.mark.parametrize("fault", ["expired", "audience", "issuer", "none", "other-key", "id"])
def test_bad_token_is_refused_where_one_is_optional(api: Api, route: str, fault: str) -> None:
    stream_id = api.start("ana")["streamId"]
    issuer = api.issuer
    part = base64.urlsafe_b64encode(json.dumps({"alg": "none", "kid": issuer.kid}).encode())
    unsigned = part.decode().rstrip("=") + "." + issuer.token(sub="ana").split(".")[1] + "."
    token = {
        "expired": issuer.token(exp=1),
        "audience": issuer.token(client_id="other-app"),
        "issuer": issuer.token(iss="https://evil.example"),
        "none": unsigned,
        "other-key": Issuer().token(),
        "id": issuer.token(token_use="id"),
    }[fault]
    answer = call(api, route, stream_id, token=token)
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert token not in answer.text


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "[]",
        "null",
        '"x"',
        "\x00",
        '{"title": 5}',
        {},
        {"title": ""},
        {"title": "   "},
        {"title": None},
        {"title": "x" * 141},
        {"title": "a\x00b"},
        {"title": "a\nb"},
        {"title": "a\u202eb"},
        '{"title": "\\ud800"}',
        {"title": "x", "description": "y" * 5001},
        {"title": "x", "visibility": "SECRET"},
        {"title": "x", "quality": "8K"},
        {"title": "x", "quality": ["720p"]},
    ],
)
def test_malformed_start_is_refused_with_its_reason(api: Api, body: Any) -> None:
    answer = api.call("POST /start", caller="ana", body=body)
    assert (answer.status, answer.code) == (400, "invalid-input")
    assert answer.headers["content-type"] == PROBLEM
    assert api.provider.calls == []


def test_title_of_10_mb_is_not_even_parsed(api: Api) -> None:
    answer = api.call("POST /start", caller="ana", body={"title": "x" * 10_000_000})
    assert (answer.status, answer.code) == (413, "too-large")


def test_body_that_is_not_json_is_refused(api: Api) -> None:
    answer = api.call(
        "POST /start", caller="ana", body="title=x", headers={"Content-Type": "text/plain"}
    )
    assert (answer.status, answer.code) == (415, "unsupported-media-type")


def test_titles_in_all_scripts_are_welcome(api: Api) -> None:
    for number, title in enumerate(("日本語の配信", "عربي", "🎮 <b>x</b>", "e\u0301")):
        started = api.start(f"creator-{number}", title=title)
        details = api.call("GET /{streamId}", stream_id=started["streamId"]).json
        assert details["title"] == title


def test_4k_is_refused_with_what_is_supported(api: Api) -> None:
    answer = api.call("POST /start", caller="ana", body={"title": "x", "quality": "4K"})
    assert (answer.status, answer.json["supported"]) == (422, ["720p", "1080p"])


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "k\x00", "ключ"])
def test_idempotency_key_of_another_shape_is_refused(api: Api, key: str) -> None:
    answer = api.call(
        "POST /start", caller="ana", body={"title": "x"}, headers={"Idempotency-Key": key}
    )
    assert (answer.status, answer.code) == (400, "invalid-idempotency-key")


def test_idempotency_key_of_somebody_else_opens_nothing(api: Api) -> None:
    headers = {"Idempotency-Key": "k-1"}
    mine = api.call("POST /start", caller="ana", body={"title": "x"}, headers=headers).json
    other = api.call("POST /start", caller="mallory", body={"title": "x"}, headers=headers).json
    assert mine["streamId"] != other["streamId"]
    assert mine["streamKey"] != other["streamKey"]


@pytest.mark.parametrize("stream_id", ["x", "01ARZ3NDEKTSV4RRFFQ69G5FA", "'; --", "../mine", "é"])
@pytest.mark.parametrize("route", VIEWER_CALLS)
def test_id_that_is_none_is_refused(api: Api, route: str, stream_id: str) -> None:
    assert call(api, route, stream_id).status == 400


def _cursor(**place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%%%",
        "e30",
        "x" * 201,
        _cursor(at="2026-01-02T03:04:05Z", stream_id="x"),
        _cursor(at="soon", stream_id=UNKNOWN),
        _cursor(at="2026-01-02T03:04:05Z", stream_id=UNKNOWN, userId="ana"),
    ],
)
def test_cursor_that_is_none_of_ours_is_refused(api: Api, cursor: str) -> None:
    for route, caller in (("GET /", None), ("GET /mine", "ana")):
        assert api.call(route, caller=caller, query={"cursor": cursor}).status == 400


def test_cursor_of_somebody_elses_list_shows_nothing_of_it(api: Api) -> None:
    for title in ("One", "Two", "Three"):
        started = api.start("ana", title=title, visibility="UNLISTED")
        api.call("POST /{streamId}/stop", stream_id=started["streamId"], caller="ana")
    cursor = api.call("GET /mine", caller="ana", query={"limit": "1"}).json["cursor"]
    page = api.call("GET /mine", caller="mallory", query={"cursor": cursor}).json
    assert page["streams"] == []


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1e9"])
def test_page_of_an_impossible_size_is_refused(api: Api, limit: str) -> None:
    assert api.call("GET /", query={"limit": limit}).status == 400


def test_answers_with_secrets_are_never_cached(api: Api) -> None:
    answer = api.call("POST /start", caller="ana", body={"title": "x"})
    assert answer.headers["cache-control"] == "no-store"
    details = api.call("GET /{streamId}", stream_id=answer.json["streamId"])
    assert details.headers["cache-control"] == "no-store"


def test_rtmp_address_is_shown_to_the_owner_alone(api: Api) -> None:
    stream_id = api.start("ana")["streamId"]
    assert "rtmpUrl" in api.call("GET /{streamId}", stream_id=stream_id, caller="ana").json
    assert "rtmpUrl" not in api.call("GET /{streamId}", stream_id=stream_id, caller="ben").json


def test_keys_come_in_no_answer_but_start_and_rotation(api: Api) -> None:
    started = api.start("ana")
    stream_id, key = started["streamId"], started["streamKey"]
    go_live(api, started)
    for route in ("GET /{streamId}", "GET /{streamId}/health", "GET /status/{streamId}"):
        assert key not in api.call(route, stream_id=stream_id, caller="ana").text
    assert key not in api.call("GET /mine", caller="ana").text
    assert key not in api.call("POST /{streamId}/stop", stream_id=stream_id, caller="ana").text


def test_keys_and_tokens_are_in_no_log(api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    started = api.start("ana", visibility="PRIVATE")
    rotated = api.call(
        "POST /{streamId}/stream-key", stream_id=started["streamId"], caller="ana"
    ).json
    api.call("POST /{streamId}/stop", stream_id=started["streamId"], caller="ana")
    logged = capsys.readouterr()
    text = logged.out + logged.err
    token = started["playbackUrl"].partition("?token=")[2]
    for secret in (started["streamKey"], rotated["streamKey"], token, "PRIVATE KEY"):
        assert secret not in text


def test_every_call_that_changes_something_is_signed_in() -> None:
    for route in ROUTES:
        assert route.method == "GET" or route.access is Access.SIGNED_IN, route.key


def test_every_call_has_a_throttle_of_its_own() -> None:
    assert all(0 < route.requests_per_second <= 1000 for route in ROUTES)
    costly = [route for route in ROUTES if route.operation in ("start_stream", "rotate_stream_key")]
    # IVS takes five calls a second per operation for the whole account.
    assert all(route.requests_per_second <= 5 for route in costly)
