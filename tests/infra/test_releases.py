"""In production a version takes over by and by, watched, and goes back by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import aws_lambda as lambda_

from functions.routes import API_FUNCTIONS
from infra.artifacts import Artifacts
from infra.deployment import Context
from infra.layers.recipes import HOST, Layer
from tests.infra.synthesis import STAGES, Synthesis, synthesis, synthesise, target_of
from tests.infra.test_functions import FOLDERS
from tests.support.alarms import AlarmRule

RESOURCES_AT_MOST = 500
STEPWISE = {*API_FUNCTIONS, "chat_authorizer", "chat_socket"}


def aliases(found: Synthesis) -> dict[str, dict[str, Any]]:
    """Return the aliases by the function that they stand for."""
    names = {
        logical: function["Properties"]["Handler"].split(".")[1]
        for logical, function in found.resources("AWS::Lambda::Function").items()
    }
    return {
        names[target_of(alias["Properties"]["FunctionName"])]: alias
        for alias in found.resources("AWS::Lambda::Alias").values()
    }


def groups(found: Synthesis) -> dict[str, dict[str, Any]]:
    """Return the deployment groups' properties by the function that they shift."""
    by_id = found.resources("AWS::CodeDeploy::DeploymentGroup")
    return {
        name: by_id[
            alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]["DeploymentGroupName"]["Ref"]
        ]["Properties"]
        for name, alias in aliases(found).items()
    }


def test_every_function_of_production_has_an_alias_that_codedeploy_leads() -> None:
    found = synthesis("prod")
    assert sorted(aliases(found)) == FOLDERS == sorted(groups(found))
    for alias in aliases(found).values():
        assert target_of(alias["Properties"]["FunctionVersion"]) in (
            found.resources("AWS::Lambda::Version")
        )


def test_versions_are_kept_but_for_those_whose_deployment_was_taken_back() -> None:
    """Lambda publishes the same code once: a kept version would refuse the second attempt."""
    versions = synthesis("prod").resources("AWS::Lambda::Version").values()
    assert len(versions) >= len(FOLDERS)
    for version in versions:
        assert version["DeletionPolicy"] == "RetainExceptOnCreate"
        assert version["UpdateReplacePolicy"] == "Retain"


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_elsewhere_a_version_takes_over_at_once(stage: str) -> None:
    found = synthesis(stage)
    assert not found.resources("AWS::Lambda::Alias")
    assert not found.resources("AWS::CodeDeploy::DeploymentGroup")


def test_calls_that_somebody_waits_for_are_shifted_in_ten_steps() -> None:
    for name, group in groups(synthesis("prod")).items():
        pace = "Linear10PercentEvery1Minute" if name in STEPWISE else "Canary10Percent5Minutes"
        assert group["DeploymentConfigName"] == f"CodeDeployDefault.Lambda{pace}"


def test_a_shift_ends_and_goes_back_when_the_alias_fails() -> None:
    found = synthesis("prod")
    alarms = found.resources("AWS::CloudWatch::Alarm")
    for name, group in groups(found).items():
        assert group["AutoRollbackConfiguration"]["Enabled"] is True
        assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]
        assert group["AlarmConfiguration"]["Enabled"] is True
        watching = [
            alarms[target_of(alarm["Name"])]["Properties"]
            for alarm in group["AlarmConfiguration"]["Alarms"]
        ]
        (errors,) = (alarm for alarm in watching if alarm.get("MetricName") == "Errors")
        of = {each["Name"]: each["Value"] for each in errors["Dimensions"]}
        assert found.called(of["FunctionName"]) == found.called(of["Resource"])
        assert json.dumps(of["Resource"]).endswith('":live"]]}')
        assert (
            found.resources("AWS::Lambda::Function")[found.called(of["Resource"])]
            == (found.functions()[name])
        )
        # A minute's faults are known before a second step is taken.
        rules = [AlarmRule.of(alarm) for alarm in watching]
        assert {rule.period_seconds * rule.periods for rule in rules} == {60}


def test_faults_that_an_api_answers_itself_end_a_shift_too() -> None:
    found = synthesis("prod")
    for name in API_FUNCTIONS:
        watched = {
            metric.name: metric.dimensions
            for alarm in found.properties("AWS::CloudWatch::Alarm")
            if alarm["AlarmName"].startswith(f"ayinel-live-prod-{name}-release-")
            for metric in AlarmRule.of(alarm).metrics
        }
        assert watched["RequestsFailed"] == {"service": name, "stage": "prod"}


def test_whatever_calls_a_function_calls_its_alias() -> None:
    """The deployment's own custom resource alone waits for no shift."""
    found = synthesis("prod")
    functions = found.resources("AWS::Lambda::Function")
    calling = [
        *(each["FunctionName"] for each in found.properties("AWS::Lambda::EventSourceMapping")),
        *(each["FunctionName"] for each in found.properties("AWS::Lambda::Permission")),
        *(each["IntegrationUri"] for each in found.properties("AWS::ApiGatewayV2::Integration")),
        *(
            each["AuthorizerUri"]
            for each in found.properties("AWS::ApiGatewayV2::Authorizer")
            if "AuthorizerUri" in each
        ),
        *(
            target["Arn"]
            for rule in found.properties("AWS::Events::Rule")
            for target in rule["Targets"]
        ),
        *(each["DestinationArn"] for each in found.properties("AWS::Logs::SubscriptionFilter")),
    ]
    for reference in calling:
        assert not any(f'"{name}"' in json.dumps(reference) for name in functions), reference
    qualified = [each["Qualifier"] for each in found.properties("AWS::Lambda::EventInvokeConfig")]
    assert qualified
    assert all("Live" in json.dumps(qualifier) for qualifier in qualified)


def test_codedeploy_may_lead_aliases_and_nothing_else() -> None:
    found = synthesis("prod")
    roles = found.resources("AWS::IAM::Role")
    (role,) = (name for name in roles if name.startswith("ReleasesRole"))
    assert "ManagedPolicyArns" not in roles[role]["Properties"]
    actions = {
        action
        for policy in found.properties("AWS::IAM::Policy")
        if {"Ref": role} in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in (
            [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        )
    }
    assert actions == {
        "cloudwatch:DescribeAlarms",
        "lambda:GetAlias",
        "lambda:GetProvisionedConcurrencyConfig",
        "lambda:UpdateAlias",
    }


def test_a_mend_can_be_shifted_at_once_whatever_alarms_say() -> None:
    found = synthesise(Context(stage="prod", is_gradual=False))
    assert sorted(aliases(found)) == FOLDERS
    for group in groups(found).values():
        assert group["DeploymentConfigName"] == "CodeDeployDefault.LambdaAllAtOnce"
        assert group["AlarmConfiguration"]["Enabled"] is False


def test_a_change_of_a_layer_alone_is_a_new_version_of_all_that_run_on_it(tmp_path: Path) -> None:
    """Else the alias would stay where it is, and the change would never be live."""

    class ChangedHistory(Artifacts):
        def layer_code(self, layer: Layer) -> lambda_.Code:
            is_changed = layer is Layer.HISTORY
            return (
                lambda_.Code.from_asset(str(tmp_path)) if is_changed else super().layer_code(layer)
            )

    (tmp_path / "changed.py").write_text("pass")
    before = synthesis("prod")
    after = synthesise(Context(stage="prod"), ChangedHistory(HOST))
    changed = {
        name
        for name, alias in aliases(after).items()
        if alias["Properties"]["FunctionVersion"]
        != aliases(before)[name]["Properties"]["FunctionVersion"]
    }
    assert changed == {"analytics_api", "erasure_worker", "history_writer"}


@pytest.mark.parametrize("stage", STAGES)
def test_no_stack_comes_near_the_most_that_cloudformation_takes(stage: str) -> None:
    for name, template in synthesis(stage).templates.items():
        assert len(template["Resources"]) <= 0.9 * RESOURCES_AT_MOST, name
