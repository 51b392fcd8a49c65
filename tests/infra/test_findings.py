"""What a scanner finds and is meant so has its reason in the template."""

from __future__ import annotations

import pytest

from tests.infra.synthesis import AWS_STAGES, synthesis


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_each_accepted_finding_has_a_reason(stage: str) -> None:
    found = [
        skip
        for template in synthesis(stage).templates.values()
        for resource in template["Resources"].values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    ]
    assert found
    assert all(len(skip["comment"]) > 40 for skip in found)


def test_production_accepts_no_table_without_recovery_and_no_door_without_firewall() -> None:
    accepted = {
        skip["id"]
        for template in synthesis("prod").templates.values()
        for resource in template["Resources"].values()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", [])
    }
    assert accepted.isdisjoint({"CKV_AWS_28", "CKV_AWS_68"})


def test_function_that_sets_failures_aside_needs_no_excuse() -> None:
    for name, function in synthesis("prod").functions().items():
        skips = {skip["id"] for skip in function["Metadata"]["checkov"]["skip"]}
        has_queue = "DeadLetterConfig" in function["Properties"]
        assert ("CKV_AWS_116" in skips) is not has_queue, name
