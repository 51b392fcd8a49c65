"""Conditions of DynamoDB: read once, and decided as upstream decides them."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, running

ITEMS = 200
VALUES = {":a": {"S": "a"}, ":m": {"S": "m"}, ":three": {"N": "3"}, ":nine": {"N": "9"}}
CONDITIONS = (
    "attribute_exists(kind)",
    "attribute_not_exists(missing) AND kind = :m",
    "kind <> :m OR points >= :three",
    "NOT (points < :three) AND begins_with(kind, :m)",
    "points BETWEEN :three AND :nine",
    "points BETWEEN :nine AND :three",
    "kind IN (:a, :m) AND size(kind) < :three",
    "((kind = :m))",
    "kind = :unknown",
    "kind = = :m",
    "kind = :m AND",
    "name = :m",
    "contains(kind)",
    " ",
)


def table_of(cloud: Cloud) -> str:
    table = f"conditions-{time.time_ns()}"
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": "kind", "KeyType": "HASH"},
            {"AttributeName": "points", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "kind", "AttributeType": "S"},
            {"AttributeName": "points", "AttributeType": "N"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for start in range(0, ITEMS, 25):
        items = [{"kind": {"S": "m"}, "points": {"N": str(start + n)}} for n in range(25)]
        requests = [{"PutRequest": {"Item": item}} for item in items]
        dynamodb.batch_write_item(RequestItems={table: requests})
    return table


def decided(cloud: Cloud, table: str, condition: str) -> str:
    """Say what a write comes to under a condition, in the words of the answer."""
    values = {name: value for name, value in VALUES.items() if name in condition}
    request: dict[str, Any] = {
        "TableName": table,
        "Key": {"kind": {"S": "m"}, "points": {"N": "5"}},
        "UpdateExpression": "REMOVE nothing",
        "ConditionExpression": condition,
        **({"ExpressionAttributeValues": values} if values else {}),
    }
    try:
        cloud.client("dynamodb").update_item(**request)
    except ClientError as error:
        return str(error)
    return "written"


def seconds_of_queries(cloud: Cloud) -> float:
    """Say what two hundred queries cost the emulator in processor time."""
    dynamodb, table = cloud.client("dynamodb"), table_of(cloud)
    before = cloud.processor_seconds()
    for _ in range(200):
        found = dynamodb.query(
            TableName=table,
            KeyConditionExpression="kind = :m AND points >= :three",
            ExpressionAttributeValues={":m": VALUES[":m"], ":three": VALUES[":three"]},
            Select="COUNT",
        )
        assert found["Count"] == ITEMS - 3
    return cloud.processor_seconds() - before


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    with running(tmp_path_factory.mktemp("upstream"), without=["condition_parsing"]) as cloud:
        table = table_of(cloud)
        return {one: decided(cloud, table, one) for one in CONDITIONS}


@pytest.mark.parametrize("within", ["the first time", "again"])
def test_conditions_are_decided_as_upstream_decides_them(
    mended: Cloud, within: str, upstream: dict[str, str]
) -> None:
    table = table_of(mended)
    assert {one: decided(mended, table, one) for one in CONDITIONS} == upstream
    assert "written" in upstream.values()


def test_query_does_not_read_the_condition_for_each_item(mended: Cloud, without: Without) -> None:
    with without("condition_parsing") as cloud:
        assert seconds_of_queries(cloud) > 1.5 * seconds_of_queries(mended)
