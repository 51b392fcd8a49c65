"""Streams as they lie in DynamoDB: the one definition of their table."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.correlation import CORRELATION_ATTRIBUTE
from ayinel_live.runtime.tables import TableItem

LISTED = "live"
UNFINISHED = "open"


class StreamsByOwner(GlobalSecondaryIndex["StreamItem"]):
    """A creator's streams, newest first when read backwards."""

    class Meta:
        """Index settings."""

        index_name = "owner"
        projection = AllProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    created_at = UnicodeAttribute(range_key=True, attr_name="createdAt")


class LiveStreams(GlobalSecondaryIndex["StreamItem"]):
    """Public live streams; sparse, since `listing` exists only on those."""

    class Meta:
        """Index settings."""

        index_name = "listing"
        projection = AllProjection()

    listing = UnicodeAttribute(hash_key=True)
    start_time = UnicodeAttribute(range_key=True, attr_name="startTime")


class StreamsByChannel(GlobalSecondaryIndex["StreamItem"]):
    """The broadcasts of one video channel: whose an event of the provider is."""

    class Meta:
        """Index settings."""

        index_name = "channel"
        projection = AllProjection()

    channel_id = UnicodeAttribute(hash_key=True, attr_name="channelArn")
    created_at = UnicodeAttribute(range_key=True, attr_name="createdAt")


class UnfinishedStreams(GlobalSecondaryIndex["StreamItem"]):
    """Streams that are not over, or not cleaned up: what the reconciler looks at; sparse."""

    class Meta:
        """Index settings."""

        index_name = "unfinished"
        projection = AllProjection()

    unfinished = UnicodeAttribute(hash_key=True)
    created_at = UnicodeAttribute(range_key=True, attr_name="createdAt")


class StreamItem(TableItem):
    """One broadcast. Times are RFC 3339 text of fixed width; stream keys are never stored."""

    class Meta:
        """Table settings."""

    logical_name = "Streams"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    user_id = UnicodeAttribute(attr_name="userId")
    title = UnicodeAttribute()
    description = UnicodeAttribute(default="")
    status = UnicodeAttribute()
    visibility = UnicodeAttribute()
    quality = UnicodeAttribute()
    rtmp_url = UnicodeAttribute(attr_name="rtmpUrl")
    playback_url = UnicodeAttribute(attr_name="playbackUrl")
    start_time = UnicodeAttribute(null=True, attr_name="startTime")
    end_time = UnicodeAttribute(null=True, attr_name="endTime")
    # On air, but no pictures since then: the encoder may come back within the grace time.
    interrupted_at = UnicodeAttribute(null=True, attr_name="interruptedAt")
    peak_viewers = NumberAttribute(default=0, attr_name="peakViewers")
    total_views = NumberAttribute(default=0, attr_name="totalViews")
    created_at = UnicodeAttribute(attr_name="createdAt")
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    version = NumberAttribute(default=0)
    listing = UnicodeAttribute(null=True)
    unfinished = UnicodeAttribute(null=True)
    channel_arn = UnicodeAttribute(attr_name="channelArn")
    session_ids = UnicodeSetAttribute(null=True, attr_name="sessionIds")
    # JSON of `broadcast.Broadcast`: what is known of the pushes and recordings.
    facts = UnicodeAttribute()
    # The stream has a key that its creator was given, or could have been.
    is_ready = BooleanAttribute(default=False, attr_name="isReady")
    is_key_revoked = BooleanAttribute(default=False, attr_name="isKeyRevoked")
    stopped_by = UnicodeAttribute(null=True, attr_name="stoppedBy")
    # What `stream-health` frames show, in their names; the log is JSON of `health.StreamHealth`.
    health: MapAttribute[str, object] = MapAttribute(null=True)
    health_log = UnicodeAttribute(null=True, attr_name="healthLog")
    recording_state = UnicodeAttribute(default="none", attr_name="recordingState")
    # Keys of thumbnails in the bucket of recordings.
    latest_picture = UnicodeAttribute(null=True, attr_name="latestPicture")
    first_picture = UnicodeAttribute(null=True, attr_name="firstPicture")
    # How the last reconciliation found the provider to differ; mended if the next finds the same.
    doubt = UnicodeAttribute(null=True)
    deleted_at = UnicodeAttribute(null=True, attr_name="deletedAt")
    # Whose doing the last write was: handed on by the table's stream.
    correlation_id = UnicodeAttribute(null=True, attr_name=CORRELATION_ATTRIBUTE)

    owner_index = StreamsByOwner()
    listing_index = LiveStreams()
    channel_index = StreamsByChannel()
    unfinished_index = UnfinishedStreams()
