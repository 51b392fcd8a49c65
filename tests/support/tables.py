"""Tables made from the item classes, the one definition that the stack deploys too."""

from __future__ import annotations

from typing import Any

from ayinel_live.runtime.tables import TableItem, bind_table


def table_definition(item: type[TableItem], table_name: str) -> dict[str, Any]:
    """Return CreateTable arguments for an item class."""
    schema: Any = item._get_schema()
    indexes = [
        {
            "IndexName": index["index_name"],
            "KeySchema": sorted(index["key_schema"], key=lambda key: key["KeyType"]),
            "Projection": _projection(index["projection"]),
        }
        for index in schema["global_secondary_indexes"]
    ]
    definition: dict[str, Any] = {
        "TableName": table_name,
        "KeySchema": schema["key_schema"],
        "AttributeDefinitions": schema["attribute_definitions"],
        "BillingMode": "PAY_PER_REQUEST",
    }
    if indexes:
        definition["GlobalSecondaryIndexes"] = indexes
    if item.stream_view:
        definition["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": item.stream_view,
        }
    return definition


def _projection(schema: dict[str, Any]) -> dict[str, Any]:
    """Return an index's projection as CreateTable wants it."""
    projection: dict[str, Any] = {"ProjectionType": schema["ProjectionType"]}
    if "NonKeyAttributes" in schema:
        projection["NonKeyAttributes"] = schema["NonKeyAttributes"]
    return projection


def create_tables(client: Any, *items: type[TableItem], prefix: str = "") -> None:
    """Create each item's table (on moto or the emulator) and bind the item class to it.

    Args:
        client: A boto3 DynamoDB client.
        items: The item classes.
        prefix: Goes before each table's logical name, so that runs do not meet.
    """
    for item in items:
        name = prefix + item.logical_name
        client.create_table(**table_definition(item, name))
        item._connection = None
        bind_table(item, name)
