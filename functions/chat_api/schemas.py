"""Bodies and parameters of the chat API."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from ayinel_live.channels.model import Reason
from ayinel_live.chat.model import ChatMessage, SenderRole
from ayinel_live.chat.pages import PAGE_MAX, MessagePage
from ayinel_live.identity.cursors import MAX_CURSOR_CHARACTERS
from ayinel_live.runtime.ids import ChangeId, MessageId, StreamId
from ayinel_live.runtime.wire import WireModel, WireTime

_VIEWER_TOKEN_MAX = 128


class Parameters(BaseModel):
    """The base of path and query parameters: unknown query parameters are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class StreamPath(Parameters):
    """A stream in the path."""

    stream_id: StreamId = Field(alias="streamId", description="The stream.")


class MessagesQuery(StreamPath):
    """A page of a stream's messages."""

    limit: int = Field(default=50, ge=1, le=PAGE_MAX, description="How many at most.")
    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)] | None = Field(
        default=None, description="From the page before."
    )


class HeldMessagePath(StreamPath):
    """A message in the path."""

    message_id: MessageId = Field(alias="messageId", description="The message.")


class RemovalQuery(HeldMessagePath):
    """A message in the path, and why it goes."""

    reason: Reason | None = Field(default=None, description="Why, for the moderation log.")


class TicketBody(WireModel):
    """Who asks for a ticket. Nobody has to send it."""

    viewer_token: str | None = Field(
        default=None,
        max_length=_VIEWER_TOKEN_MAX,
        repr=False,
        description="From an earlier ticket, to be the same anonymous viewer again.",
    )


class TicketAnswer(WireModel):
    """A ticket: good for one connection to `chatUrl?ticket=…`, within `expiresIn` seconds."""

    ticket: str = Field(repr=False)
    chat_url: str
    viewer_id: str
    viewer_token: str | None = Field(
        default=None,
        repr=False,
        description="For who is not signed in: keep it and send it with the next request.",
    )
    role: SenderRole
    expires_in: int = Field(description="Seconds.")
    connection_expires_at: WireTime


class MessageBody(WireModel):
    """A shown message."""

    id: MessageId
    stream_id: StreamId
    user_id: str
    display_name: str
    role: SenderRole
    message: str
    timestamp: WireTime
    is_moderated: bool
    client_message_id: str
    change_id: ChangeId
    version: int

    @classmethod
    def of(cls, message: ChatMessage) -> Self:
        """Return the body of a message."""
        return cls(
            id=message.message_id,
            stream_id=message.stream_id,
            user_id=message.user_id,
            display_name=message.display_name,
            role=message.role,
            message=message.message,
            timestamp=message.timestamp,
            is_moderated=message.is_moderated,
            client_message_id=message.client_message_id,
            change_id=message.changed_at or message.message_id,
            version=message.version,
        )


class MessageListBody(WireModel):
    """A page of messages, newest first."""

    messages: tuple[MessageBody, ...]
    next_cursor: str | None = None
    newest_change_id: ChangeId | None = Field(
        default=None, description="On the first page: from where a connection resumes."
    )

    @classmethod
    def of(cls, page: MessagePage) -> Self:
        """Return the body of a page."""
        return cls(
            messages=tuple(MessageBody.of(message) for message in page.messages),
            next_cursor=page.next_cursor,
            newest_change_id=page.newest_change_id,
        )


class HeldMessageBody(MessageBody):
    """A message that waits for a moderator, with why."""

    categories: tuple[str, ...]
    scores: Mapping[str, float]
    tier: str | None = None

    @classmethod
    def of(cls, message: ChatMessage) -> Self:
        """Return the body of a message."""
        return cls(
            **dict(MessageBody.of(message)),
            categories=message.categories,
            scores=message.scores,
            tier=message.tier,
        )


class HeldMessageListBody(WireModel):
    """A page of messages that wait for a moderator, oldest first."""

    messages: tuple[HeldMessageBody, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: MessagePage) -> Self:
        """Return the body of a page."""
        return cls(
            messages=tuple(HeldMessageBody.of(message) for message in page.messages),
            next_cursor=page.next_cursor,
        )


class HeldDecision(StrEnum):
    """What becomes of a message that waits."""

    APPROVE = "approve"
    DENY = "deny"


class HeldDecisionBody(WireModel):
    """What a moderator decides about a message that waits."""

    decision: HeldDecision
    reason: Reason | None = None
