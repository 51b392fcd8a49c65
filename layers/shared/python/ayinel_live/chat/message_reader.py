"""Reads of chat messages: pages of history, the held queue, and what changed since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from pynamodb.attributes import MapAttribute

from ayinel_live.chat.change_ids import first_of
from ayinel_live.chat.model import STILL_THERE, ChatMessage, MessageStatus, SenderRole
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.moderation.model import Decision
from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.runtime.errors import NotFoundError

VISIBLE = (MessageStatus.SHOWN, MessageStatus.REMOVED)
# Held and rejected messages are changes too; this many of them in a row hide an older visible one,
# which the client then learns of at its next heartbeat.
_NEWEST_LOOKED_AT = 20


class MessageReader:
    """Reads messages."""

    def get(self, stream_id: str, message_id: str) -> ChatMessage:
        """Return a message.

        Raises:
            NotFoundError: There is none.
        """
        try:
            return message_of(ChatMessageItem.get(stream_id, message_id, consistent_read=True))
        except ChatMessageItem.DoesNotExist:
            raise NotFoundError("There is no such message.") from None

    def shown(self, stream_id: str, *, before: str | None, limit: int) -> Sequence[ChatMessage]:
        """Return shown messages, newest first.

        Args:
            stream_id: The stream.
            before: A message's id; only older ones are returned.
            limit: How many at most.
        """
        found = ChatMessageItem.query(
            stream_id,
            ChatMessageItem.message_id < before if before else None,
            filter_condition=ChatMessageItem.status == MessageStatus.SHOWN.value,
            scan_index_forward=False,
            limit=limit,
        )
        return [message_of(item) for item in found]

    def held(self, stream_id: str, *, after: str | None, limit: int) -> Sequence[ChatMessage]:
        """Return messages that wait for a moderator, oldest first.

        Args:
            stream_id: The stream.
            after: A message's id; only newer ones are returned.
            limit: How many at most.
        """
        newer = ChatMessageItem.message_id > after if after else None
        found = ChatMessageItem.held_index.query(stream_id, newer, limit=limit)
        return [message_of(item) for item in found]

    def written_by(
        self, user_id: str, owner_id: str, *, since: datetime, limit: int
    ) -> Sequence[ChatMessage]:
        """Return what a person wrote in a creator's chats and is still there, newest first.

        Args:
            user_id: The person, signed in or anonymous.
            owner_id: The creator.
            since: Only later messages are returned.
            limit: How many at most.
        """
        found = ChatMessageItem.user_index.query(
            user_id,
            ChatMessageItem.message_id > first_of(since),
            filter_condition=(ChatMessageItem.owner_id == owner_id)
            & ChatMessageItem.status.is_in(*(status.value for status in STILL_THERE)),
            scan_index_forward=False,
            limit=limit,
        )
        return [message_of(item) for item in found]

    def changed(self, stream_id: str, *, after: str, limit: int) -> Sequence[ChatMessage]:
        """Return messages in the order of their last change.

        Args:
            stream_id: The stream.
            after: A change's id; only later changes are returned.
            limit: How many at most.
        """
        found = ChatMessageItem.changes_index.query(
            stream_id, ChatMessageItem.changed_at > after, limit=limit
        )
        return [message_of(item) for item in found]

    def newest_change(self, stream_id: str, *, until: datetime) -> str | None:
        """Return the id of the newest change that every viewer is told of.

        Args:
            stream_id: The stream.
            until: Only changes before it count, since later ones may still be on their way.
        """
        found = ChatMessageItem.changes_index.query(
            stream_id,
            ChatMessageItem.changed_at < first_of(until),
            scan_index_forward=False,
            limit=_NEWEST_LOOKED_AT,
        )
        for item in found:
            if item.status in VISIBLE:
                return item.changed_at
        return None


def message_of(item: ChatMessageItem) -> ChatMessage:
    """Return the message of an item."""
    return ChatMessage(
        stream_id=item.stream_id,
        message_id=item.message_id,
        owner_id=item.owner_id,
        user_id=item.user_id,
        display_name=item.display_name,
        role=cast("SenderRole", item.role),
        message=item.message,
        client_message_id=item.client_message_id,
        status=MessageStatus(item.status),
        is_moderated=item.is_moderated,
        version=int(item.version),
        changed_at=item.changed_at,
        verdict=Decision(item.verdict) if item.verdict else None,
        categories=tuple(item.categories or ()),
        scores=_scores(item),
        tier=item.tier,
        decided_by=item.decided_by,
        decided_at=from_rfc3339(item.decided_at) if item.decided_at else None,
        reason=item.reason,
    )


def _scores(item: ChatMessageItem) -> dict[str, float]:
    stored = cast("MapAttribute[str, object] | None", item.scores)
    if stored is None:
        return {}
    return {name: float(str(score)) for name, score in stored.as_dict().items()}
