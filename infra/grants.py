"""What a function may do with a table: exactly what it says it does, on exactly those indexes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from aws_cdk import aws_iam as iam

from ayinel_live.runtime.tables import TableItem
from infra.constructs.live_table import LiveTable


class Access(StrEnum):
    """A kind of access to items."""

    READ = "read"
    WRITE = "write"
    # A condition of a transaction that writes elsewhere; reads nothing back.
    CHECK = "check"


_ACTIONS: Mapping[Access, tuple[str, ...]] = {
    Access.READ: ("BatchGetItem", "GetItem", "Query"),
    Access.WRITE: ("BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"),
    Access.CHECK: ("ConditionCheckItem",),
}


@dataclass(frozen=True, slots=True)
class TableUse:
    """A function's use of one table.

    Attributes:
        item: The table's item class.
        accesses: What it does with items.
        indexes: The indexes that it queries.
    """

    item: type[TableItem]
    accesses: tuple[Access, ...]
    indexes: tuple[str, ...] = ()

    def statements(self, table: LiveTable) -> Iterator[iam.PolicyStatement]:
        """Yield the policy statements that allow this use and nothing else."""
        actions = {f"dynamodb:{name}" for access in self.accesses for name in _ACTIONS[access]}
        if actions:
            yield iam.PolicyStatement(actions=sorted(actions), resources=[table.table.table_arn])
        if self.indexes:
            yield iam.PolicyStatement(
                actions=["dynamodb:Query"],
                resources=[table.index_arn(name) for name in self.indexes],
            )


def reads(item: type[TableItem], *indexes: str) -> TableUse:
    """A function gets and queries items, on the table and the indexes named."""
    return TableUse(item, (Access.READ,), indexes)


def writes(item: type[TableItem]) -> TableUse:
    """A function writes items and reads none, but for what a write gives back."""
    return TableUse(item, (Access.WRITE,))


def reads_and_writes(item: type[TableItem], *indexes: str) -> TableUse:
    """A function does both, on the table and the indexes named."""
    return TableUse(item, (Access.READ, Access.WRITE), indexes)


def checks(item: type[TableItem]) -> TableUse:
    """A function makes an item's state a condition of its writes elsewhere."""
    return TableUse(item, (Access.CHECK,))


def queries(item: type[TableItem], *indexes: str) -> TableUse:
    """A function queries the indexes named and does nothing with the table itself."""
    return TableUse(item, (), indexes)


def names(item: type[TableItem]) -> TableUse:
    """A function is told the table's name and may do nothing with it."""
    return TableUse(item, ())
