"""What a deleted stack held can be listed by the stack's id, as a restore needs it.

Upstream (services/cloudformation/stacks.py, `_delete_stack_async`) forgets each resource as it
goes, so that `ListStackResources` answers with nothing. AWS answers for ninety days.
https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStackResources.html
"""

from typing import Any

from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

_ENDS = frozenset({"DELETE_COMPLETE", "DELETE_SKIPPED"})


def apply() -> None:
    """Answer for a deleted stack from its events."""
    list_resources = handlers._ACTION_HANDLERS["ListStackResources"]

    def list_with_deleted(params: dict[str, Any]) -> Any:
        stack = handlers._resolve_stack(handlers._p(params, "StackName"))
        if stack is None or stack["StackStatus"] != "DELETE_COMPLETE":
            return list_resources(params)
        held, stack["_resources"] = stack.get("_resources", {}), _ended(stack["StackId"])
        try:
            return list_resources(params)
        finally:
            stack["_resources"] = held

    handlers._ACTION_HANDLERS["ListStackResources"] = list_with_deleted


def _ended(stack_id: str) -> dict[str, dict[str, Any]]:
    events = cloudformation._stack_events.get(stack_id, [])
    return {
        event["LogicalResourceId"]: event
        for event in events
        if event["ResourceStatus"] in _ENDS and event["PhysicalResourceId"] != stack_id
    }
