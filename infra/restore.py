"""Bring tables back as they were: `python -m infra.restore prod --at 2026-01-31T12:00:00Z`.

Makes a new table of each old one as it was at that moment, gives it what a restore leaves off
(stream, time to live, point-in-time recovery, deletion protection), and writes the file by which
`cdk import` has a new Data stack adopt the tables. The old tables stay as they are. With
`--in-place` nothing is restored: the file names the tables that the deletion of a stack left.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ayinel_live.runtime.tables import TableItem
from infra.locks import REPOSITORY
from infra.tables import ITEMS

_BUILD = REPOSITORY / "build"
_TABLE = "AWS::DynamoDB::Table"
_WAIT: Mapping[str, int] = {"Delay": 10, "MaxAttempts": 360}
Mapped = dict[str, dict[str, str]]


class RestoreError(Exception):
    """Tables cannot be restored; the message says why."""


def tables_of(cloudformation: Any, stack: str) -> dict[str, str]:
    """Return the tables of a stack: physical name by logical id.

    Args:
        cloudformation: A boto3 client.
        stack: Its name, or the id of one that was deleted within the last ninety days.

    Raises:
        RestoreError: There is no such stack, or it has no tables.
    """
    try:
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        found = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceType"] == _TABLE
        }
    except (BotoCoreError, ClientError) as error:
        raise RestoreError(f"{stack} cannot be read: {error}") from None
    if not found:
        raise RestoreError(f"{stack} has no tables")
    return found


def restore_tables(
    dynamodb: Any,
    tables: Mapping[str, str],
    at: datetime,
    *,
    is_protected: bool,
    tell: Callable[[str], object] = lambda _line: None,
    wait: Mapping[str, int] = _WAIT,
) -> Mapped:
    """Restore tables beside themselves and return what `cdk import` is to be told.

    Args:
        dynamodb: A boto3 client.
        tables: Physical name by logical id.
        at: As of when.
        is_protected: Whether the new ones are protected as those of prod are.
        tell: Called with a line of text for each table.
        wait: How a boto3 waiter waits for a table.

    Raises:
        RestoreError: A table cannot be restored.
    """
    suffix = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    restored = {logical: f"{name}-{suffix}" for logical, name in tables.items()}
    try:
        for logical, name in tables.items():
            dynamodb.restore_table_to_point_in_time(
                SourceTableName=name, TargetTableName=restored[logical], RestoreDateTime=at
            )
        for logical, name in restored.items():
            dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig=dict(wait))
            _complete(dynamodb, item_of(logical), name, is_protected=is_protected)
            tell(f"{name} is there")
    except (BotoCoreError, ClientError) as error:
        raise RestoreError(f"Not all tables are restored: {error}") from None
    return {logical: {"TableName": name} for logical, name in restored.items()}


def tables_in_place(dynamodb: Any, tables: Mapping[str, str]) -> Mapped:
    """Return what `cdk import` is to be told of tables that stayed where their stack went.

    Args:
        dynamodb: A boto3 client.
        tables: Physical name by logical id.

    Raises:
        RestoreError: A table is gone.
    """
    try:
        for name in tables.values():
            dynamodb.describe_table(TableName=name)
    except (BotoCoreError, ClientError) as error:
        raise RestoreError(f"Not all tables are in place: {error}") from None
    return {logical: {"TableName": name} for logical, name in tables.items()}


def item_of(logical_id: str, items: Iterable[type[TableItem]] = ITEMS) -> type[TableItem]:
    """Return the item class of a table's logical id, such as `StreamsTableF5F1AE38`.

    Raises:
        RestoreError: No item class is kept in such a table.
    """
    for item in items:
        if logical_id.startswith(f"{item.logical_name}Table"):
            return item
    raise RestoreError(f"{logical_id} is no table of the product")


def _complete(dynamodb: Any, item: type[TableItem], name: str, *, is_protected: bool) -> None:
    """Give a table what a restore leaves off."""
    if item.stream_view is not None:
        dynamodb.update_table(
            TableName=name,
            StreamSpecification={"StreamEnabled": True, "StreamViewType": item.stream_view},
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name)
    if item.ttl_attribute is not None:
        dynamodb.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": True, "AttributeName": item.ttl_attribute},
        )
    if is_protected:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=True)
        dynamodb.update_continuous_backups(
            TableName=name,
            PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True},
        )


def write_mapping(mapped: Mapped, environment: str, folder: Path = _BUILD) -> Path:
    """Write what `cdk import --resource-mapping` reads; return where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"restored-{environment}.json"
    path.write_text(json.dumps(mapped, indent=2) + "\n")
    return path


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m infra.restore", description=main.__doc__)
    parser.add_argument("environment")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--at", type=datetime.fromisoformat, metavar="TIME")
    which.add_argument("--in-place", action="store_true", help="the tables that a deletion left")
    parser.add_argument("--stack", help="its Data stack, by name or by the id of a deleted one")
    return parser.parse_args()


def main() -> None:
    """Restore an environment's tables as of a moment, and say how a stack adopts them."""
    given = _arguments()
    stack = given.stack or f"AyinelLive-{given.environment}-Data"
    session = boto3.Session()
    dynamodb = session.client("dynamodb")
    try:
        tables = tables_of(session.client("cloudformation"), stack)
        if given.in_place:
            mapped = tables_in_place(dynamodb, tables)
        else:
            mapped = restore_tables(
                dynamodb,
                tables,
                given.at if given.at.tzinfo else given.at.replace(tzinfo=UTC),
                is_protected=True,
                tell=lambda line: sys.stdout.write(f"{line}\n"),
            )
    except RestoreError as error:
        sys.exit(f"Error: {error}")
    sys.stdout.write(f"{write_mapping(mapped, given.environment)} is for `cdk import`\n")


if __name__ == "__main__":
    main()
