"""What every DynamoDB table of the product shares: the house item and its binding to a real table.

An item class is the one definition of its table: the CDK app builds key, indexes, stream and TTL
from it, the stores read and write through it.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ayinel_live.runtime.lazy_pynamodb import Model, SharedConnection, TableConnection


class TableItem(Model):
    """The base of every item.

    Attributes:
        logical_name: The table's name in the architecture and the template, such as `Streams`.
        stream_view: What its DynamoDB stream shows, or None where it has no stream.
        ttl_attribute: The attribute that holds the time to live in epoch seconds, or None.
    """

    Meta: Any
    logical_name: ClassVar[str]
    stream_view: ClassVar[Literal["NEW_AND_OLD_IMAGES"] | None] = None
    ttl_attribute: ClassVar[str | None] = None

    @classmethod
    def _get_connection(cls) -> TableConnection:
        """Return the table's connection, which PynamoDB keeps, on the client of all tables."""
        found = super()._get_connection()
        if not isinstance(found.connection, SharedConnection):
            table = found.get_meta_table()
            found.connection = SharedConnection()
            found.connection.add_meta_table(table)
        return found


def bind_table(item: type[TableItem], table_name: str) -> None:
    """Point an item class at a table.

    Region, credentials and endpoint come from botocore's own environment variables.

    Args:
        item: The item class.
        table_name: The physical name of the table.
    """
    item.Meta.table_name = table_name
