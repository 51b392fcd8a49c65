"""Viewers and their views as items, and back."""

from __future__ import annotations

from ayinel_live.audience import keys
from ayinel_live.audience.store import ViewAttribute, ViewerItem
from ayinel_live.audience.viewer import View, Viewer

# Viewers are kept until history has surely been written; markers outlive them by a month, because
# a viewer that changes after its marker is gone would be counted from the start.
VIEWER_KEPT_MILLISECONDS = 30 * 86_400_000


def item_from_viewer(viewer: Viewer) -> ViewerItem:
    """Return the item that holds a viewer."""
    return ViewerItem(
        keys.stream_bucket(viewer.stream_id, viewer.viewer_id),
        viewer.viewer_id,
        stream_id=viewer.stream_id,
        connection_ids=set(viewer.connection_ids) or None,
        version=viewer.version,
        first_seen_at=viewer.first_seen_at,
        last_event_at=viewer.last_event_at,
        views=views_to_attributes(viewer.views),
        expires_at=(viewer.last_event_at + VIEWER_KEPT_MILLISECONDS) // 1000,
    )


def viewer_from_item(item: ViewerItem) -> Viewer:
    """Return the viewer that an item holds."""
    return Viewer(
        stream_id=item.stream_id,
        viewer_id=item.viewer_id,
        first_seen_at=int(item.first_seen_at),
        last_event_at=int(item.last_event_at),
        version=int(item.version),
        connection_ids=frozenset(item.connection_ids or ()),
        views=views_from_attributes(item.views),
    )


def views_from_attributes(views: list[ViewAttribute] | None) -> tuple[View, ...]:
    """Return the views that a list attribute holds."""
    return tuple(
        View(
            int(view.started_at),
            None if view.ended_at is None else int(view.ended_at),
            view.country or "",
            view.device_class or "",
            view.referrer_host or "",
        )
        for view in views or ()
    )


def views_to_attributes(views: tuple[View, ...]) -> list[ViewAttribute]:
    """Return a list attribute of views; what is empty is left out."""
    return [
        ViewAttribute(  # type: ignore[no-untyped-call]  # PynamoDB's constructor is untyped
            started_at=view.started_at,
            ended_at=view.ended_at,
            country=view.country or None,
            device_class=view.device_class or None,
            referrer_host=view.referrer_host or None,
        )
        for view in views
    ]
