"""One person at one stream: which connections are open, and which views that makes.

Pure and total: every event leads to a next state, whatever its order and however odd its clock. The
stores only keep the result, the counters only read it off.

A view begins when somebody without an open connection connects, and ends when the last connection
is gone. Who comes back within the grace time goes on with the same view, as if never gone: the view
is opened again, its gap belongs to it. So a view that ended counts at once as ended, and nobody has
to come by later to close it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ayinel_live.runtime.errors import ConflictError

GRACE_MILLISECONDS = 30_000
# A viewer's item is written at each connect, so it stays small; and whoever comes and goes all day
# does not make an audience. Together with their minutes these fit into one transaction of 100.
MAX_VIEWS = 46
# Tabs and devices of one person at one stream.
MAX_CONNECTIONS = 20


@dataclass(frozen=True, slots=True)
class View:
    """One view; times are epoch milliseconds.

    Attributes:
        started_at: When the person came.
        ended_at: When the last connection went; None while one is open.
        country: ISO 3166-1 alpha-2, or empty.
        device_class: Coarse kind of device, or empty.
        referrer_host: Host of the page that the player sits in, or empty.
    """

    started_at: int
    ended_at: int | None = None
    country: str = ""
    device_class: str = ""
    referrer_host: str = ""


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person at one stream.

    Attributes:
        stream_id: The stream.
        viewer_id: The person.
        first_seen_at: Epoch milliseconds; tells a person from the same one after an erasure.
        last_event_at: The latest time that any event of the person carried, epoch milliseconds.
        version: Grows by one with each change.
        connection_ids: The open connections.
        views: Oldest first.
    """

    stream_id: str
    viewer_id: str
    first_seen_at: int
    last_event_at: int
    version: int = 0
    connection_ids: frozenset[str] = frozenset()
    views: tuple[View, ...] = ()

    @property
    def is_watching(self) -> bool:
        """Whether a view is open."""
        return bool(self.views) and self.views[-1].ended_at is None


class TooManyConnectionsError(ConflictError):
    """The person has as many connections at the stream as one may have."""

    code = "too-many-connections"


def arrive(viewer: Viewer, connection_id: str, view: View, *, is_counted: bool) -> Viewer:
    """Return the state after a connection opened.

    Args:
        viewer: The state before.
        connection_id: The new connection.
        view: The view that begins if none goes on; its `started_at` is the time of the event.
        is_counted: Whether the connection makes a view; an owner's own preview need not.

    Raises:
        TooManyConnectionsError: There are `MAX_CONNECTIONS` open.
    """
    if connection_id in viewer.connection_ids:
        return viewer
    if len(viewer.connection_ids) >= MAX_CONNECTIONS:
        raise TooManyConnectionsError("Too many windows of one person are open at this stream.")
    return replace(
        viewer,
        version=viewer.version + 1,
        connection_ids=viewer.connection_ids | {connection_id},
        views=_views_after(viewer.views, view) if is_counted else viewer.views,
        last_event_at=max(viewer.last_event_at, view.started_at),
    )


def _views_after(views: tuple[View, ...], view: View) -> tuple[View, ...]:
    if not views:
        return (view,)
    last = views[-1]
    if last.ended_at is None:
        return views
    is_return = view.started_at - last.ended_at <= GRACE_MILLISECONDS
    if is_return or len(views) >= MAX_VIEWS:
        return (*views[:-1], replace(last, ended_at=None))
    return (*views, view)


def depart(viewer: Viewer, connection_id: str, at: int) -> Viewer:
    """Return the state after a connection went.

    A view ends with the latest sign of life of its person: a lost tab that is swept minutes later
    does not shorten what another tab has proved, and no view ends before it began.

    Args:
        viewer: The state before.
        connection_id: The connection; an unknown one changes nothing.
        at: When it was last known to be there, epoch milliseconds.
    """
    if connection_id not in viewer.connection_ids:
        return viewer
    remaining = viewer.connection_ids - {connection_id}
    last_event_at = max(viewer.last_event_at, at)
    views = viewer.views
    if not remaining and viewer.is_watching:
        views = (*views[:-1], replace(views[-1], ended_at=last_event_at))
    return replace(
        viewer,
        version=viewer.version + 1,
        connection_ids=remaining,
        views=views,
        last_event_at=last_event_at,
    )
