from __future__ import annotations

from datetime import timedelta
from typing import Any

from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.model import LiveStream
from tests.integration.chat.http_functions import Api
from tests.support.chat import OWNER_ID, message


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
