"""Channels, members and chatters as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.tables import TableItem


class ChannelsByArn(GlobalSecondaryIndex["ChannelItem"]):
    """The creator behind a video channel."""

    class Meta:
        """Index settings."""

        index_name = "channelArn"
        projection = AllProjection()

    channel_arn = UnicodeAttribute(hash_key=True, attr_name="channelArn")


class ChannelItem(TableItem):
    """What is permanent about a creator."""

    class Meta:
        """Table settings."""

    logical_name = "Channels"

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    channel_arn = UnicodeAttribute(null=True, attr_name="channelArn")

    channel_arn_index = ChannelsByArn()


class MemberItem(TableItem):
    """A person's standing in a creator's channel: role, ban, time-out, with who, when and why."""

    class Meta:
        """Table settings."""

    logical_name = "Members"
    stream_view = "NEW_AND_OLD_IMAGES"

    owner_id = UnicodeAttribute(hash_key=True, attr_name="ownerId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    role = UnicodeAttribute(default="viewer")
    # Epoch milliseconds; absent is none, MAX_SANCTION (9999-12-31) is for good.
    banned_until = NumberAttribute(null=True, attr_name="bannedUntil")
    muted_until = NumberAttribute(null=True, attr_name="mutedUntil")
    reason = UnicodeAttribute(null=True)
    version = NumberAttribute(default=1)


class ChatterItem(TableItem):
    """The hot copy of a member that each send is decided on, written with it in one transaction."""

    class Meta:
        """Table settings."""

    logical_name = "Chatters"

    owner_id = UnicodeAttribute(hash_key=True, attr_name="ownerId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    role = UnicodeAttribute(null=True)
    banned_until = NumberAttribute(null=True, attr_name="bannedUntil")
    muted_until = NumberAttribute(null=True, attr_name="mutedUntil")
    # Theoretical arrival time of the generic cell rate algorithm, epoch milliseconds.
    tat = NumberAttribute(null=True)
