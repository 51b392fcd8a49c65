"""Viewers, markers and counters as they lie in DynamoDB."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import (
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from ayinel_live.runtime.tables import TableItem

TOTALS = "totals"


class ViewAttribute(MapAttribute[str, object]):
    """One view; short names, since the item is written at each connect."""

    started_at = NumberAttribute(attr_name="s")
    ended_at = NumberAttribute(null=True, attr_name="e")
    country = UnicodeAttribute(null=True, attr_name="c")
    device_class = UnicodeAttribute(null=True, attr_name="d")
    referrer_host = UnicodeAttribute(null=True, attr_name="r")


class ViewersByPerson(GlobalSecondaryIndex["ViewerItem"]):
    """The streams that one person watched: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "person"
        projection = KeysOnlyProjection()

    viewer_id = UnicodeAttribute(hash_key=True, attr_name="viewerId")
    stream_bucket = UnicodeAttribute(range_key=True, attr_name="streamBucket")


class ViewerItem(TableItem):
    """One person watching one stream: the open connections and the views they make.

    Times are epoch milliseconds. `expiresAt` moves with each change.
    """

    class Meta:
        """Table settings."""

    logical_name = "Viewers"
    stream_view = "NEW_AND_OLD_IMAGES"
    ttl_attribute = "expiresAt"

    # `streamId#bucket`, so that one large stream is not one hot partition.
    stream_bucket = UnicodeAttribute(hash_key=True, attr_name="streamBucket")
    viewer_id = UnicodeAttribute(range_key=True, attr_name="viewerId")
    stream_id = UnicodeAttribute(attr_name="streamId")
    connection_ids = UnicodeSetAttribute(null=True, attr_name="connectionIds")
    version = NumberAttribute(default=0)
    first_seen_at = NumberAttribute(attr_name="firstSeenAt")
    last_event_at = NumberAttribute(attr_name="lastEventAt")
    views = ListAttribute(of=ViewAttribute, default=list)
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")

    person_index = ViewersByPerson()


class AudienceMarkerItem(TableItem):
    """What has been counted of one subject (a viewer, a message, a chatter) of a stream.

    The next change of the subject takes this back and adds the new, so a change that comes again,
    late or after a later one counts once.
    """

    class Meta:
        """Table settings."""

    logical_name = "AudienceMarkers"
    ttl_attribute = "expiresAt"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    # `viewer#…` with a digest for an id, `message#…`, `chatter#…`.
    subject = UnicodeAttribute(range_key=True)
    version = NumberAttribute()
    views = ListAttribute(of=ViewAttribute, null=True)
    # The end of the stream as it was known when this was counted.
    stream_end = NumberAttribute(null=True, attr_name="streamEnd")
    # Of a message: when, and whether moderation had touched it.
    at = NumberAttribute(null=True)
    is_moderated = BooleanAttribute(null=True, attr_name="isModerated")
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")


class AudienceItem(TableItem):
    """Counters of one stream: `kind` is `totals` or `minute#2026-01-02T03:04Z`.

    All counting of a stream is serialised by the version of its totals.
    """

    class Meta:
        """Table settings."""

    logical_name = "Audience"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    kind = UnicodeAttribute(range_key=True)
    version = NumberAttribute(default=0)

    # Totals. People with an open connection now:
    viewer_count = NumberAttribute(default=0, attr_name="viewerCount")
    # The highest peak ever written. It only grows, since connections are dealt by it to shards;
    # the peak that people see can be put right downwards when a lost viewer is swept.
    peak_viewers = NumberAttribute(default=0, attr_name="peakViewers")
    true_peak = NumberAttribute(default=0, attr_name="truePeak")
    peak_at = NumberAttribute(null=True, attr_name="peakAt")
    total_views = NumberAttribute(default=0, attr_name="totalViews")
    unique_viewers = NumberAttribute(default=0, attr_name="uniqueViewers")
    # Watch time in O(1): of ended views the sum; of open ones their number and sum of starts.
    closed_milliseconds = NumberAttribute(default=0, attr_name="closedMs")
    open_views = NumberAttribute(default=0, attr_name="openViews")
    open_since_milliseconds = NumberAttribute(default=0, attr_name="openSinceMs")
    chatters = NumberAttribute(default=0)
    countries: MapAttribute[str, Any] = MapAttribute(null=True)
    devices: MapAttribute[str, Any] = MapAttribute(null=True)
    referrers: MapAttribute[str, Any] = MapAttribute(null=True)
    # Ended views by class of length.
    durations: MapAttribute[str, Any] = MapAttribute(null=True)

    # Totals and minutes.
    messages = NumberAttribute(default=0)
    moderated_messages = NumberAttribute(default=0, attr_name="moderatedMessages")

    # Minutes.
    joins = NumberAttribute(default=0)
    leaves = NumberAttribute(default=0)
    # Milliseconds from each join to the minute's end, less those from each leave.
    presence_milliseconds = NumberAttribute(default=0, attr_name="presenceMs")
    # Second of the minute -> change of the count in it.
    seconds: MapAttribute[str, Any] = MapAttribute(null=True)
