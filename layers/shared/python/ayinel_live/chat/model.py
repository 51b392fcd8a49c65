"""What a chat message is, from the sender's frame to what viewers see."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from ayinel_live.moderation.model import Decision, ModerationMode
from ayinel_live.runtime.ids import MessageId, StreamId, UserId, ViewerId
from ayinel_live.runtime.wire import WireModel

MESSAGE_CHARACTERS_MAX = 500
# C0 and C1 controls but for tab and line feed: they have no picture and upset terminals and logs.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Mn", "Me", "Zl", "Zp", "Zs"})
# Have a category of letters or symbols and yet no picture.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def _check_text(text: str) -> str:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("must not hold half of a surrogate pair") from None
    if _CONTROLS.search(text):
        raise ValueError("must not hold control characters")
    if not any(
        unicodedata.category(character) not in _INVISIBLE and character not in _BLANKS
        for character in text
    ):
        raise ValueError("must hold something that can be seen")
    return text


MessageText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MESSAGE_CHARACTERS_MAX),
    AfterValidator(_check_text),
]
"""The text of a message, 1 to 500 code points.

What is accepted is stored and delivered as it came, but for white space at its ends: emoji with
their joiners, combining marks, right-to-left text and even overrides, which clients isolate and
moderation reads in the order that people see. Refused are control characters (but tab and line
feed), halves of surrogate pairs, and texts of which nothing can be seen.
"""
ClientMessageId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
SenderRole = Literal["owner", "moderator", "viewer"]


class MessageStatus(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    """Accepted and let through; waits for the channel's chat delay."""
    SHOWN = "shown"
    HELD = "held"
    REJECTED = "rejected"
    REMOVED = "removed"


# What a moderator may still take away.
STILL_THERE = (MessageStatus.SHOWN, MessageStatus.HELD, MessageStatus.PENDING)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends, as the connection's identity says.

    Attributes:
        stream_id: The stream whose chat the connection is in.
        owner_id: The stream's creator.
        viewer_id: The person.
        display_name: The name that is shown.
        is_anonymous: Whether the person is not signed in.
    """

    stream_id: str
    owner_id: str
    viewer_id: str
    display_name: str
    is_anonymous: bool

    @property
    def is_owner(self) -> bool:
        """Whether it is the creator, which no table can change."""
        return not self.is_anonymous and self.viewer_id == self.owner_id


class PendingMessage(WireModel):
    """An accepted message on its way through the moderation queue.

    Attributes:
        message_id: ULID whose time is when the message was accepted.
        user_id: The sender: a token's subject, or the id of an anonymous viewer.
        role: What the sender was when the message was accepted, as the Chatters table had it.
        recent: The sender's latest texts, newest last, for the near-duplicate rule.
        mode: Whether it is shown after its verdict or before it.
        chat_delay_seconds: How long viewers wait for it.
    """

    message_id: MessageId
    stream_id: StreamId
    owner_id: UserId
    user_id: ViewerId
    display_name: str
    role: SenderRole
    message: MessageText
    client_message_id: ClientMessageId
    recent: tuple[str, ...] = ()
    mode: ModerationMode = ModerationMode.PRE
    chat_delay_seconds: int = 0


class ChatMessage(BaseModel):
    """A message as it is stored.

    Attributes:
        message_id: ULID; sorts by the time of acceptance.
        timestamp: The same time.
        is_moderated: Whether moderation or a moderator changed what becomes of it.
        version: Grows with each change.
        changed_at: ULID of the last change that somebody can see.
        verdict: What moderation decided, or None before.
        categories: What counted towards it, heaviest first.
        scores: Score by category.
        tier: Who decided: rules, classifier or Comprehend.
        decided_by: Who removed, approved or denied it.
        decided_at: When.
        reason: Why, in the moderator's words.
    """

    model_config = ConfigDict(frozen=True)

    stream_id: str
    message_id: str
    owner_id: str
    user_id: str
    display_name: str
    role: SenderRole
    message: str
    client_message_id: str
    status: MessageStatus
    is_moderated: bool = False
    version: int = 1
    changed_at: str | None = None
    verdict: Decision | None = None
    categories: tuple[str, ...] = ()
    scores: Mapping[str, float] = Field(default_factory=dict)
    tier: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None

    @property
    def timestamp(self) -> datetime:
        """When the message was accepted, to the millisecond."""
        return time_of(self.message_id)


def time_of(ulid: str) -> datetime:
    """Return the time that a ULID holds.

    Args:
        ulid: A message's or a change's id.
    """
    from ulid import ULID

    return datetime.fromtimestamp(ULID.from_str(ulid).milliseconds / 1000, UTC)
