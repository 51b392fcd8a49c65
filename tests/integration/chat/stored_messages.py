"""Messages put into their table, for tests of what is read, changed and told of them."""

from __future__ import annotations

from datetime import timedelta

from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore, PutOutcome
from ayinel_live.chat.model import ChatMessage
from ayinel_live.runtime.ids import new_ulid
from tests.support.chat import message
from tests.support.clock import START

STORE = MessageStore()
READER = MessageReader()


def put(text: str = "hello", seconds: float = 0, **changes: object) -> ChatMessage:
    """Store a message of so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    one = message(text, message_id=new_ulid(at), **changes)
    assert STORE.put(one, at) is PutOutcome.STORED
    return one
