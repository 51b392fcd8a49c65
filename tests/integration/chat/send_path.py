"""The send path over real tables, for tests of what it admits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.standing import Standing
from ayinel_live.chat.chatter_store import ChatterStore
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.model import Sender
from ayinel_live.chat.screening import Screening
from ayinel_live.chat.send import Accepted, Rejected, SendService
from ayinel_live.runtime.errors import LiveError
from tests.integration.chat.conftest import CountedClient
from tests.support.chat import FixedSettings, RememberedQueue, moderate, rules, sender
from tests.support.clock import FixedClock


@dataclass
class Chat:
    """The send path over real tables and a clock that stands still."""

    dynamodb: CountedClient
    clock: FixedClock = field(default_factory=FixedClock)
    settings: FixedSettings = field(default_factory=FixedSettings)
    queue: RememberedQueue = field(default_factory=RememberedQueue)

    def __post_init__(self) -> None:
        self.standing = Standing(MemberStore(), self.clock)
        self.chatters = ChatterStore("Chatters", "Idempotency", lambda: self.dynamodb)
        self.service = SendService(self.chatters, self.queue, self.settings, rules, self.clock)

    def send(
        self, text: str = "hello", own_id: str = "c1", who: Sender | None = None
    ) -> Accepted | Rejected:
        return self.service.send(who or sender(), text, own_id)

    def refusal(self, *arguments: Any) -> LiveError:
        with pytest.raises(LiveError) as caught:
            self.send(*arguments)
        return caught.value

    def work_off_queue(self) -> None:
        screening = Screening(MessageStore(), moderate, self.settings, NoReveals(), self.clock)
        for _, message in self.queue.messages:
            screening.settle(message, screening.judge([message])[0])
        self.queue.messages.clear()


class NoReveals:
    def schedule(self, stream_id: str, message_id: str, delay_seconds: int) -> None:
        raise AssertionError("nothing is delayed here")
