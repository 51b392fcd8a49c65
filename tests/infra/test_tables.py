"""The tables of the template are those that the item classes define."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import Any

import pytest

import ayinel_live
from ayinel_live.runtime.names import table_output
from ayinel_live.runtime.tables import TableItem
from infra.tables import ITEMS
from tests.infra.synthesis import STAGES, Synthesis, synthesis
from tests.support.tables import table_definition


def table_of(found: Synthesis, item: type[TableItem]) -> dict[str, Any]:
    name = found.outputs()[table_output(item.logical_name)]["Ref"]
    return found.resources("AWS::DynamoDB::Table")[name]


def normalised(properties: dict[str, Any]) -> dict[str, Any]:
    """Bring both forms of a table into one order."""
    indexes = properties.get("GlobalSecondaryIndexes", [])
    return {
        "attributes": sorted(properties["AttributeDefinitions"], key=lambda a: a["AttributeName"]),
        "key": sorted(properties["KeySchema"], key=lambda key: key["KeyType"]),
        "indexes": {
            index["IndexName"]: (
                sorted(index["KeySchema"], key=lambda key: key["KeyType"]),
                index["Projection"],
            )
            for index in indexes
        },
        "stream": properties.get("StreamSpecification", {}).get("StreamViewType"),
        "billing": properties["BillingMode"],
    }


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.logical_name)
def test_template_agrees_with_the_item_class(stage: str, item: type[TableItem]) -> None:
    properties = table_of(synthesis(stage), item)["Properties"]
    assert normalised(properties) == normalised(table_definition(item, "any"))


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.logical_name)
def test_time_to_live_stands_on_the_items_attribute(item: type[TableItem]) -> None:
    given = table_of(synthesis("prod"), item)["Properties"].get("TimeToLiveSpecification")
    if item.ttl_attribute is None:
        assert given is None
    else:
        assert given == {"AttributeName": item.ttl_attribute, "Enabled": True}


def test_every_item_class_of_the_product_has_a_table() -> None:
    for module in pkgutil.walk_packages(ayinel_live.__path__, "ayinel_live."):
        import_module(module.name)
    of_product = {
        item for item in TableItem.__subclasses__() if item.__module__.startswith("ayinel_live.")
    }
    assert of_product == set(ITEMS)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.logical_name)
def test_production_tables_survive_their_stack_and_can_be_restored(item: type[TableItem]) -> None:
    table = table_of(synthesis("prod"), item)
    properties = table["Properties"]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert properties["DeletionProtectionEnabled"] is True
    assert properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.logical_name)
def test_development_tables_go_with_their_stack(item: type[TableItem]) -> None:
    table = table_of(synthesis("dev"), item)
    assert table["DeletionPolicy"] == "Delete"
    assert table["Properties"]["DeletionProtectionEnabled"] is False
