from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from ayinel_live.channels.model import Role
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.chat.resume import Gap
from ayinel_live.connections.frames import MAX_FRAME_BYTES
from ayinel_live.runtime.ids import new_ulid
from tests.support.chat import OWNER_ID, STREAM_ID, message
from tests.support.clock import START
from tests.unit.chat_socket.fakes import MESSAGE_ID, Fakes, context_of


@pytest.fixture
def chat() -> Fakes:
    return Fakes()


def resume(chat: Fakes, *messages: ChatMessage, **changes: Any) -> list[dict[str, Any]]:
    chat.gap = Gap(messages)
    answer = chat.frame({"action": "resume", "after": MESSAGE_ID}, **changes)
    return list(answer["events"]) if answer["type"] == "batch" else [answer]


def numbered(number: int, **changes: Any) -> ChatMessage:
    changes.setdefault("text", f"message {number}")
    return message(message_id=new_ulid(START + timedelta(seconds=number)), **changes)


def test_resume_without_anything_missed_ends_at_once(chat: Fakes) -> None:
    (end,) = resume(chat)

    assert end == {
        "type": "resumed",
        "streamId": STREAM_ID,
        "newestChangeId": MESSAGE_ID,
        "gapTooLarge": False,
        "hasMore": False,
    }


def test_resume_tells_what_was_missed_in_order(chat: Fakes) -> None:
    shown = numbered(1)
    approved = numbered(2, version=2, is_moderated=True)
    removed = numbered(3, version=2, status=MessageStatus.REMOVED)

    one, two, three, end = resume(chat, shown, approved, removed)

    assert (one["type"], one["message"]) == ("message", "message 1")
    assert (two["type"], two["status"], two["message"]) == (
        "message-updated",
        "shown",
        "message 2",
    )
    assert (three["type"], three["status"]) == ("message-updated", "removed")
    assert "message" not in three
    assert end["newestChangeId"] == removed.changed_at


def test_resume_shows_what_waits_to_its_sender_and_to_moderators_with_its_text(
    chat: Fakes,
) -> None:
    held = numbered(1, status=MessageStatus.HELD, user_id="ben", categories=("threat",))
    chat.roles["mod"] = Role.MODERATOR

    def seen_by(who: str, role: str = "viewer") -> list[dict[str, Any]]:
        return resume(chat, held, context=context_of(viewer_id=who, user_id=who, role=role))[:-1]

    assert seen_by("ana") == []
    (own,) = seen_by("ben")
    assert own["type"] == "message-held"
    assert "message" not in own
    for who, role in (("mod", "moderator"), (OWNER_ID, "owner")):
        (waiting,) = seen_by(who, role)
        assert (waiting["message"], waiting["categories"]) == ("message 1", ["threat"])
    assert seen_by("dismissed", "moderator") == []
    assert seen_by("pretender", "owner") == []


def test_resume_tells_a_rejection_to_its_sender_alone(chat: Fakes) -> None:
    rejected = numbered(1, status=MessageStatus.REJECTED, user_id="ben", categories=("link",))

    assert len(resume(chat, rejected)) == 1
    own, _ = resume(chat, rejected, context=context_of(viewer_id="ben", user_id="ben"))
    assert (own["type"], own["reason"]) == ("message-rejected", "link")


def test_resume_fills_one_frame_and_goes_on_from_there(chat: Fakes) -> None:
    everything = [numbered(number, text="漢" * 500) for number in range(1, 61)]
    seen: list[str] = []
    after, is_continuation = MESSAGE_ID, False
    for _ in range(30):
        chat.gap = Gap(tuple(one for one in everything if (one.changed_at or "") > after))
        frame = {"action": "resume", "after": after, "isContinuation": is_continuation}
        answer = chat.call(json.dumps(frame))
        assert len(str(answer["body"]).encode()) <= MAX_FRAME_BYTES
        body = json.loads(str(answer["body"]))
        *events, end = body["events"]
        seen += [event["id"] for event in events]
        after, is_continuation = end["newestChangeId"], True
        if not end["hasMore"]:
            break

    assert seen == [one.message_id for one in everything]


def test_a_gap_that_is_too_large_says_so(chat: Fakes) -> None:
    chat.gap = Gap((), is_too_large=True)

    answer = chat.frame({"action": "resume"})

    assert answer["gapTooLarge"] is True


def test_resume_goes_on_though_nothing_of_a_page_was_for_this_viewer(chat: Fakes) -> None:
    hidden = numbered(1, status=MessageStatus.HELD, user_id="ben")
    chat.gap = Gap((hidden,), has_more=True)

    answer = chat.frame({"action": "resume", "after": MESSAGE_ID, "isContinuation": True})

    assert (answer["hasMore"], answer["newestChangeId"]) == (True, hidden.changed_at)
