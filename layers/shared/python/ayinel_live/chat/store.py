"""Chat messages as they lie in DynamoDB."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.correlation import CORRELATION_ATTRIBUTE
from ayinel_live.runtime.tables import TableItem


class MessagesByChange(GlobalSecondaryIndex["ChatMessageItem"]):
    """A stream's messages in the order of their last visible change: what resume reads."""

    class Meta:
        """Index settings."""

        index_name = "changes"
        projection = AllProjection()

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    changed_at = UnicodeAttribute(range_key=True, attr_name="changedAt")


class MessagesByUser(GlobalSecondaryIndex["ChatMessageItem"]):
    """One person's messages: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "user"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    message_id = UnicodeAttribute(range_key=True, attr_name="messageId")


class HeldMessages(GlobalSecondaryIndex["ChatMessageItem"]):
    """Messages that wait for a moderator; sparse, since `heldStreamId` exists only on those."""

    class Meta:
        """Index settings."""

        index_name = "held"
        projection = AllProjection()

    held_stream_id = UnicodeAttribute(hash_key=True, attr_name="heldStreamId")
    message_id = UnicodeAttribute(range_key=True, attr_name="messageId")


class ChatMessageItem(TableItem):
    """One chat message. `status` is pending, shown, held, rejected or removed."""

    class Meta:
        """Table settings."""

    logical_name = "ChatMessages"
    stream_view = "NEW_AND_OLD_IMAGES"
    ttl_attribute = "expiresAt"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    message_id = UnicodeAttribute(range_key=True, attr_name="messageId")
    owner_id = UnicodeAttribute(attr_name="ownerId")
    user_id = UnicodeAttribute(attr_name="userId")
    display_name = UnicodeAttribute(attr_name="displayName")
    role = UnicodeAttribute()
    message = UnicodeAttribute()
    timestamp = UnicodeAttribute()
    status = UnicodeAttribute()
    is_moderated = BooleanAttribute(default=False, attr_name="isModerated")
    version = NumberAttribute(default=1)
    changed_at = UnicodeAttribute(null=True, attr_name="changedAt")
    held_stream_id = UnicodeAttribute(null=True, attr_name="heldStreamId")
    client_message_id = UnicodeAttribute(attr_name="clientMessageId")
    verdict = UnicodeAttribute(null=True)
    # Heaviest first.
    categories: ListAttribute[Any] = ListAttribute(null=True)
    scores: MapAttribute[str, object] = MapAttribute(null=True)
    tier = UnicodeAttribute(null=True)
    # Who removed, approved or denied it, when and why.
    decided_by = UnicodeAttribute(null=True, attr_name="decidedBy")
    decided_at = UnicodeAttribute(null=True, attr_name="decidedAt")
    reason = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
    # Whose doing the last visible change was: handed on by the table's stream.
    correlation_id = UnicodeAttribute(null=True, attr_name=CORRELATION_ATTRIBUTE)

    changes_index = MessagesByChange()
    user_index = MessagesByUser()
    held_index = HeldMessages()
