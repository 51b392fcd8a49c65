"""Invitations to private streams as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import UnicodeAttribute

from ayinel_live.runtime.tables import TableItem


class InvitationItem(TableItem):
    """One person's right to see one private stream."""

    class Meta:
        """Table settings."""

    logical_name = "Invitations"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    created_at = UnicodeAttribute(attr_name="createdAt")
