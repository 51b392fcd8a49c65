from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.audience.presence import JoinRequest, LeaveReason
from ayinel_live.channels.model import Actor, Member, NotModeratorError, Role
from ayinel_live.chat.model import ChatMessage, MessageStatus, Sender
from ayinel_live.chat.resume import Gap
from ayinel_live.chat.send import Accepted, Rejected
from ayinel_live.connections.frames import MAX_FRAME_BYTES
from ayinel_live.identity.callers import Caller
from ayinel_live.identity.tickets import TicketClaims
from ayinel_live.moderation.model import REASONS, Category, Decision, Verdict
from ayinel_live.runtime.errors import ConflictError, ForbiddenError, RateLimitedError
from ayinel_live.runtime.ids import new_ulid
from functions.chat_socket.settings import ChatSocketSettings
from functions.chat_socket.socket import ChatSocket
from tests.support.chat import OTHER_STREAM_ID, OWNER_ID, STREAM_ID, message
from tests.support.clock import START, FixedClock

MESSAGE_ID = new_ulid(START)


def context_of(**changes: Any) -> dict[str, str]:
    values: dict[str, Any] = {
        "ticket_id": new_ulid(START),
        "stream_id": STREAM_ID,
        "owner_id": OWNER_ID,
        "viewer_id": "ana",
        "user_id": "ana",
        "display_name": "Ana",
        "role": "viewer",
        "country": "NL",
        "device_class": "mobile",
        "referrer_host": "example.org",
        "is_counted": True,
        "is_sight_certain": True,
        "expires_at": START + timedelta(seconds=60),
        "connection_expires_at": START + timedelta(hours=2),
        **changes,
    }
    return TicketClaims(**values).to_context()


class Fakes:
    """Stands behind the socket in every role, and remembers."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.joined: list[JoinRequest] = []
        self.entered: list[tuple[Caller | None, bool]] = []
        self.left: list[tuple[str, datetime, str]] = []
        self.sent: list[tuple[Sender, str, str]] = []
        self.removed: list[tuple[Actor, str, str, str | None]] = []
        self.asked: list[tuple[str, str | None, bool]] = []
        self.is_open = True
        self.outcome: Accepted | Rejected = Accepted(MESSAGE_ID)
        self.fault: Exception | None = None
        self.gap = Gap(())
        self.roles: dict[str, Role] = {}
        self.socket = ChatSocket(
            sending=lambda: self,
            entrance=lambda: self,
            presence=lambda: self,
            resuming=lambda: self,
            removing=lambda: self,
            members=lambda: self,
            logger=Logger(service="test", level="CRITICAL"),
            clock=self.clock,
        )

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault

    def enter(self, request: JoinRequest, caller: Caller | None, *, is_sight_certain: bool) -> None:
        self._fail()
        self.joined.append(request)
        self.entered.append((caller, is_sight_certain))

    def leave(self, connection_id: str, at: datetime, reason: LeaveReason) -> bool:
        self.left.append((connection_id, at, reason))
        return True

    def heartbeat(self, connection_id: str, at: datetime) -> bool:
        return self.is_open

    def send(self, sender: Sender, text: str, client_message_id: str) -> Accepted | Rejected:
        self._fail()
        self.sent.append((sender, text, client_message_id))
        return self.outcome

    def remove(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        self._fail()
        self.removed.append((actor, stream_id, message_id, reason))

    def since(self, stream_id: str, after: str | None, *, is_continuation: bool) -> Gap:
        self.asked.append((stream_id, after, is_continuation))
        return self.gap

    def newest(self, stream_id: str) -> str | None:
        return MESSAGE_ID

    def get(self, owner_id: str, user_id: str) -> Member:
        return Member(owner_id, user_id, self.roles.get(user_id, Role.VIEWER))

    def call(self, body: str | None, route: str = "$default", **changes: Any) -> dict[str, object]:
        event = {
            "requestContext": {
                "routeKey": route,
                "connectionId": "connection-1",
                "authorizer": changes.pop("context", None) or context_of(),
            },
            "body": body,
            "isBase64Encoded": False,
            **changes,
        }
        return self.socket(event, None)

    def frame(self, frame: object, **changes: Any) -> Any:
        body = frame if isinstance(frame, str) else json.dumps(frame)
        answer = self.call(body, **changes)
        assert answer["statusCode"] == 200
        return json.loads(str(answer["body"])) if "body" in answer else None

    def code(self, frame: object, **changes: Any) -> str:
        answer = self.frame(frame, **changes)
        assert answer["type"] == "problem"
        assert {"type", "title", "status", "detail"} <= answer["problem"].keys()
        return str(answer["problem"]["code"])


@pytest.fixture
def chat() -> Fakes:
    return Fakes()


def send_frame(**changes: object) -> dict[str, object]:
    return {
        "action": "send-message",
        "streamId": STREAM_ID,
        "message": "hello",
        "clientMessageId": "c1",
        **changes,
    }


def test_connecting_joins_with_what_the_ticket_said(chat: Fakes) -> None:
    assert chat.call(None, "$connect") == {"statusCode": 200}

    (joined,) = chat.joined
    assert (joined.connection_id, joined.stream_id, joined.viewer_id) == (
        "connection-1",
        STREAM_ID,
        "ana",
    )
    assert (joined.country, joined.device_class, joined.is_counted) == ("NL", "mobile", True)
    assert joined.connection_expires_at == (START + timedelta(hours=2)).timestamp()
    assert joined.at == START


def test_who_connects_is_looked_at_again_unless_the_ticket_makes_it_needless(chat: Fakes) -> None:
    chat.call(None, "$connect")
    chat.call(None, "$connect", context=context_of(is_sight_certain=False))
    chat.call(None, "$connect", context=context_of(user_id="", is_sight_certain=False))

    callers = [caller.user_id if caller else None for caller, _ in chat.entered]
    assert callers == ["ana", "ana", None]
    assert [is_certain for _, is_certain in chat.entered] == [True, False, False]
    assert not any(caller.is_operator for caller, _ in chat.entered if caller)


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (ForbiddenError("no", code="banned"), 403),
        (ConflictError("no", code="ticket-used"), 409),
    ],
)
def test_who_may_not_join_is_refused_in_the_handshake(
    chat: Fakes, fault: Exception, status: int
) -> None:
    chat.fault = fault

    assert chat.call(None, "$connect") == {"statusCode": status}


def test_a_connection_without_identity_is_refused(chat: Fakes) -> None:
    assert chat.call(None, "$connect", context={"principalId": "x"}) == {"statusCode": 401}


def test_disconnecting_leaves(chat: Fakes) -> None:
    assert chat.call(None, "$disconnect") == {"statusCode": 200}
    assert chat.left == [("connection-1", START, "disconnected")]


def test_a_message_is_sent_as_who_the_connection_belongs_to(chat: Fakes) -> None:
    answer = chat.frame(send_frame())

    assert answer == {
        "type": "message-accepted",
        "id": MESSAGE_ID,
        "streamId": STREAM_ID,
        "clientMessageId": "c1",
    }
    ((sender, text, own_id),) = chat.sent
    assert (sender.viewer_id, sender.owner_id, sender.is_anonymous) == ("ana", OWNER_ID, False)
    assert (text, own_id) == ("hello", "c1")


def test_identity_in_a_frame_is_refused_and_not_used(chat: Fakes) -> None:
    assert chat.code(send_frame(userId="somebody", role="owner")) == "invalid-input"
    assert chat.sent == []


def test_what_the_rules_reject_is_told_with_a_reason_in_fixed_words(chat: Fakes) -> None:
    verdict = Verdict(decision=Decision.REJECT, categories=(Category.LINK,))
    chat.outcome = Rejected(MESSAGE_ID, verdict)

    answer = chat.frame(send_frame())

    assert answer["type"] == "message-rejected"
    assert (answer["reason"], answer["detail"]) == ("link", REASONS[Category.LINK])
    assert answer["clientMessageId"] == "c1"


def test_a_refusal_says_which_message_and_when_to_come_back(chat: Fakes) -> None:
    chat.fault = RateLimitedError("Slow mode is on.", code="slow-mode", retry_after_seconds=7.5)

    answer = chat.frame(send_frame())

    assert answer["clientMessageId"] == "c1"
    assert answer["problem"]["code"] == "slow-mode"
    assert answer["problem"]["status"] == 429
    assert answer["problem"]["retryAfterSeconds"] == 7.5


def test_a_fault_of_ours_tells_nothing_of_itself(chat: Fakes) -> None:
    chat.fault = KeyError("secret")

    answer = chat.frame(send_frame())

    assert answer["problem"]["code"] == "internal"
    assert "secret" not in json.dumps(answer)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "malformed-frame"),
        ("{", "malformed-frame"),
        ("[1]", "malformed-frame"),
        ('"send-message"', "malformed-frame"),
        ("[" * 5000, "malformed-frame"),
        ("{}", "unknown-action"),
        ('{"action": 5}', "unknown-action"),
        ('{"action": "drop-table"}', "unknown-action"),
        ('{"action": "send-message"}', "invalid-input"),
        (json.dumps(send_frame(message="")), "invalid-input"),
        (json.dumps(send_frame(message="x" * 501)), "invalid-input"),
        (json.dumps(send_frame(message="a\x00b")), "invalid-input"),
        (json.dumps(send_frame(message="\ud800")), "invalid-input"),
        (json.dumps(send_frame(message=7)), "invalid-input"),
        (json.dumps(send_frame(clientMessageId="a b")), "invalid-input"),
        (json.dumps(send_frame(message="é" * MAX_FRAME_BYTES)), "too-large"),
        ("x" * (MAX_FRAME_BYTES + 1), "too-large"),
        (json.dumps(send_frame(streamId=OTHER_STREAM_ID)), "wrong-stream"),
    ],
)
def test_a_bad_frame_is_refused_clearly_and_the_connection_stays(
    chat: Fakes, body: str, code: str
) -> None:
    assert chat.code(body) == code
    assert chat.sent == []


def test_a_binary_frame_is_refused(chat: Fakes) -> None:
    assert chat.code("AAEC", isBase64Encoded=True) == "binary-frame"


@given(st.text(max_size=200))
def test_no_text_makes_the_function_fail(body: str) -> None:
    assert Fakes().frame(body)["type"] == "problem"


@given(
    st.dictionaries(
        st.sampled_from(["action", "streamId", "message", "clientMessageId", "after", "x"]),
        # Any character that JSON can escape, halves of surrogate pairs too.
        st.one_of(
            st.text(st.characters(codec=None, exclude_categories=()), max_size=20),
            st.integers(),
            st.none(),
            st.lists(st.integers()),
        ),
    )
)
def test_no_object_makes_the_function_fail(frame: dict[str, object]) -> None:
    answer = Fakes().frame(frame)

    assert answer is None or answer["type"] in {"problem", "pong", "resumed"}


def test_an_id_that_is_half_a_surrogate_pair_is_refused_without_it(chat: Fakes) -> None:
    body = '{"action":"send-message","message":"hi","clientMessageId":"\\ud800"}'

    answer = chat.frame(body)

    assert answer["type"] == "problem"
    assert "clientMessageId" not in answer


def test_an_expired_connection_is_told_to_connect_anew(chat: Fakes) -> None:
    chat.clock.advance(2 * 3600)

    assert chat.code(send_frame()) == "connection-expired"
    assert chat.code({"action": "heartbeat"}) == "connection-expired"


def test_a_heartbeat_is_answered_with_the_newest_change(chat: Fakes) -> None:
    assert chat.frame({"action": "heartbeat"}) == {"type": "pong", "newestChangeId": MESSAGE_ID}


def test_a_heartbeat_of_a_swept_connection_is_told_so(chat: Fakes) -> None:
    chat.is_open = False

    assert chat.code({"action": "heartbeat"}) == "connection-closed"


def test_a_message_is_removed_in_the_name_of_who_asks(chat: Fakes) -> None:
    frame = {"action": "delete-message", "messageId": MESSAGE_ID, "reason": "spam"}

    assert chat.frame(frame) is None
    assert chat.removed == [(Actor("ana"), STREAM_ID, MESSAGE_ID, "spam")]
    chat.fault = NotModeratorError()
    assert chat.code(frame) == "not-a-moderator"


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


def test_sending_pays_neither_for_pynamodb_nor_for_tracing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environment = {name.upper(): "x" for name in ChatSocketSettings.model_fields}
    script = (
        "import sys, functions.chat_socket.handler as h; h.sending();"
        "print([m for m in ('pynamodb', 'boto3', 'aws_xray_sdk', 'numpy') if m in sys.modules])"
    )
    run: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    path = os.pathsep.join(["layers/shared/python", "."])
    done = run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"
