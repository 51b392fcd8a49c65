from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from ayinel_live.channels.model import Actor, NotModeratorError
from ayinel_live.chat.send import Rejected
from ayinel_live.moderation.model import REASONS, Category, Decision, Verdict
from ayinel_live.runtime.errors import ConflictError, ForbiddenError, RateLimitedError
from functions.chat_socket.settings import ChatSocketSettings
from tests.support.chat import OWNER_ID, STREAM_ID
from tests.support.clock import START
from tests.unit.chat_socket.fakes import MESSAGE_ID, Fakes, context_of, send_frame


@pytest.fixture
def chat() -> Fakes:
    return Fakes()


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
