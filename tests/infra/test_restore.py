"""Tables are brought back complete, and what a new stack is told of them is right."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.restore import (
    RestoreError,
    item_of,
    restore_tables,
    tables_in_place,
    tables_of,
    write_mapping,
)
from infra.tables import ITEMS
from tests.infra.synthesis import synthesis

AT = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
STACK = "AyinelLive-prod-Data"


@pytest.fixture
def dynamodb() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client(
            "dynamodb",
            region_name="us-east-1",
            aws_access_key_id="a",
            aws_secret_access_key="b",
        )


def deploy(template: dict[str, Any]) -> Any:
    cloudformation = boto3.client(
        "cloudformation",
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    cloudformation.create_stack(StackName=STACK, TemplateBody=json.dumps(template))
    return cloudformation


def tables_template() -> dict[str, Any]:
    """The tables of production, and nothing else."""
    tables = synthesis("prod").resources("AWS::DynamoDB::Table")
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": tables}


def test_every_table_of_production_is_known_by_its_logical_id() -> None:
    logical = synthesis("prod").resources("AWS::DynamoDB::Table")
    assert {item_of(name) for name in logical} == set(ITEMS)
    with pytest.raises(RestoreError, match="is no table of the product"):
        item_of("SomethingTable1234")


def test_tables_are_restored_beside_the_old_ones_with_all_that_a_restore_leaves_off(
    dynamodb: Any,
) -> None:
    tables = tables_of(deploy(tables_template()), STACK)
    assert len(tables) == len(ITEMS)
    streams = next(name for logical, name in tables.items() if logical.startswith("Streams"))
    dynamodb.put_item(TableName=streams, Item={"streamId": {"S": "one"}})

    mapped = restore_tables(
        dynamodb, tables, AT, is_protected=True, wait={"Delay": 0, "MaxAttempts": 3}
    )

    assert mapped.keys() == tables.keys()
    for logical, found in mapped.items():
        name, item = found["TableName"], item_of(logical)
        assert name == f"{tables[logical]}-20260131T120000Z"
        table = dynamodb.describe_table(TableName=name)["Table"]
        assert table["DeletionProtectionEnabled"] is True
        wanted = {item.stream_view} - {None}
        assert {table.get("StreamSpecification", {}).get("StreamViewType")} - {None} == wanted
        backups = dynamodb.describe_continuous_backups(TableName=name)
        recovery = backups["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
        living = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        assert living.get("AttributeName") == item.ttl_attribute
    kept = mapped[next(logical for logical in mapped if logical.startswith("Streams"))]
    assert dynamodb.scan(TableName=kept["TableName"])["Count"] == 1


def test_a_stack_that_is_not_there_is_a_clear_fault(dynamodb: Any) -> None:
    del dynamodb
    cloudformation = deploy({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    with pytest.raises(RestoreError, match="has no tables"):
        tables_of(cloudformation, STACK)
    with pytest.raises(RestoreError, match="AyinelLive-gone-Data cannot be read"):
        tables_of(cloudformation, "AyinelLive-gone-Data")


def test_tables_that_a_deletion_left_are_named_as_they_are_if_all_are_there(dynamodb: Any) -> None:
    tables = tables_of(deploy(tables_template()), STACK)
    found = tables_in_place(dynamodb, tables)
    assert found == {logical: {"TableName": name} for logical, name in tables.items()}
    with pytest.raises(RestoreError, match="Not all tables are in place"):
        tables_in_place(dynamodb, {**tables, "StreamsTable1": "spent"})


def test_what_a_new_stack_is_told_names_each_table_by_its_logical_id(tmp_path: Path) -> None:
    told = {"StreamsTable1": {"TableName": "streams-restored"}}
    path = write_mapping(told, "prod", tmp_path / "build")
    assert re.search(r"restored-prod\.json$", str(path))
    assert json.loads(path.read_text()) == told
