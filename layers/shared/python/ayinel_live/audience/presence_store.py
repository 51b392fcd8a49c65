"""Where presence lies: connections and viewers change together or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition

from ayinel_live.audience import keys
from ayinel_live.audience.store import ViewerItem
from ayinel_live.audience.viewer import Viewer
from ayinel_live.audience.viewer_items import item_from_viewer, viewer_from_item
from ayinel_live.channels.model import Role
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.errors import ConflictError, ForbiddenError, LiveError
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together


class StaleWriteError(Exception):
    """Somebody else changed the viewer in between: read again and try again."""


class TicketUsedError(ConflictError):
    """The ticket has opened a connection already."""

    code = "ticket-used"


class BannedError(ForbiddenError):
    """The person is banned from the creator's channel."""

    code = "banned"


class RoleChangedError(ConflictError):
    """The person's role is another by now than the ticket says; a new ticket has the new one."""

    code = "role-changed"


@dataclass(frozen=True, slots=True)
class TicketUse:
    """The ticket that a connection is opened with; `expires_at` is epoch seconds."""

    ticket_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """An open connection as presence needs it.

    Attributes:
        connection_id: The gateway's id.
        stream_id: What is watched.
        viewer_id: Who watches.
        heartbeat_at: Its last sign of life, epoch milliseconds.
    """

    connection_id: str
    stream_id: str
    viewer_id: str
    heartbeat_at: int


class PresenceStore:
    """Reads and writes viewers with their connections."""

    def connection(self, connection_id: str) -> OpenConnection | None:
        """Return an open connection, read strongly, or None."""
        try:
            item = ConnectionItem.get(connection_id, consistent_read=True)
        except ConnectionItem.DoesNotExist:
            return None
        return _open_connection(item)

    def last_seen_in(self, minute: int) -> Iterator[OpenConnection]:
        """Yield the connections whose last heartbeat fell into a minute, as the index knows them.

        Args:
            minute: Whole minutes since 1970-01-01T00:00Z.
        """
        for bucket in keys.heartbeat_buckets(minute):
            for item in ConnectionItem.heartbeat_index.query(bucket):
                yield _open_connection(item)

    def connections_of(self, viewer_id: str) -> Iterator[str]:
        """Yield the ids of a person's connections, at whatever stream."""
        for item in ConnectionItem.user_index.query(viewer_id):
            yield item.connection_id

    def viewer(self, stream_id: str, viewer_id: str) -> Viewer | None:
        """Return a viewer, read strongly, or None."""
        try:
            item = ViewerItem.get(
                keys.stream_bucket(stream_id, viewer_id), viewer_id, consistent_read=True
            )
        except ViewerItem.DoesNotExist:
            return None
        return viewer_from_item(item)

    def viewers(self, stream_id: str) -> Iterator[Viewer]:
        """Yield all of a stream's viewers, read strongly."""
        for bucket in keys.stream_buckets(stream_id):
            for item in ViewerItem.query(bucket, consistent_read=True):
                yield viewer_from_item(item)

    def viewer_ids(self, stream_id: str) -> Iterator[str]:
        """Yield the ids of all of a stream's viewers, read strongly."""
        for bucket in keys.stream_buckets(stream_id):
            found = ViewerItem.query(
                bucket, consistent_read=True, attributes_to_get=["streamBucket", "viewerId"]
            )
            yield from (item.viewer_id for item in found)

    def open(
        self,
        before: Viewer | None,
        after: Viewer,
        connection: ConnectionItem,
        ticket: TicketUse,
        now: int,
    ) -> None:
        """Open a connection: use its ticket up, check for a ban, write it and its viewer.

        The role is checked too: whoever is appointed or dismissed is disconnected, and a connection
        that was on its way then would be missed.

        Args:
            before: The viewer as read, None if there was none.
            after: The viewer with the connection.
            connection: The connection.
            ticket: What it is opened with.
            now: Against which a ban is compared, epoch milliseconds.

        Raises:
            TicketUsedError: The ticket was used before.
            BannedError: The person is banned.
            RoleChangedError: The ticket's role is out of date.
            StaleWriteError: The viewer is no longer as it was read.
        """
        claim = IdempotencyItem(
            f"ticket#{ticket.ticket_id}", status="used", expires_at=ticket.expires_at
        )
        chatter = (connection.owner_id, chatter_id(connection.owner_id, after.viewer_id))
        not_banned = ChatterItem.banned_until.does_not_exist() | (ChatterItem.banned_until <= now)
        is_as_said = _has_role(connection.role)
        may_join = not_banned if is_as_said is None else not_banned & is_as_said

        def build(transaction: TransactWrite) -> None:
            transaction.condition_check(ChatterItem, *chatter, condition=may_join)
            transaction.save(claim, IdempotencyItem.idempotency_key.does_not_exist())
            transaction.save(connection, ConnectionItem.connection_id.does_not_exist())
            _save_viewer(transaction, before, after)

        try:
            write_together(build)
        except ConditionFailedError as error:
            if 0 in error.items:
                raise _refusal(*chatter, now) from None
            if error.items.keys() & {1, 2}:
                raise TicketUsedError("The ticket was used before; ask for a new one.") from None
            raise StaleWriteError from error

    def close(
        self,
        before: Viewer | None,
        after: Viewer | None,
        connection_id: str,
        seen_until: int | None,
    ) -> bool:
        """Close a connection, and its viewer's view if it was the last.

        Args:
            before: The viewer as read; None where the viewer is gone.
            after: The viewer without the connection.
            connection_id: The connection.
            seen_until: Only if its last heartbeat is not after this, epoch milliseconds.

        Returns:
            Whether this call closed it.

        Raises:
            StaleWriteError: The viewer is no longer as it was read.
        """
        condition = ConnectionItem.connection_id.exists()
        if seen_until is not None:
            condition &= ConnectionItem.heartbeat_at <= seen_until

        def build(transaction: TransactWrite) -> None:
            transaction.delete(ConnectionItem(connection_id), condition)
            if before is not None and after is not None and after != before:
                _save_viewer(transaction, before, after)

        try:
            write_together(build)
        except ConditionFailedError as error:
            if 0 in error.items:
                return False
            raise StaleWriteError from error
        return True

    def touch(self, connection_id: str, at: int) -> bool:
        """Write a heartbeat, if the connection is still there.

        Args:
            connection_id: The connection.
            at: The time, epoch milliseconds.

        Returns:
            Whether it is.
        """
        try:
            ConnectionItem(connection_id).update(
                actions=[
                    ConnectionItem.heartbeat_bucket.set(keys.heartbeat_bucket(connection_id, at)),
                    ConnectionItem.heartbeat_at.set(at),
                ],
                condition=ConnectionItem.connection_id.exists(),
            )
        except UpdateError as error:
            if refusal_code(error) == "ConditionalCheckFailedException":
                return False
            raise
        return True


def _open_connection(item: ConnectionItem) -> OpenConnection:
    return OpenConnection(
        item.connection_id, item.stream_id, item.viewer_id, int(item.heartbeat_at)
    )


def _save_viewer(transaction: TransactWrite, before: Viewer | None, after: Viewer) -> None:
    item = item_from_viewer(after)
    if before is None:
        transaction.save(item, ViewerItem.viewer_id.does_not_exist())
    else:
        transaction.save(item, ViewerItem.version == before.version)


def _has_role(role: str) -> Condition | None:
    """Return the condition that a person is what the ticket says; a creator always is."""
    is_moderator: Condition = ChatterItem.role == Role.MODERATOR.value
    match role:
        case "owner":
            return None
        case "moderator":
            return is_moderator
        case _:
            is_none: Condition = ~is_moderator
            return is_none


def _refusal(owner_id: str, chatter: str, now: int) -> LiveError:
    """Say why a person may not join."""
    try:
        banned_until = ChatterItem.get(owner_id, chatter, consistent_read=True).banned_until
    except ChatterItem.DoesNotExist:
        banned_until = None
    if banned_until is not None and banned_until > now:
        return BannedError("You are banned from this channel.")
    return RoleChangedError("Your role has changed; ask for a new ticket.")
