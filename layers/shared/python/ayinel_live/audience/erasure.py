"""Erasing what is kept of a stream's audience, or of one person as a viewer.

Both may be run again after they died half way: each deletes what is still there.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from ayinel_live.audience import keys
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem


class AudienceErasure:
    """Deletes.

    Args:
        presence: Closes connections.
    """

    def __init__(self, presence: Presence | None = None) -> None:
        self._presence = presence or Presence()

    def erase_stream(self, stream_id: str) -> int:
        """Delete a stream's viewers, markers and counters; the stream itself is gone before.

        Args:
            stream_id: The stream.

        Returns:
            How many items were deleted.
        """
        deleted = 0
        for bucket in keys.stream_buckets(stream_id):
            viewers = ViewerItem.query(bucket, attributes_to_get=["streamBucket", "viewerId"])
            deleted += _delete(ViewerItem, viewers)
        markers = AudienceMarkerItem.query(stream_id, attributes_to_get=["streamId", "subject"])
        deleted += _delete(AudienceMarkerItem, markers)
        counters = AudienceItem.query(stream_id, attributes_to_get=["streamId", "kind"])
        return deleted + _delete(AudienceItem, counters)

    def erase_viewer(self, viewer_id: str, at: datetime) -> int:
        """Delete a person's views of all streams; sums keep them as numbers without a name.

        Connections are closed first, so that the person's leaving is counted.

        Args:
            viewer_id: The person.
            at: The current time.

        Returns:
            How many streams the person had watched.
        """
        self._presence.leave_all(viewer_id, at)
        return _delete(ViewerItem, ViewerItem.person_index.query(viewer_id))


def _delete(
    model: type[ViewerItem | AudienceMarkerItem | AudienceItem],
    items: Iterator[ViewerItem | AudienceMarkerItem | AudienceItem],
) -> int:
    deleted = 0
    with model.batch_write() as batch:
        for item in items:
            batch.delete(item)
            deleted += 1
    return deleted
