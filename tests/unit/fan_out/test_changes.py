"""Changes: what each change of a table tells whom, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from ayinel_live.channels.model import FOR_GOOD
from ayinel_live.channels.pseudonyms import erased_id
from ayinel_live.connections.frames import Event as FrameEvent
from ayinel_live.fan_out.changes import PoisonRecordError, news_of
from ayinel_live.fan_out.news import (
    EveryoneOut,
    ForChannel,
    ForEveryone,
    ForPerson,
    ForStaff,
    InvitationLost,
    News,
    PersonOut,
    StrangersOut,
)
from ayinel_live.streams.invitation_store import InvitationItem
from tests.unit.fan_out.records import (
    CHANGE,
    MESSAGE,
    STREAM,
    TABLES,
    chat_message,
    member,
    record,
    stream,
    totals,
)

FRAMES: TypeAdapter[Any] = TypeAdapter(FrameEvent)
LATER = "01JZ0000000000000000000DEG"


def told(old: Any, new: Any, **more: Any) -> list[News]:
    news = news_of(record(old, new, **more), TABLES)
    for item in news:
        event = getattr(item, "event", None)
        if event is not None:
            # Every event is one of the frames that clients know, to the last member.
            FRAMES.validate_json(json.dumps({"streamId": STREAM, **event}))
    return list(news)


def reason_of(broken: dict[str, Any]) -> str:
    try:
        news_of(broken, TABLES)
    except PoisonRecordError as error:
        return str(error)
    return ""


def test_a_new_message_is_shown_to_everyone_whole() -> None:
    (news,) = told(None, chat_message(message="привет 👋🏽"))
    assert news == ForEveryone(
        STREAM,
        {
            "type": "message",
            "id": MESSAGE,
            "streamId": STREAM,
            "userId": "anna",
            "displayName": "Anna",
            "role": "viewer",
            "message": "привет 👋🏽",
            "timestamp": news.event["timestamp"],  # type: ignore[union-attr]  # told to everyone
            "isModerated": False,
            "clientMessageId": "c1",
            "changeId": CHANGE,
            "version": 1,
        },
    )


def test_a_message_that_waits_for_the_chat_delay_is_told_to_nobody() -> None:
    assert told(None, chat_message(status="pending")) == []


def test_a_delayed_message_is_shown_when_its_time_comes() -> None:
    (news,) = told(chat_message(status="pending"), chat_message(version=2, changed_at=LATER))
    assert isinstance(news, ForEveryone)
    assert (news.event["type"], news.event["status"]) == ("message-updated", "shown")


def test_a_verdict_that_changes_nothing_to_see_is_no_news() -> None:
    assert told(chat_message(), chat_message(verdict="allow", tier="rules")) == []


def test_a_held_message_goes_to_its_sender_and_with_its_text_to_the_staff() -> None:
    mine, theirs = told(None, chat_message(status="held", categories=["insult"]))
    assert isinstance(mine, ForPerson)
    assert mine.viewer_id == "anna"
    assert "message" not in mine.event
    assert isinstance(theirs, ForStaff)
    assert theirs.event["message"] == "hello"
    assert theirs.event["categories"] == ["insult"]


def test_an_approved_message_is_shown_to_everyone() -> None:
    (news,) = told(chat_message(status="held"), chat_message(version=2, changed_at=LATER))
    assert isinstance(news, ForEveryone)
    assert news.event["message"] == "hello"


def test_a_denied_message_is_told_to_its_sender_and_leaves_the_moderators_queue() -> None:
    off_queue, to_sender = told(
        chat_message(status="held"),
        chat_message(status="rejected", version=2, changed_at=LATER, decided_by="mod"),
    )
    assert isinstance(off_queue, ForStaff)
    assert off_queue.event["status"] == "removed"
    assert isinstance(to_sender, ForPerson)
    assert to_sender.event["reason"] == "denied"


def test_a_rejected_message_is_told_to_its_sender_alone_without_its_words() -> None:
    (news,) = told(None, chat_message(status="rejected", categories=["insult"]))
    assert isinstance(news, ForPerson)
    assert "hello" not in json.dumps(news.event)


def test_a_removed_message_is_taken_from_everyone_without_its_text() -> None:
    (news,) = told(chat_message(), chat_message(status="removed", version=2, changed_at=LATER))
    assert isinstance(news, ForEveryone)
    assert news.event["status"] == "removed"
    assert "message" not in news.event


def test_a_message_retracted_after_it_was_shown_goes_from_everyone_to_the_staff() -> None:
    kinds = [
        type(news)
        for news in told(chat_message(), chat_message(status="held", version=2, changed_at=LATER))
    ]
    assert kinds == [ForEveryone, ForPerson, ForStaff]


def test_an_erased_message_is_taken_off_the_screens_and_one_that_expired_is_not() -> None:
    (news,) = told(chat_message(version=3), None)
    assert isinstance(news, ForEveryone)
    assert (news.event["status"], news.event["version"]) == ("removed", 4)
    expiry = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    assert told(chat_message(), None, userIdentity=expiry) == []


def test_a_changed_count_is_told_and_an_unchanged_one_is_not() -> None:
    (news,) = told(totals(4, 8), totals(5, 9))
    assert news == ForEveryone(
        STREAM, {"type": "viewer-count", "streamId": STREAM, "viewerCount": 5, "version": 9}
    )
    assert told(totals(5, 9), totals(5, 10, messages=3)) == []
    assert told(None, totals(0, 1)) == []


def test_minutes_of_the_audience_are_told_to_nobody() -> None:
    minute = totals(3, 1)
    minute.kind = "minute#2026-01-02T03:04Z"
    assert told(None, minute) == []


@pytest.mark.parametrize(
    ("status", "shown"), [("LIVE", "live"), ("PROCESSING", "processing"), ("ENDED", "offline")]
)
def test_a_streams_state_is_told_in_the_words_of_the_api(status: str, shown: str) -> None:
    (news,) = told(stream(status="OFFLINE", start_time=None), stream(status=status, version=4))
    assert isinstance(news, ForEveryone)
    assert news.event["status"] == shown
    assert news.event["duration"] == 600
    assert news.event["version"] == 4


def test_an_ended_streams_duration_stands_still() -> None:
    (news,) = told(stream(), stream(status="ENDED", end_time="2026-01-02T03:05:00.000Z"))
    assert isinstance(news, ForEveryone)
    assert news.event["duration"] == 300


def test_a_new_title_is_told_and_what_viewers_do_not_see_is_not() -> None:
    (news,) = told(stream(), stream(title="Second"))
    assert isinstance(news, ForEveryone)
    assert news.event["title"] == "Second"
    assert told(stream(), stream(doubt="x", session_ids={"s"}, description="d")) == []


def test_a_new_stream_has_nobody_to_be_told() -> None:
    assert told(None, stream()) == []


def test_health_is_told_to_the_owner_alone() -> None:
    health = {
        "state": "starving",
        "at": "2026-01-02T03:04:05.000Z",
        "bitrateBps": 1_200_000,
        "framesPerSecond": 29.97,
    }
    (news,) = told(stream(), stream(health=health))
    assert isinstance(news, ForPerson)
    assert news.viewer_id == "creator"
    assert news.event["framesPerSecond"] == 29.97
    assert news.event["bitrateBps"] == 1_200_000


def test_a_stream_that_becomes_private_shuts_strangers_out() -> None:
    assert told(stream(visibility="UNLISTED"), stream(visibility="PRIVATE")) == [
        StrangersOut(STREAM, "creator")
    ]


def test_a_deleted_stream_shuts_everyone_out_once() -> None:
    deleted = stream(deleted_at="2026-01-02T03:11:00.000Z")
    assert told(stream(), deleted) == [EveryoneOut(STREAM)]
    assert told(stream(), None) == [EveryoneOut(STREAM)]


def test_a_withdrawn_invitation_is_looked_into_and_a_new_one_is_no_news() -> None:
    invitation = InvitationItem(STREAM, "anna", created_at="2026-01-02T03:04:05.000Z")
    assert told(invitation, None) == [InvitationLost(STREAM, "anna")]
    assert told(None, invitation) == []


def test_an_erased_count_of_invitations_is_nobodys_loss() -> None:
    count = InvitationItem(f"{STREAM}#count", STREAM, created_at="", count_now=1)
    assert told(count, None) == []


def test_a_ban_is_told_and_shuts_out() -> None:
    shown, out = told(None, member(banned_until=FOR_GOOD, version=2))
    assert isinstance(shown, ForChannel)
    assert shown.event == {
        "type": "user-banned",
        "userId": "anna",
        "sanction": "ban",
        "version": 2,
    }
    assert out == PersonOut("creator", "anna")


def test_a_time_out_is_told_with_its_end_and_shuts_nobody_out() -> None:
    (news,) = told(member(), member(muted_until=1_767_323_045_000))
    assert isinstance(news, ForChannel)
    assert news.event["sanction"] == "time-out"
    assert news.event["until"] == "2026-01-02T03:04:05.000Z"


def test_a_lifted_ban_is_told() -> None:
    (news,) = told(member(banned_until=FOR_GOOD), member(version=3))
    assert isinstance(news, ForChannel)
    assert news.event["sanction"] == "lifted"


def test_a_banned_persons_erasure_lifts_nothing_and_names_nobody() -> None:
    kept = {"user_id": erased_id("creator", "anna"), "banned_until": FOR_GOOD}
    assert told(member(banned_until=FOR_GOOD), None) == []
    assert told(None, member(**kept)) == []
    assert told(member(**kept), None) == []


def test_a_moderator_who_is_erased_sees_no_longer_what_waits_for_moderators() -> None:
    assert told(member(role="moderator"), None) == [PersonOut("creator", "anna")]


def test_who_follows_or_is_known_anew_is_no_news() -> None:
    assert told(None, member(following_since=1)) == []
    assert told(member(), member(following_since=1)) == []


@pytest.mark.parametrize(("before", "after"), [("viewer", "moderator"), ("moderator", "viewer")])
def test_a_new_role_takes_a_new_connection(before: str, after: str) -> None:
    assert told(member(role=before), member(role=after)) == [PersonOut("creator", "anna")]


@pytest.mark.parametrize(
    "breakage",
    [
        {"eventSourceARN": "arn:aws:dynamodb:eu-west-1:1:table/other/stream/1"},
        {"eventSourceARN": None},
        {"dynamodb": None},
        {"dynamodb": {"NewImage": {}}},
        {"dynamodb": {"NewImage": {"status": {"S": "shown"}}}},
        {"dynamodb": {"NewImage": "text"}},
    ],
)
def test_what_is_no_change_of_ours_is_poison(breakage: dict[str, Any]) -> None:
    with pytest.raises(PoisonRecordError):
        news_of({**record(None, chat_message()), **breakage}, TABLES)


@settings(deadline=None)
@given(st.sampled_from(["status", "role", "messageId", "version", "streamId"]), st.text())
def test_poison_says_why_and_does_not_quote(name: str, value: str) -> None:
    broken = record(None, chat_message())
    broken["dynamodb"]["NewImage"][name] = {"S": "secret words " + value}
    assert "secret words" not in reason_of(broken)
