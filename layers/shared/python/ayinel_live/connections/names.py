"""Names inside the Connections table, apart from PynamoDB.

The item class is made of these and the post worker, which may not pay for importing PynamoDB, asks
with them: one definition, two ways to it.
"""

from __future__ import annotations

CONNECTION_ID = "connectionId"
STREAM_ID = "streamId"
STREAM_SHARD = "streamShard"
STAFF_STREAM_ID = "staffStreamId"
OWNER_ID = "ownerId"
VIEWER_ID = "viewerId"
ROLE = "role"

SHARD_INDEX = "shard"
STAFF_INDEX = "staff"
USER_INDEX = "user"
HEARTBEAT_INDEX = "heartbeat"
