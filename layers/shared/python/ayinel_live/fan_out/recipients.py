"""Who is connected: the queries that turn a recipient into connection ids, without PynamoDB."""

from __future__ import annotations

from typing import Any, Protocol

from ayinel_live.connections import names
from ayinel_live.connections.shards import shard_key
from ayinel_live.fan_out.postings import Recipient, ToConnections, ToPerson, ToShard


class DynamoDb(Protocol):
    """Calls operations of DynamoDB."""

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call an operation."""

    async def close(self) -> None:
        """Let go of connections."""


class ConnectionFinder:
    """Finds the connections of a recipient, all pages of them.

    Args:
        dynamodb: Where the table is.
        table: Physical name of the Connections table.
    """

    def __init__(self, dynamodb: DynamoDb, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    async def find(self, recipient: Recipient) -> tuple[str, ...]:
        """Return the ids of a recipient's connections.

        Args:
            recipient: A shard, a person or the ids themselves.
        """
        if isinstance(recipient, ToConnections):
            return recipient.connection_ids
        if isinstance(recipient, ToShard):
            key = shard_key(recipient.stream_id, recipient.shard)
            return await self._query(names.SHARD_INDEX, names.STREAM_SHARD, key)
        return await self._query(
            names.USER_INDEX, names.VIEWER_ID, recipient.viewer_id, _scope(recipient)
        )

    async def close(self) -> None:
        """Let go of connections to DynamoDB."""
        await self._dynamodb.close()

    async def _query(
        self, index: str, attribute: str, key: str, scope: tuple[str, str] | None = None
    ) -> tuple[str, ...]:
        arguments: dict[str, Any] = {
            "TableName": self._table,
            "IndexName": index,
            "KeyConditionExpression": "#k = :k",
            "ProjectionExpression": "#c",
            "ExpressionAttributeNames": {"#k": attribute, "#c": names.CONNECTION_ID},
            "ExpressionAttributeValues": {":k": {"S": key}},
        }
        if scope is not None:
            arguments["FilterExpression"] = "#s = :s"
            arguments["ExpressionAttributeNames"]["#s"] = scope[0]
            arguments["ExpressionAttributeValues"][":s"] = {"S": scope[1]}
        found: list[str] = []
        while True:
            page = await self._dynamodb.call("Query", arguments)
            found.extend(item[names.CONNECTION_ID]["S"] for item in page["Items"])
            if "LastEvaluatedKey" not in page:
                return tuple(found)
            arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _scope(person: ToPerson) -> tuple[str, str] | None:
    if person.stream_id:
        return names.STREAM_ID, person.stream_id
    return (names.OWNER_ID, person.owner_id) if person.owner_id else None
