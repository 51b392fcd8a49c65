"""Builders and fakes of the chat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.chat.model import ChatMessage, MessageStatus, PendingMessage, Sender
from ayinel_live.moderation.model import Decision, MessageToModerate, ModerationSettings, Verdict
from ayinel_live.runtime.ids import new_ulid
from tests.support.clock import START

STREAM_ID = "01JG00000000000000000000S1"
OTHER_STREAM_ID = "01JG00000000000000000000S2"
OWNER_ID = "creator"


def sender(viewer_id: str = "ana", **changes: Any) -> Sender:
    values: dict[str, Any] = {
        "stream_id": STREAM_ID,
        "owner_id": OWNER_ID,
        "viewer_id": viewer_id,
        "display_name": viewer_id.title(),
        "is_anonymous": viewer_id.startswith("anon_"),
        **changes,
    }
    return Sender(**values)


def pending(text: str = "hello", **changes: Any) -> PendingMessage:
    values: dict[str, Any] = {
        "message_id": new_ulid(START),
        "stream_id": STREAM_ID,
        "owner_id": OWNER_ID,
        "user_id": "ana",
        "display_name": "Ana",
        "role": "viewer",
        "message": text,
        "client_message_id": "c1",
        **changes,
    }
    return PendingMessage(**values)


def message(text: str = "hello", **changes: Any) -> ChatMessage:
    message_id = changes.pop("message_id", None) or new_ulid(START)
    values: dict[str, Any] = {
        "stream_id": STREAM_ID,
        "message_id": message_id,
        "owner_id": OWNER_ID,
        "user_id": "ana",
        "display_name": "Ana",
        "role": "viewer",
        "message": text,
        "client_message_id": f"c-{message_id[-8:]}",
        "status": MessageStatus.SHOWN,
        "changed_at": message_id,
        **changes,
    }
    return ChatMessage(**values)


class FixedSettings:
    """The same settings for every channel, until a test changes them."""

    def __init__(self, **values: Any) -> None:
        self.settings = ChatSettings(**values)

    def get(self, owner_id: str) -> ChatSettings:
        return self.settings

    def set(self, **values: Any) -> None:
        self.settings = ChatSettings(**values)


class RememberedQueue:
    """A queue that remembers, and fails when told to."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, PendingMessage]] = []
        self.fault: Exception | None = None

    def put(self, message: PendingMessage, key: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.messages.append((key, message))


def rules(text: str, settings: ModerationSettings, recent: tuple[str, ...] = ()) -> Verdict:
    """Reject what says `rejected`, hold what says `held`, allow the rest."""
    if "rejected" in text:
        return Verdict(decision=Decision.REJECT)
    return Verdict(decision=Decision.HOLD if "held" in text else Decision.ALLOW)


def moderate(messages: Sequence[MessageToModerate]) -> list[Verdict]:
    """Judge a batch by the same words."""
    return [rules(one.text, one.settings) for one in messages]
