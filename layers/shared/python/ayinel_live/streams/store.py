"""Streams as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.model import LiveStream

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


class StreamsByChannel(GlobalSecondaryIndex["StreamItem"]):
    """The broadcasts of one video channel: whose an event of the provider is."""

    class Meta:
        """Index settings."""

        index_name = "channel"
        projection = AllProjection()

    channel_id = UnicodeAttribute(hash_key=True, attr_name="channelArn")
    created_at = UnicodeAttribute(range_key=True, attr_name="createdAt")


class UnfinishedStreams(GlobalSecondaryIndex["StreamItem"]):
    """Streams that are not over and done: what the reconciler looks at; sparse."""

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
    peak_viewers = NumberAttribute(default=0, attr_name="peakViewers")
    total_views = NumberAttribute(default=0, attr_name="totalViews")
    created_at = UnicodeAttribute(attr_name="createdAt")
    updated_at = UnicodeAttribute(attr_name="updatedAt")
    version = NumberAttribute(default=0)
    listing = UnicodeAttribute(null=True)
    channel_arn = UnicodeAttribute(attr_name="channelArn")
    session_ids = UnicodeSetAttribute(null=True, attr_name="sessionIds")
    # What `stream-health` shows, see `streams/health.py`.
    health: MapAttribute[str, object] = MapAttribute(null=True)
    health_log = JSONAttribute(null=True, attr_name="healthLog")
    # What is known of the broadcast's pushes and recordings, see `streams/state.py`.
    facts = JSONAttribute(null=True)
    is_ready = BooleanAttribute(default=False, attr_name="isReady")
    past_session_ids = UnicodeSetAttribute(null=True, attr_name="pastSessionIds")
    sessions_after = UnicodeAttribute(null=True, attr_name="sessionsAfter")
    stop_requested_at = UnicodeAttribute(null=True, attr_name="stopRequestedAt")
    stopped_by = UnicodeAttribute(null=True, attr_name="stoppedBy")
    end_reason = UnicodeAttribute(null=True, attr_name="endReason")
    recording_state = UnicodeAttribute(default="none", attr_name="recordingState")
    unfinished = UnicodeAttribute(null=True)
    doubt = UnicodeAttribute(null=True)
    deleted_at = UnicodeAttribute(null=True, attr_name="deletedAt")

    owner_index = StreamsByOwner()
    listing_index = LiveStreams()
    channel_index = StreamsByChannel()
    unfinished_index = UnfinishedStreams()


def stream_from_item(item: StreamItem) -> LiveStream:
    """Return the entity that an item holds."""
    return LiveStream.model_validate(
        {
            "stream_id": item.stream_id,
            "user_id": item.user_id,
            "title": item.title,
            "description": item.description,
            "status": item.status,
            "visibility": item.visibility,
            "quality": item.quality,
            "rtmp_url": item.rtmp_url,
            "playback_url": item.playback_url,
            "start_time": from_rfc3339(item.start_time) if item.start_time else None,
            "end_time": from_rfc3339(item.end_time) if item.end_time else None,
            "peak_viewers": int(item.peak_viewers),
            "total_views": int(item.total_views),
            "created_at": from_rfc3339(item.created_at),
            "updated_at": from_rfc3339(item.updated_at),
            "version": int(item.version),
            "recording_state": item.recording_state,
        }
    )


def item_from_stream(stream: LiveStream, *, channel_id: str) -> StreamItem:
    """Return the item that holds an entity.

    Args:
        stream: The entity.
        channel_id: The video channel that the broadcast goes through.
    """
    return StreamItem(
        stream.stream_id,
        user_id=stream.user_id,
        title=stream.title,
        description=stream.description,
        status=stream.status.value,
        visibility=stream.visibility.value,
        quality=stream.quality.value,
        rtmp_url=stream.rtmp_url,
        playback_url=stream.playback_url,
        start_time=to_rfc3339(stream.start_time) if stream.start_time else None,
        end_time=to_rfc3339(stream.end_time) if stream.end_time else None,
        peak_viewers=stream.peak_viewers,
        total_views=stream.total_views,
        created_at=to_rfc3339(stream.created_at),
        updated_at=to_rfc3339(stream.updated_at),
        version=stream.version,
        channel_arn=channel_id,
        recording_state=stream.recording_state.value,
    )


class StreamStore:
    """Streams, read by id."""

    def get(self, stream_id: str, *, is_consistent: bool = False) -> LiveStream:
        """Return a stream.

        Args:
            stream_id: Its id.
            is_consistent: Whether the newest write must be seen.

        Raises:
            NotFoundError: There is none.
        """
        try:
            item = StreamItem.get(stream_id, consistent_read=is_consistent)
        except StreamItem.DoesNotExist:
            raise NotFoundError("There is no such stream.") from None
        if item.deleted_at:
            raise NotFoundError("There is no such stream.")
        return stream_from_item(item)
