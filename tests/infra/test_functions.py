"""Functions: what is deployed is what is in `functions/`, each set up in the house's way."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import pytest

import functions
from ayinel_live.runtime.settings import environment_names
from infra.constructs.live_function import settings_class
from tests.infra.synthesis import AWS_STAGES, STAGES, synthesis

FOLDERS = sorted(path.parent.name for path in Path(functions.__path__[0]).glob("*/handler.py"))
# What every function gets, settings or not.
HOUSE_ENVIRONMENT = {
    "STAGE",
    "POWERTOOLS_LOG_LEVEL",
    "POWERTOOLS_METRICS_NAMESPACE",
    "POWERTOOLS_SERVICE_NAME",
    "PYDANTIC_DISABLE_PLUGINS",
}


@pytest.mark.parametrize("stage", STAGES)
def test_every_folder_with_a_handler_is_deployed_and_nothing_else(stage: str) -> None:
    assert sorted(synthesis(stage).functions()) == FOLDERS


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", FOLDERS)
def test_environment_is_what_the_settings_read(stage: str, name: str) -> None:
    properties = synthesis(stage).functions()[name]["Properties"]
    given = set(properties["Environment"]["Variables"])
    required, optional = environment_names(settings_class(name))
    assert required <= given
    assert given - HOUSE_ENVIRONMENT <= required | optional


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("name", FOLDERS)
def test_function_has_a_log_group_of_its_own_with_an_end(stage: str, name: str) -> None:
    found = synthesis(stage)
    group = found.functions()[name]["Properties"]["LoggingConfig"]["LogGroup"]["Ref"]
    properties = found.resources("AWS::Logs::LogGroup")[group]["Properties"]
    assert properties["LogGroupName"] == f"/ayinel-live/{stage}/{name}"
    assert 1 <= properties["RetentionInDays"] <= 365


@pytest.mark.parametrize("stage", STAGES)
def test_no_two_functions_share_a_role(stage: str) -> None:
    roles = Counter(
        found["Properties"]["Role"]["Fn::GetAtt"][0]
        for found in synthesis(stage).functions().values()
    )
    assert set(roles.values()) == {1}


@pytest.mark.parametrize("stage", STAGES)
def test_functions_run_on_the_minor_version_that_compiled_them(stage: str) -> None:
    runtimes = {found["Properties"]["Runtime"] for found in synthesis(stage).functions().values()}
    assert runtimes == {f"python{sys.version_info.major}.{sys.version_info.minor}"}


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_functions_are_traced_on_aws(stage: str) -> None:
    for found in synthesis(stage).functions().values():
        assert found["Properties"]["TracingConfig"] == {"Mode": "Active"}


@pytest.mark.parametrize("stage", STAGES)
def test_whatever_is_called_asynchronously_sets_its_failures_aside(stage: str) -> None:
    found = synthesis(stage)
    called = {
        found.called(target["Arn"])
        for rule in found.properties("AWS::Events::Rule")
        for target in rule["Targets"]
    }
    by_id = found.resources("AWS::Lambda::Function")
    assert called
    for name in called:
        assert "TargetArn" in by_id[name]["Properties"]["DeadLetterConfig"]
