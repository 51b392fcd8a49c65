"""Connections as they lie in DynamoDB, and the queries that find them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import (
    AllProjection,
    GlobalSecondaryIndex,
    IncludeProjection,
    KeysOnlyProjection,
)

from ayinel_live.connections import names
from ayinel_live.connections.shards import shard_key
from ayinel_live.runtime.tables import TableItem


class ConnectionsByShard(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections of one shard of one stream: whom a frame goes to.

    Keys only, so that a heartbeat does not write here and a page holds some ten thousand ids.
    """

    class Meta:
        """Index settings."""

        index_name = names.SHARD_INDEX
        projection = KeysOnlyProjection()

    stream_shard = UnicodeAttribute(hash_key=True, attr_name=names.STREAM_SHARD)
    connection_id = UnicodeAttribute(range_key=True, attr_name=names.CONNECTION_ID)


class StaffConnections(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections of a stream's owner and moderators; sparse, absent for viewers."""

    class Meta:
        """Index settings."""

        index_name = names.STAFF_INDEX
        projection = IncludeProjection([names.VIEWER_ID])

    staff_stream_id = UnicodeAttribute(hash_key=True, attr_name=names.STAFF_STREAM_ID)
    connection_id = UnicodeAttribute(range_key=True, attr_name=names.CONNECTION_ID)


class ConnectionsByUser(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections of one person: whom an event for that person goes to."""

    class Meta:
        """Index settings."""

        index_name = names.USER_INDEX
        projection = IncludeProjection([names.STREAM_ID, names.OWNER_ID])

    viewer_id = UnicodeAttribute(hash_key=True, attr_name=names.VIEWER_ID)
    connection_id = UnicodeAttribute(range_key=True, attr_name=names.CONNECTION_ID)


class ConnectionsByHeartbeat(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections whose last heartbeat fell into one minute: whom the sweep looks at."""

    class Meta:
        """Index settings."""

        index_name = names.HEARTBEAT_INDEX
        projection = AllProjection()

    heartbeat_bucket = UnicodeAttribute(hash_key=True, attr_name="heartbeatBucket")
    connection_id = UnicodeAttribute(range_key=True, attr_name=names.CONNECTION_ID)


class ConnectionItem(TableItem):
    """One open WebSocket."""

    class Meta:
        """Table settings."""

    logical_name = "Connections"
    ttl_attribute = "expiresAt"

    connection_id = UnicodeAttribute(hash_key=True, attr_name=names.CONNECTION_ID)
    stream_id = UnicodeAttribute(attr_name=names.STREAM_ID)
    stream_shard = UnicodeAttribute(attr_name=names.STREAM_SHARD)
    # The stream's id for its owner and moderators, absent for viewers.
    staff_stream_id = UnicodeAttribute(null=True, attr_name=names.STAFF_STREAM_ID)
    owner_id = UnicodeAttribute(attr_name=names.OWNER_ID)
    # The token's subject, or for the anonymous the signed viewer id: one id a person either way.
    viewer_id = UnicodeAttribute(attr_name=names.VIEWER_ID)
    role = UnicodeAttribute(attr_name=names.ROLE)
    connected_at = UnicodeAttribute(attr_name="connectedAt")
    heartbeat_bucket = UnicodeAttribute(attr_name="heartbeatBucket")
    # Epoch milliseconds of the last sign of life; the bucket is its minute.
    heartbeat_at = NumberAttribute(default=0, attr_name="heartbeatAt")
    expires_at = NumberAttribute(attr_name="expiresAt")

    shard_index = ConnectionsByShard()
    staff_index = StaffConnections()
    user_index = ConnectionsByUser()
    heartbeat_index = ConnectionsByHeartbeat()


@dataclass(frozen=True, slots=True)
class OpenConnection:
    """A connection and the person behind it."""

    connection_id: str
    viewer_id: str


class ConnectionStore:
    """Finds connections. Frames go out by the post worker's own query, built of the same names."""

    def staff_of(self, stream_id: str) -> tuple[OpenConnection, ...]:
        """Return the connections of people who were owner or moderator when they connected.

        Args:
            stream_id: The stream.
        """
        found = ConnectionItem.staff_index.query(
            stream_id, attributes_to_get=[names.CONNECTION_ID, names.VIEWER_ID]
        )
        return tuple(OpenConnection(item.connection_id, item.viewer_id) for item in found)

    def in_shard(self, stream_id: str, shard: int) -> Iterator[str]:
        """Yield the ids of a shard's connections, page by page.

        Args:
            stream_id: The stream.
            shard: From 0 up.
        """
        found = ConnectionItem.shard_index.query(
            shard_key(stream_id, shard), attributes_to_get=[names.CONNECTION_ID]
        )
        return (item.connection_id for item in found)

    def viewers(self, connection_ids: list[str]) -> Iterator[OpenConnection]:
        """Yield those of the connections that are still open, with the person behind each.

        Args:
            connection_ids: Ids, any number.
        """
        found = ConnectionItem.batch_get(
            connection_ids, attributes_to_get=[names.CONNECTION_ID, names.VIEWER_ID]
        )
        return (OpenConnection(item.connection_id, item.viewer_id) for item in found)
