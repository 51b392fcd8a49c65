"""Streams as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import (
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.tables import TableItem

LISTED = "live"


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
    peak_viewers = NumberAttribute(default=0, attr_name="peakViewers")
    total_views = NumberAttribute(default=0, attr_name="totalViews")
    created_at = UnicodeAttribute(attr_name="createdAt")
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    version = NumberAttribute(default=0)
    listing = UnicodeAttribute(null=True)
    channel_arn = UnicodeAttribute(attr_name="channelArn")
    session_ids = UnicodeSetAttribute(null=True, attr_name="sessionIds")
    health: MapAttribute[str, object] = MapAttribute(null=True)

    owner_index = StreamsByOwner()
    listing_index = LiveStreams()
