"""Presence: a connection opens, lives and goes, and with it somebody watches or does not.

Opening and closing are one transaction each over the connection and its viewer, so that of all who
learn of a closed connection (the gateway, a failed post, the sweep) exactly one is heard.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeVar

from ayinel_live.audience import keys
from ayinel_live.audience.presence_store import PresenceStore, StaleWriteError, TicketUse
from ayinel_live.audience.totals_store import TotalsStore
from ayinel_live.audience.viewer import View, Viewer, arrive, depart
from ayinel_live.connections.shards import pick_shard, shard_key
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.clock import to_milliseconds, to_rfc3339
from ayinel_live.runtime.errors import BusyError, InvalidInputError

T = TypeVar("T")
LeaveReason = Literal["disconnected", "gone", "swept", "closed", "erased", "refused"]

# As long as a token's subject may be (OpenID Connect Core 1.0, section 2).
MAX_VIEWER_ID = 255
_TRIES = 6
# A connection's item goes by itself a while after its end, should all else fail.
_CONNECTION_KEPT_SECONDS = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinRequest:
    """A connection that is about to open, as its ticket describes it.

    Attributes:
        connection_id: The gateway's id.
        stream_id: What is watched.
        owner_id: The stream's creator.
        viewer_id: Who watches.
        role: `owner`, `moderator` or `viewer`.
        ticket_id: The ticket, usable once.
        ticket_expires_at: Epoch seconds.
        connection_expires_at: When the connection has to end, epoch seconds.
        country: ISO 3166-1 alpha-2, or empty.
        device_class: Coarse kind of device, or empty.
        referrer_host: Host of the page that the player sits in, or empty.
        is_counted: Whether the person makes an audience.
        at: The time of the event, aware.
    """

    connection_id: str
    stream_id: str
    owner_id: str
    viewer_id: str
    role: str
    ticket_id: str
    ticket_expires_at: int
    connection_expires_at: int
    country: str = ""
    device_class: str = ""
    referrer_host: str = ""
    is_counted: bool = True
    at: datetime


class Presence:
    """Who is there.

    Args:
        store: Where connections and viewers lie.
        totals: Tells a stream's peak, by which connections are dealt over shards.
        pause: Waits between tries, seconds.
    """

    def __init__(
        self,
        store: PresenceStore | None = None,
        totals: TotalsStore | None = None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store or PresenceStore()
        self._totals = totals or TotalsStore()
        self._pause = pause

    def join(self, request: JoinRequest) -> None:
        """Open a connection.

        Args:
            request: The connection.

        Raises:
            InvalidInputError: The viewer's id cannot be one (`invalid-viewer-id`).
            TicketUsedError: The ticket has opened a connection already (`ticket-used`).
            BannedError: The person is banned from the channel (`banned`).
            RoleChangedError: The ticket's role is out of date (`role-changed`).
            TooManyConnectionsError: The person has too many open here (`too-many-connections`).
            BusyError: The person's other connections kept changing; may be tried again.
        """
        if len(request.viewer_id) > MAX_VIEWER_ID:
            raise InvalidInputError("The viewer's id is too long.", code="invalid-viewer-id")
        at = to_milliseconds(request.at)
        connection = self._connection_item(request, at)
        view = View(at, None, request.country, request.device_class, request.referrer_host)
        ticket = TicketUse(request.ticket_id, request.ticket_expires_at)

        def try_once() -> None:
            before = self._store.viewer(request.stream_id, request.viewer_id)
            now_here = before or Viewer(request.stream_id, request.viewer_id, at, at)
            after = arrive(now_here, request.connection_id, view, is_counted=request.is_counted)
            self._store.open(before, after, connection, ticket, at)

        self._retry(try_once)

    def leave(
        self,
        connection_id: str,
        at: datetime,
        reason: LeaveReason,
        *,
        seen_until: datetime | None = None,
    ) -> bool:
        """Close a connection.

        Args:
            connection_id: The connection.
            at: When it was last known to be there, aware.
            reason: Who noticed; kept in no table.
            seen_until: Only if no heartbeat came after this, so that a sweep that looked at an old
                index closes nobody who is there.

        Returns:
            Whether this call closed it; False where it was closed before.

        Raises:
            BusyError: The person's other connections kept changing; may be tried again.
        """
        del reason
        limit = None if seen_until is None else to_milliseconds(seen_until)

        def try_once() -> bool:
            connection = self._store.connection(connection_id)
            if connection is None:
                return False
            before = self._store.viewer(connection.stream_id, connection.viewer_id)
            after = before and depart(before, connection_id, to_milliseconds(at))
            return self._store.close(before, after, connection_id, limit)

        return self._retry(try_once)

    def heartbeat(self, connection_id: str, at: datetime) -> bool:
        """Note a sign of life.

        Args:
            connection_id: The connection.
            at: The time of the event, aware.

        Returns:
            Whether the connection is open; where it is not, the client has to connect anew.
        """
        return self._store.touch(connection_id, to_milliseconds(at))

    def leave_all(self, viewer_id: str, at: datetime) -> int:
        """Close all connections of a person and return how many there were.

        Args:
            viewer_id: The person.
            at: The time, aware.
        """
        connections = list(self._store.connections_of(viewer_id))
        return sum(self.leave(connection_id, at, "erased") for connection_id in connections)

    def _connection_item(self, request: JoinRequest, at: int) -> ConnectionItem:
        peak = self._totals.shard_basis(request.stream_id)
        shard = pick_shard(request.connection_id, peak)
        return ConnectionItem(
            request.connection_id,
            stream_id=request.stream_id,
            stream_shard=shard_key(request.stream_id, shard),
            staff_stream_id=None if request.role == "viewer" else request.stream_id,
            owner_id=request.owner_id,
            viewer_id=request.viewer_id,
            role=request.role,
            connected_at=to_rfc3339(request.at),
            heartbeat_bucket=keys.heartbeat_bucket(request.connection_id, at),
            heartbeat_at=at,
            expires_at=request.connection_expires_at + _CONNECTION_KEPT_SECONDS,
        )

    def _retry(self, attempt: Callable[[], T]) -> T:
        for number in range(_TRIES):
            try:
                return attempt()
            except StaleWriteError:
                self._pause(random.uniform(0, 0.02 * 2**number))  # noqa: S311  jitter, no secret
        raise BusyError("Your other windows are changing just now.", retry_after_seconds=1)
