"""Channels, members and chatters as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from ayinel_live.runtime.tables import TableItem


class ChannelItem(TableItem):
    """What is permanent about a creator."""

    class Meta:
        """Table settings."""

    logical_name = "Channels"

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    # JSON of the creator's video channels by access, see `video_channels.py`; never a stream key.
    video_channels = UnicodeAttribute(null=True, attr_name="videoChannels")
    # The stream that was started last, open or not.
    latest_stream_id = UnicodeAttribute(null=True, attr_name="latestStreamId")
    # Who may work on the video channels now, and until when (epoch milliseconds).
    lease_id = UnicodeAttribute(null=True, attr_name="leaseId")
    lease_until = NumberAttribute(null=True, attr_name="leaseUntil")
    # An operator keeps the creator from starting; RFC 3339. On an item apart, see `start_bans.py`.
    start_banned_at = UnicodeAttribute(null=True, attr_name="startBannedAt")
    # Everything of the creator is being erased; RFC 3339.
    erasure_asked_at = UnicodeAttribute(null=True, attr_name="erasureAskedAt")
    # JSON of `ChatSettings`; absent while the creator has left everything as it comes.
    chat_settings = UnicodeAttribute(null=True, attr_name="chatSettings")
    chat_settings_version = NumberAttribute(null=True, attr_name="chatSettingsVersion")


class NotableMembers(GlobalSecondaryIndex["MemberItem"]):
    """Moderators and people who were ever sanctioned; sparse, since followers are not notable."""

    class Meta:
        """Index settings."""

        index_name = "notable"
        projection = AllProjection()

    notable_owner_id = UnicodeAttribute(hash_key=True, attr_name="notableOwnerId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")


class MembersByUser(GlobalSecondaryIndex["MemberItem"]):
    """The channels in which one person has a standing: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "user"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    owner_id = UnicodeAttribute(range_key=True, attr_name="ownerId")


class MemberItem(TableItem):
    """A person's standing in a creator's channel: role, ban, time-out, with who, when and why."""

    class Meta:
        """Table settings."""

    logical_name = "Members"
    stream_view = "NEW_AND_OLD_IMAGES"
    ttl_attribute = "expiresAt"

    owner_id = UnicodeAttribute(hash_key=True, attr_name="ownerId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    role = UnicodeAttribute(default="viewer")
    # Epoch milliseconds; absent is none, MAX_SANCTION (9999-12-31) is for good.
    banned_until = NumberAttribute(null=True, attr_name="bannedUntil")
    muted_until = NumberAttribute(null=True, attr_name="mutedUntil")
    reason = UnicodeAttribute(null=True)
    sanctioned_by = UnicodeAttribute(null=True, attr_name="sanctionedBy")
    sanctioned_at = UnicodeAttribute(null=True, attr_name="sanctionedAt")
    # Epoch milliseconds; absent for people who do not follow the channel.
    following_since = NumberAttribute(null=True, attr_name="followingSince")
    notable_owner_id = UnicodeAttribute(null=True, attr_name="notableOwnerId")
    version = NumberAttribute(default=1)
    # Epoch seconds: of what outlasted an erasure and has an end, see `kept_sanctions.py`.
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")

    notable_index = NotableMembers()
    user_index = MembersByUser()


class ChatterItem(TableItem):
    """The hot copy of a member that each send is decided on, written with it in one transaction.

    It lies under a digest, so that a sanction outlasts an erasure, see `pseudonyms.py`.
    Beside these the send path keeps flat slots of the latest message ids and texts, which nothing
    else reads (`chat/chatter_store.py`).
    """

    class Meta:
        """Table settings."""

    logical_name = "Chatters"
    ttl_attribute = "expiresAt"

    owner_id = UnicodeAttribute(hash_key=True, attr_name="ownerId")
    chatter_id = UnicodeAttribute(range_key=True, attr_name="chatterId")
    role = UnicodeAttribute(null=True)
    banned_until = NumberAttribute(null=True, attr_name="bannedUntil")
    muted_until = NumberAttribute(null=True, attr_name="mutedUntil")
    following_since = NumberAttribute(null=True, attr_name="followingSince")
    # Theoretical arrival time of the generic cell rate algorithm, epoch milliseconds.
    tat = NumberAttribute(null=True)
    last_sent_at = NumberAttribute(null=True, attr_name="lastSentAt")
    # As a member's.
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")
