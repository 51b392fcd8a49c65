"""A DynamoDB table made from an item class, the one definition of its key, indexes and stream."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from ayinel_live.runtime.tables import TableItem
from infra.errors import WiringError
from infra.stages import Stage

_WORD_START = re.compile(r"(?<=[a-z])(?=[A-Z])")


class LiveTable(Construct):
    """A table of the product.

    Args:
        scope: Where it belongs; its id is the item's logical name.
        item: The item class.
        stage: Says whether the table is kept and restorable.
    """

    def __init__(self, scope: Construct, item: type[TableItem], stage: Stage) -> None:
        super().__init__(scope, item.logical_name)
        self.item = item
        schema = item._get_schema()  # noqa: SLF001  what PynamoDB itself would create it with
        types = {
            entry["AttributeName"]: dynamodb.AttributeType(_TYPES[entry["AttributeType"]])
            for entry in schema["attribute_definitions"]
        }

        def attribute(keys: Iterable[Any], kind: str) -> dynamodb.Attribute | None:
            names = [key["AttributeName"] for key in keys if key["KeyType"] == kind]
            return dynamodb.Attribute(name=names[0], type=types[names[0]]) if names else None

        self.table = dynamodb.Table(
            self,
            "Table",
            partition_key=attribute(schema["key_schema"], "HASH"),
            sort_key=attribute(schema["key_schema"], "RANGE"),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            stream=dynamodb.StreamViewType[item.stream_view] if item.stream_view else None,
            time_to_live_attribute=item.ttl_attribute,
            deletion_protection=stage.is_protected,
            removal_policy=RemovalPolicy.RETAIN if stage.is_protected else RemovalPolicy.DESTROY,
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=stage.is_protected
            ),
        )
        for index in schema["global_secondary_indexes"]:
            self.table.add_global_secondary_index(
                index_name=index["index_name"],
                partition_key=attribute(index["key_schema"], "HASH"),
                sort_key=attribute(index["key_schema"], "RANGE"),
                projection_type=dynamodb.ProjectionType[index["projection"]["ProjectionType"]],
                non_key_attributes=index["projection"].get("NonKeyAttributes"),
            )

    @property
    def environment_name(self) -> str:
        """The variable that functions find the table's name in, such as `CHAT_MESSAGES_TABLE`."""
        return environment_name(self.item)

    @property
    def index_names(self) -> list[str]:
        """The names of its indexes."""
        schema = self.item._get_schema()  # noqa: SLF001
        return [index["index_name"] for index in schema["global_secondary_indexes"]]

    def index_arn(self, index_name: str) -> str:
        """Return the ARN of one of its indexes.

        Args:
            index_name: The index's name.

        Raises:
            WiringError: The item class has no such index.
        """
        known = self.index_names
        if index_name not in known:
            raise WiringError(f"{self.item.logical_name} has no index {index_name!r}, only {known}")
        return f"{self.table.table_arn}/index/{index_name}"


def environment_name(item: type[TableItem]) -> str:
    """Return the variable that functions find an item's table name in."""
    return _WORD_START.sub("_", item.logical_name).upper() + "_TABLE"


_TYPES = {"S": "STRING", "N": "NUMBER", "B": "BINARY"}
