"""The HTTP functions and the authorizer as the gateway calls them, over tables and a secret."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.store import ChannelItem, ChatterItem, MemberItem
from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.model import Identity
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import LiveStream
from tests.support.chat import OWNER_ID, STREAM_ID, message
from tests.support.clock import START
from tests.support.house import House
from tests.support.tables import create_tables

ITEMS = (
    ChannelItem,
    ChatterItem,
    ChatMessageItem,
    IdempotencyItem,
    InvitationItem,
    MemberItem,
    ModerationLogItem,
    StreamItem,
)
FUNCTIONS = ("channels_api", "chat_api", "chat_authorizer")
SECRET_NAME = "ticket-secret"
BASE = "/api/v1/live"


class Api:
    """Calls the functions as the gateway does."""

    def __init__(self, functions: dict[str, ModuleType]) -> None:
        self._functions = functions
        self.stream_id = STREAM_ID

    def call(
        self,
        route: str,
        *,
        user: str = "",
        body: object = None,
        query: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        method, _, below = route.partition(" ")
        name = "channels_api" if below.split("/")[1] in ("channel", "following") else "chat_api"
        claims = {"sub": user, "exp": "4102444800"}
        event = {
            "routeKey": f"{method} {BASE}{below}",
            "pathParameters": {"streamId": self.stream_id, **(path or {})},
            "queryStringParameters": query or {},
            "headers": {"user-agent": "test"},
            "requestContext": {
                "http": {"sourceIp": "203.0.113.9"},
                **({"authorizer": {"jwt": {"claims": claims}}} if user else {}),
            },
            "body": None if body is None else json.dumps(body),
        }
        answer = self._functions[name].handler(event, None)
        text = answer.get("body")
        return answer["statusCode"], json.loads(text) if text else None

    def authorize(self, ticket: str) -> dict[str, Any]:
        event = {"queryStringParameters": {"ticket": ticket}, "methodArn": "arn:connect"}
        answer: dict[str, Any] = self._functions["chat_authorizer"].handler(event, None)
        return answer

    def routes(self, name: str) -> tuple[frozenset[str], frozenset[str]]:
        served = self._functions[name].handler.route_keys
        listed = importlib.import_module(f"functions.{name}.routes").ROUTES
        return served, frozenset(route.key for route in listed)


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    environment = {
        "STAGE": "test",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "CHANNELS_TABLE": "Channels",
        "CHATTERS_TABLE": "Chatters",
        "CHAT_MESSAGES_TABLE": "ChatMessages",
        "IDEMPOTENCY_TABLE": "Idempotency",
        "INVITATIONS_TABLE": "Invitations",
        "MEMBERS_TABLE": "Members",
        "MODERATION_LOG_TABLE": "ModerationLog",
        "STREAMS_TABLE": "Streams",
        "TOKEN_ISSUER": "https://issuer",
        "TOKEN_JWKS_URL": "https://issuer/jwks",
        "TOKEN_AUDIENCES": "client",
        "TICKET_SECRET_ARN": SECRET_NAME,
        "CHAT_URL": "wss://chat",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_tables(boto3.client("dynamodb", region_name="eu-central-1"), *ITEMS)
        boto3.client("secretsmanager", region_name="eu-central-1").create_secret(
            Name=SECRET_NAME, SecretString=json.dumps({"current": "a secret"})
        )
        for module in [m for m in sys.modules if m.startswith("functions.")]:
            if module.split(".")[1] in FUNCTIONS:
                monkeypatch.delitem(sys.modules, module)
        yield Api({n: importlib.import_module(f"functions.{n}.handler") for n in FUNCTIONS})


@pytest.fixture
def stream(api: Api) -> LiveStream:
    started = House().start(OWNER_ID).stream
    api.stream_id = started.stream_id
    return started


def put(stream: LiveStream, number: int, **changes: Any) -> ChatMessage:
    at = START + timedelta(seconds=number)
    changes["stream_id"] = stream.stream_id
    one = message(f"message {number}", message_id=new_ulid(at), **changes)
    MessageStore().put(one, at)
    return one


@pytest.mark.parametrize("name", ["chat_api", "channels_api"])
def test_each_listed_route_is_served_and_no_other(api: Api, name: str) -> None:
    served, listed = api.routes(name)

    assert served == listed


def test_an_anonymous_viewers_ticket_opens_a_connection(api: Api, stream: LiveStream) -> None:
    status, ticket = api.call("POST /{streamId}/chat-ticket")

    assert status == 200
    assert (ticket["chatUrl"], ticket["expiresIn"]) == ("wss://chat", 60)
    answer = api.authorize(ticket["ticket"])
    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Allow"
    identity = Identity.from_context(answer["context"])
    assert (identity.stream_id, identity.owner_id) == (stream.stream_id, OWNER_ID)
    assert identity.viewer_id == ticket["viewerId"] == answer["principalId"]
    assert "203.0.113.9" not in json.dumps(answer)


def test_the_viewer_token_keeps_the_viewer(api: Api, stream: LiveStream) -> None:
    _, first = api.call("POST /{streamId}/chat-ticket")
    body = {"viewerToken": first["viewerToken"]}
    _, again = api.call("POST /{streamId}/chat-ticket", body=body)

    assert again["viewerId"] == first["viewerId"]


@pytest.mark.parametrize("ticket", ["", "v1.e30.AAAA", "x" * 5000])
def test_a_bad_ticket_opens_nothing(api: Api, ticket: str) -> None:
    answer = api.authorize(ticket)

    assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    assert answer["context"] == {}


def test_tickets_for_unknown_streams_and_bad_bodies_are_refused(api: Api) -> None:
    ticket = "POST /{streamId}/chat-ticket"

    assert api.call(ticket)[0] == 404
    assert api.call(ticket, path={"streamId": "no-ulid"})[0] == 400
    assert api.call(ticket, body={"viewerToken": 7})[0] == 400
    assert api.call(ticket, body={"role": "owner"})[0] == 400


def test_history_is_read_in_pages(api: Api, stream: LiveStream) -> None:
    messages = [put(stream, number) for number in range(5)]
    seen: list[str] = []
    query: dict[str, str] = {"limit": "2"}
    for _ in range(3):
        status, page = api.call("GET /{streamId}/messages", query=query)
        assert status == 200
        seen += [one["message"] for one in page["messages"]]
        if "nextCursor" not in page:
            break
        query = {"limit": "2", "cursor": page["nextCursor"]}

    assert seen == [f"message {number}" for number in (4, 3, 2, 1, 0)]
    _, page = api.call("GET /{streamId}/messages")
    assert page["newestChangeId"] == messages[-1].changed_at
    assert page["messages"][0] == {
        "id": messages[-1].message_id,
        "streamId": stream.stream_id,
        "userId": "ana",
        "displayName": "Ana",
        "role": "viewer",
        "message": "message 4",
        "timestamp": "2026-01-02T03:04:09.000Z",
        "isModerated": False,
        "clientMessageId": messages[-1].client_message_id,
        "changeId": messages[-1].changed_at,
        "version": 1,
    }


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "x"}, {"cursor": "made.up"}])
def test_bad_pages_are_refused(api: Api, stream: LiveStream, query: dict[str, str]) -> None:
    assert api.call("GET /{streamId}/messages", query=query)[0] == 400


def test_the_held_queue_is_for_moderators_who_approve_and_deny(
    api: Api, stream: LiveStream
) -> None:
    one, two = (
        put(stream, n, status=MessageStatus.HELD, categories=("threat",), scores={"threat": 0.5})
        for n in (1, 2)
    )
    moderator = {"userId": "mod"}
    assert api.call("GET /{streamId}/held-messages", user="mod")[0] == 403
    assert api.call("PUT /channel/moderators/{userId}", user=OWNER_ID, path=moderator)[0] == 204

    status, page = api.call("GET /{streamId}/held-messages", user="mod")
    assert status == 200
    assert [held["id"] for held in page["messages"]] == [one.message_id, two.message_id]
    assert (page["messages"][0]["categories"], page["messages"][0]["scores"]) == (
        ["threat"],
        {"threat": 0.5},
    )

    def decide(held: ChatMessage, decision: str, user: str) -> int:
        path, body = {"messageId": held.message_id}, {"decision": decision}
        route = "POST /{streamId}/held-messages/{messageId}"
        return api.call(route, user=user, path=path, body=body)[0]

    assert decide(one, "approve", "ana") == 403
    assert decide(one, "ignore", "mod") == 400
    assert decide(one, "approve", "mod") == 204
    assert decide(one, "deny", "mod") == 409
    assert decide(two, "deny", OWNER_ID) == 204
    _, history = api.call("GET /{streamId}/messages")
    (shown,) = history["messages"]
    assert (shown["id"], shown["isModerated"], shown["version"]) == (one.message_id, True, 2)
    _, log = api.call("GET /channel/moderation-log", user="mod", query={"channel": OWNER_ID})
    assert [entry["action"] for entry in log["entries"]] == [
        "deny-message",
        "approve-message",
        "appoint-moderator",
    ]


def test_a_message_is_removed_by_moderators_and_its_sender_only(
    api: Api, stream: LiveStream
) -> None:
    one = put(stream, 1, user_id="ana")
    route, path = "DELETE /{streamId}/messages/{messageId}", {"messageId": one.message_id}

    assert api.call(route, user="ben", path=path)[0] == 403
    assert api.call(route, user=OWNER_ID, path=path, query={"reason": "spoiler"})[0] == 204
    assert api.call(route, user=OWNER_ID, path=path)[0] == 204
    assert api.call(route, user=OWNER_ID, path={"messageId": new_ulid(START)})[0] == 404
    assert api.call("GET /{streamId}/messages")[1]["messages"] == []


def test_sanctions_by_http(api: Api, stream: LiveStream) -> None:
    def sanction(user_id: str, body: object, user: str = OWNER_ID) -> int:
        path = {"userId": user_id}
        return api.call("PUT /channel/bans/{userId}", user=user, path=path, body=body)[0]

    assert sanction("ana", {"reason": "spam"}) == 204
    assert sanction("ben", {"durationSeconds": 600, "reason": "caps"}) == 204
    assert sanction("eve", None) == 204
    for bad in (
        {"durationSeconds": 0},
        {"durationSeconds": 14 * 86400 + 1},
        {"kind": "ban", "durationSeconds": 5},
        {"kind": "time-out"},
        {"reason": "two\nlines"},
        {"reason": "x" * 301},
        {"until": "tomorrow"},
    ):
        assert sanction("ana", bad) == 400
    assert sanction(OWNER_ID, {}) == 400
    assert (
        api.call(
            "PUT /channel/bans/{userId}",
            user="ana",
            path={"userId": "ben"},
            query={"channel": OWNER_ID},
            body={},
        )[0]
        == 403
    )

    _, bans = api.call("GET /channel/bans", user=OWNER_ID)
    kinds = {ban["userId"]: (ban["kind"], ban.get("reason")) for ban in bans["bans"]}
    assert kinds == {
        "ana": ("ban", "spam"),
        "ben": ("time-out", "caps"),
        "eve": ("ban", None),
    }
    lift = api.call("DELETE /channel/bans/{userId}", user=OWNER_ID, path={"userId": "ana"})
    assert lift[0] == 204
    _, bans = api.call("GET /channel/bans", user=OWNER_ID)
    assert {ban["userId"] for ban in bans["bans"]} == {"ben", "eve"}


def test_a_ban_may_take_away_what_the_person_wrote_lately(api: Api, stream: LiveStream) -> None:
    now = utc_now()

    def write(minutes_ago: float, user_id: str, **changes: Any) -> ChatMessage:
        at = now - timedelta(minutes=minutes_ago)
        one = message("a word", message_id=new_ulid(at), user_id=user_id, **changes)
        MessageStore().put(one, at)
        return one

    here = {"stream_id": stream.stream_id}
    old, lately = write(30, "ana", **here), write(5, "ana", **here)
    held = write(4, "ana", status=MessageStatus.HELD, **here)
    earlier_stream = write(3, "ana", stream_id="01JG00000000000000000000S9")
    elsewhere = write(2, "ana", owner_id="another-creator", stream_id="01JG00000000000000000000S8")
    of_another = write(1, "ben", **here)
    path, body = {"userId": "ana"}, {"reason": "spam", "removeMessagesSeconds": 600}

    def status_of(one: ChatMessage) -> MessageStatus:
        return MessageReader().get(one.stream_id, one.message_id).status

    def ban(user: str, body: object) -> int:
        query = {"channel": OWNER_ID}
        return api.call("PUT /channel/bans/{userId}", user=user, path=path, query=query, body=body)[
            0
        ]

    assert ban("ben", body) == 403
    assert status_of(lately) is MessageStatus.SHOWN
    assert ban(OWNER_ID, {"removeMessagesSeconds": 0}) == 400
    assert ban(OWNER_ID, body) == 204
    assert ban(OWNER_ID, body) == 204

    gone = [status_of(one) for one in (lately, held, earlier_stream)]
    kept = [status_of(one) for one in (old, elsewhere, of_another)]
    assert (gone, kept) == ([MessageStatus.REMOVED] * 3, [MessageStatus.SHOWN] * 3)
    shown = api.call("GET /{streamId}/messages")[1]["messages"]
    assert {one["id"] for one in shown} == {old.message_id, of_another.message_id}
    _, log = api.call("GET /channel/moderation-log", user=OWNER_ID)
    removals = {
        (entry["messageId"], entry["actorId"], entry["reason"])
        for entry in log["entries"]
        if entry["action"] == "remove-message"
    }
    assert removals == {
        (one.message_id, OWNER_ID, "spam") for one in (lately, held, earlier_stream)
    }
    assert [entry["action"] for entry in log["entries"]].count("ban") == 2


def test_settings_by_http(api: Api) -> None:
    show, change = "GET /channel/chat-settings", "PUT /channel/chat-settings"
    status, before = api.call(show, user=OWNER_ID)
    assert (status, before["version"], before["slowModeSeconds"]) == (200, 0, 0)

    body = {
        "slowModeSeconds": 10,
        "participants": "followers",
        "moderation": {"mode": "post", "blockedTerms": [{"term": "spoiler"}]},
    }
    status, after = api.call(change, user=OWNER_ID, body=body)
    assert (status, after["version"], after["slowModeSeconds"]) == (200, 1, 10)
    assert after["moderation"]["blockedTerms"][0]["term"] == "spoiler"
    assert api.call(show, user=OWNER_ID)[1] == after
    # What was read may be sent back as it is.
    assert api.call(change, user=OWNER_ID, body=after)[1]["version"] == 2
    assert api.call(change, user=OWNER_ID, body=after)[0] == 409
    assert api.call(change, user="ana", query={"channel": OWNER_ID}, body=body)[0] == 403
    refused: tuple[object, ...] = (
        {"slowModeSeconds": -1},
        {"slowModeSeconds": 10**9},
        {"chatDelaySeconds": "soon"},
        {"participants": "friends"},
        {"moderation": {"blockedTerms": [{"term": ""}]}},
        {"unknown": 1},
        [],
    )
    for bad in refused:
        assert api.call(change, user=OWNER_ID, body=bad)[0] == 400


def test_following_by_http(api: Api) -> None:
    path = {"userId": OWNER_ID}
    show = "GET /following/{userId}"
    assert "followingSince" not in api.call(show, user="ana", path=path)[1]
    assert api.call("PUT /following/{userId}", user="ana", path=path)[0] == 204
    assert "followingSince" in api.call(show, user="ana", path=path)[1]
    assert api.call("DELETE /following/{userId}", user="ana", path=path)[0] == 204
    assert "followingSince" not in api.call(show, user="ana", path=path)[1]
    assert api.call("PUT /following/{userId}", user=OWNER_ID, path=path)[0] == 400


def test_a_ban_by_http_refuses_the_ticket(api: Api, stream: LiveStream) -> None:
    _, ticket = api.call("POST /{streamId}/chat-ticket")
    path = {"userId": ticket["viewerId"]}
    assert api.call("PUT /channel/bans/{userId}", user=OWNER_ID, path=path, body={})[0] == 204

    status, problem = api.call(
        "POST /{streamId}/chat-ticket", body={"viewerToken": ticket["viewerToken"]}
    )
    assert (status, problem["code"]) == (403, "banned")
