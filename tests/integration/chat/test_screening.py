"""What becomes of a judged message, above all where the channel has a chat delay."""

from __future__ import annotations

from typing import Any

import pytest

from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.model import ChatMessage, MessageStatus, PendingMessage
from ayinel_live.chat.screening import Screening
from ayinel_live.moderation.model import ModerationMode, Verdict
from tests.support.chat import STREAM_ID, FixedSettings, moderate, pending
from tests.support.clock import FixedClock

pytestmark = pytest.mark.usefixtures("dynamodb")

DELAY_SECONDS = 4


class RememberedReveals:
    def __init__(self) -> None:
        self.scheduled: list[tuple[str, int]] = []
        self.fault: Exception | None = None

    def schedule(self, stream_id: str, message_id: str, delay_seconds: int) -> None:
        if self.fault is not None:
            raise self.fault
        self.scheduled.append((message_id, delay_seconds))


class House:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.reveals = RememberedReveals()
        self.reader = MessageReader()
        self.screening = Screening(
            MessageStore(), moderate, FixedSettings(), self.reveals, self.clock
        )

    def judged(self, one: PendingMessage) -> Verdict:
        (verdict,) = self.screening.judge([one])
        return verdict

    def stored(self, one: PendingMessage) -> ChatMessage:
        return self.reader.get(STREAM_ID, one.message_id)

    def history(self) -> list[str]:
        return [m.message for m in self.reader.shown(STREAM_ID, before=None, limit=10)]


@pytest.fixture
def house() -> House:
    return House()


def delayed(text: str = "hello", **changes: Any) -> PendingMessage:
    return pending(text, chat_delay_seconds=DELAY_SECONDS, **changes)


def test_a_message_waits_for_the_chat_delay_from_when_it_was_sent(house: House) -> None:
    one = delayed()
    house.clock.advance(1)

    house.screening.settle(one, house.judged(one))

    assert house.reveals.scheduled == [(one.message_id, DELAY_SECONDS - 1)]
    assert house.stored(one).status is MessageStatus.PENDING
    assert house.stored(one).changed_at is None, "resume would tell of it"
    assert house.history() == []

    house.clock.advance(DELAY_SECONDS - 1)
    house.screening.reveal(STREAM_ID, one.message_id)
    shown = house.stored(one)
    assert (shown.status, shown.is_moderated) == (MessageStatus.SHOWN, False)
    assert house.history() == ["hello"]


def test_a_redelivery_schedules_again_what_may_not_have_been_scheduled(house: House) -> None:
    one = delayed()
    house.reveals.fault = RuntimeError("died before the queue")
    with pytest.raises(RuntimeError):
        house.screening.settle(one, house.judged(one))

    house.reveals.fault = None
    house.clock.advance(60)
    house.screening.settle(one, house.judged(one))

    assert house.reveals.scheduled == [(one.message_id, 0)]


def test_a_repeat_under_another_id_is_not_revealed(house: House) -> None:
    one = delayed()
    house.screening.settle(one, house.judged(one))
    repeat = delayed(message_id="01JG0000000000000000000099")

    house.screening.settle(repeat, house.judged(repeat))

    assert [message_id for message_id, _ in house.reveals.scheduled] == [one.message_id]


def test_what_waits_for_a_moderator_waits_for_no_delay(house: House) -> None:
    one = delayed("held for somebody to look at")

    house.screening.settle(one, house.judged(one))

    assert house.stored(one).status is MessageStatus.HELD
    assert house.reveals.scheduled == []


@pytest.mark.parametrize(
    ("text", "status"),
    [("held words", MessageStatus.HELD), ("rejected words", MessageStatus.REJECTED)],
)
def test_what_is_retracted_while_it_waits_is_never_shown(
    house: House, text: str, status: MessageStatus
) -> None:
    one = delayed(text, mode=ModerationMode.POST)
    house.screening.show_unjudged(one)
    assert house.stored(one).status is MessageStatus.PENDING

    house.screening.settle_unjudged(one, house.judged(one))
    house.clock.advance(DELAY_SECONDS)
    house.screening.reveal(STREAM_ID, one.message_id)

    assert house.stored(one).status is status
    assert house.history() == []


def test_without_a_delay_a_message_is_shown_with_its_verdict(house: House) -> None:
    one = pending()

    house.screening.settle(one, house.judged(one))

    assert house.history() == ["hello"]
    assert house.reveals.scheduled == []
