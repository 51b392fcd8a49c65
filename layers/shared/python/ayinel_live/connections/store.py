"""Connections as they lie in DynamoDB."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.tables import TableItem


class ConnectionsByShard(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections of one shard of one stream: whom a frame goes to."""

    class Meta:
        """Index settings."""

        index_name = "shard"
        projection = AllProjection()

    stream_shard = UnicodeAttribute(hash_key=True, attr_name="streamShard")
    connection_id = UnicodeAttribute(range_key=True, attr_name="connectionId")


class ConnectionsByUser(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections of one person: whom an event for that person goes to."""

    class Meta:
        """Index settings."""

        index_name = "user"
        projection = AllProjection()

    viewer_id = UnicodeAttribute(hash_key=True, attr_name="viewerId")
    connection_id = UnicodeAttribute(range_key=True, attr_name="connectionId")


class ConnectionsByHeartbeat(GlobalSecondaryIndex["ConnectionItem"]):
    """The connections whose last heartbeat fell into one minute: whom the sweep looks at."""

    class Meta:
        """Index settings."""

        index_name = "heartbeat"
        projection = AllProjection()

    heartbeat_bucket = UnicodeAttribute(hash_key=True, attr_name="heartbeatBucket")
    connection_id = UnicodeAttribute(range_key=True, attr_name="connectionId")


class ConnectionItem(TableItem):
    """One open WebSocket."""

    class Meta:
        """Table settings."""

    logical_name = "Connections"
    ttl_attribute = "expiresAt"

    connection_id = UnicodeAttribute(hash_key=True, attr_name="connectionId")
    stream_id = UnicodeAttribute(attr_name="streamId")
    stream_shard = UnicodeAttribute(attr_name="streamShard")
    owner_id = UnicodeAttribute(attr_name="ownerId")
    # The token's subject, or for the anonymous the signed viewer id: one id a person either way.
    viewer_id = UnicodeAttribute(attr_name="viewerId")
    role = UnicodeAttribute()
    connected_at = UnicodeAttribute(attr_name="connectedAt")
    heartbeat_bucket = UnicodeAttribute(attr_name="heartbeatBucket")
    expires_at = NumberAttribute(attr_name="expiresAt")

    shard_index = ConnectionsByShard()
    user_index = ConnectionsByUser()
    heartbeat_index = ConnectionsByHeartbeat()
