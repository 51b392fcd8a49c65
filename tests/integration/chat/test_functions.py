from __future__ import annotations

import json

import pytest

from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.connections.model import Identity
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.model import LiveStream
from tests.integration.chat.http_functions import Api, put
from tests.support.chat import OWNER_ID
from tests.support.clock import START


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
