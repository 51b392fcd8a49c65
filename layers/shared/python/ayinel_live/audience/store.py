"""Viewers, markers and counters as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import (
    BooleanAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from ayinel_live.runtime.tables import TableItem

TOTALS = "totals"


class ViewerItem(TableItem):
    """One person watching one stream, with the ids of the connections that are open now."""

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
    is_counted = BooleanAttribute(default=True, attr_name="isCounted")
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")


class AudienceMarkerItem(TableItem):
    """How far one viewer has been counted, so that a change that comes again counts once."""

    class Meta:
        """Table settings."""

    logical_name = "AudienceMarkers"
    ttl_attribute = "expiresAt"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    viewer_id = UnicodeAttribute(range_key=True, attr_name="viewerId")
    version = NumberAttribute()
    expires_at = NumberAttribute(null=True, attr_name="expiresAt")


class AudienceItem(TableItem):
    """Counters of one stream: `kind` is `totals` or `minute#2026-01-02T03:04Z`."""

    class Meta:
        """Table settings."""

    logical_name = "Audience"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    kind = UnicodeAttribute(range_key=True)
    viewer_count = NumberAttribute(default=0, attr_name="viewerCount")
    peak_viewers = NumberAttribute(default=0, attr_name="peakViewers")
    peak_at = UnicodeAttribute(null=True, attr_name="peakAt")
    total_views = NumberAttribute(default=0, attr_name="totalViews")
    version = NumberAttribute(default=0)
    countries: MapAttribute[str, object] = MapAttribute(null=True)
    devices: MapAttribute[str, object] = MapAttribute(null=True)
    referrers: MapAttribute[str, object] = MapAttribute(null=True)
