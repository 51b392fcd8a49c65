"""What a deleted stack held, asked for by its id."""

import json
from typing import Any

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud

TEMPLATE = {
    "Resources": {
        "Kept": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Retain"},
        "Gone": {"Type": "AWS::SQS::Queue"},
    }
}


def held_by_a_deleted_stack(cloud: Cloud) -> dict[str, tuple[str, str]]:
    """Return what is listed of one: place and state by logical id."""
    stacks: Any = cloud.client("cloudformation")
    made = stacks.create_stack(StackName="passing", TemplateBody=json.dumps(TEMPLATE))["StackId"]
    stacks.get_waiter("stack_create_complete").wait(StackName=made, WaiterConfig={"Delay": 1})
    stacks.delete_stack(StackName=made)
    stacks.get_waiter("stack_delete_complete").wait(StackName=made, WaiterConfig={"Delay": 1})
    listed = stacks.list_stack_resources(StackName=made)["StackResourceSummaries"]
    return {
        each["LogicalResourceId"]: (each["PhysicalResourceId"], each["ResourceStatus"])
        for each in listed
    }


def test_resources_of_a_deleted_stack_are_listed_with_what_became_of_them(mended: Cloud) -> None:
    held = held_by_a_deleted_stack(mended)
    assert {name: state for name, (_, state) in held.items()} == {
        "Kept": "DELETE_SKIPPED",
        "Gone": "DELETE_COMPLETE",
    }
    assert held["Kept"][0] in mended.client("sqs").list_queues()["QueueUrls"]


def test_upstream_lists_none(without: Without) -> None:
    with without("deleted_stacks") as cloud:
        assert held_by_a_deleted_stack(cloud) == {}
