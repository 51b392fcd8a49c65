"""From a record of the Viewers table's stream to what is to be counted."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ayinel_live.audience.counting import Counted
from ayinel_live.audience.keys import chatter_subject, message_subject, viewer_subject
from ayinel_live.audience.store import ViewerItem
from ayinel_live.audience.viewer import Viewer
from ayinel_live.audience.viewer_items import viewer_from_item

# What moderation has touched, in the words of a message's status.
_MODERATED = frozenset({"held", "rejected", "removed"})


def counted_viewer(viewer: Viewer, stream_end: int | None = None) -> Counted:
    """Return a viewer's state as it is counted.

    Args:
        viewer: The viewer.
        stream_end: The stream's end, epoch milliseconds; None while it runs.
    """
    subject = viewer_subject(viewer.viewer_id, viewer.first_seen_at)
    return Counted(subject, viewer.version, viewer.views, stream_end)


def viewer_from_image(image: dict[str, Any]) -> Viewer:
    """Return the viewer that a stream record's image shows.

    Args:
        image: DynamoDB's attribute values.

    Raises:
        TypeError: The image is not one of a viewer.
        ValueError: Likewise.
    """
    item = ViewerItem()
    item.from_dynamodb_dict(deepcopy(image))
    if item.stream_id is None or item.version is None:
        raise ValueError("the image is not one of a viewer")
    return viewer_from_item(item)


def counted_message(
    message_id: str,
    user_id: str,
    *,
    version: int,
    sent_at: int,
    status: str,
    is_moderated: bool,
) -> tuple[Counted, Counted]:
    """Return a message and its sender as they are counted.

    Args:
        message_id: The message.
        user_id: Who sent it.
        version: Of the message's state.
        sent_at: Epoch milliseconds.
        status: `pending`, `shown`, `held`, `rejected` or `removed`.
        is_moderated: Whether moderation altered it.
    """
    touched = is_moderated or status in _MODERATED
    message = Counted(message_subject(message_id), version, at=sent_at, is_moderated=touched)
    return message, Counted(chatter_subject(user_id), 1)
