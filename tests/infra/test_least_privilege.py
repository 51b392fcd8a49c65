"""Nobody may do more than its work takes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.constructs.live_table import environment_name
from infra.tables import ITEMS
from tests.infra.synthesis import STAGES, as_list, synthesis
from tests.infra.test_functions import FOLDERS

# Actions that know no resource, so that they can name none.
RESOURCELESS = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "cloudwatch:DescribeAlarms",
    "comprehend:DetectToxicContent",
    "cloudfront:CreatePublicKey",
    "cloudfront:DeletePublicKey",
    "cloudfront:GetKeyGroup",
    "cloudfront:GetPublicKey",
    "cloudfront:ListPublicKeys",
    "cloudfront:UpdateKeyGroup",
}
# Resources that are made at run time: what stands before the wildcard bounds them.
OPEN_ENDED = (
    "/DELETE/@connections/*",
    "/POST/@connections/*",
    ":channel/*",
    ":stream-key/*",
    ":playback-key/*",
    "/ivs/v1/*",
)
TABLES = {environment_name(item): item.logical_name for item in ITEMS}


def text_of(resource: Any) -> str:
    """Return a resource as text, joins put together."""
    if isinstance(resource, dict) and "Fn::Join" in resource:
        return "".join(
            part if isinstance(part, str) else json.dumps(part) for part in resource["Fn::Join"][1]
        )
    return resource if isinstance(resource, str) else json.dumps(resource)


@pytest.mark.parametrize("stage", STAGES)
def test_no_policy_allows_actions_by_wildcard(stage: str) -> None:
    actions = {
        action for policy in synthesis(stage).policies() for action in as_list(policy["Action"])
    }
    assert actions
    assert [action for action in actions if "*" in action] == []


@pytest.mark.parametrize("stage", STAGES)
def test_only_what_cannot_be_named_stands_as_a_wildcard(stage: str) -> None:
    for policy in synthesis(stage).policies():
        for resource in map(text_of, as_list(policy["Resource"])):
            if resource == "*":
                assert set(as_list(policy["Action"])) <= RESOURCELESS
            elif "*" in resource:
                assert resource.endswith(OPEN_ENDED), resource


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", FOLDERS)
def test_function_reaches_only_the_tables_in_its_environment(stage: str, name: str) -> None:
    found = synthesis(stage)
    variables = found.functions()[name]["Properties"]["Environment"]["Variables"]
    named = {TABLES[variable] for variable in variables if variable in TABLES}
    reached = {
        table
        for policy in found.statements(name)
        for resource in map(text_of, as_list(policy["Resource"]))
        for table in TABLES.values()
        if f"GetAtt{table}Table" in resource
        and not any("Stream" in action for action in as_list(policy["Action"]))
    }
    assert reached <= named


@pytest.mark.parametrize("stage", STAGES)
def test_no_function_scans_a_table_or_changes_it(stage: str) -> None:
    allowed = {
        action
        for policy in synthesis(stage).policies()
        for action in as_list(policy["Action"])
        if action.startswith("dynamodb:")
    }
    assert not allowed & {"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:UpdateTable"}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", FOLDERS)
def test_function_writes_to_its_own_log_group_alone(stage: str, name: str) -> None:
    found = synthesis(stage)
    group = found.functions()[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
    granted = [
        resource
        for policy in found.statements(name)
        for resource in as_list(policy["Resource"])
        if any(action.startswith("logs:") for action in as_list(policy["Action"]))
    ]
    assert granted == [{"Fn::GetAtt": [group, "Arn"]}]
