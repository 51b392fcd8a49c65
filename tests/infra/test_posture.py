"""The rule packs AwsSolutions and Serverless find nothing that has no reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from aws_cdk import App, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra.app import build
from infra.artifacts import Artifacts
from infra.deployment import Context, Deployment
from infra.layers.recipes import HOST
from infra.posture import ACCEPTED
from tests.infra.synthesis import AWS_STAGES

PACKS = {"AwsSolutions", "Serverless"}


@cache
def findings(stage: str) -> frozenset[tuple[str, str]]:
    """Return (rule, path of the construct below the environment) of all that is found."""
    folder = Path(mkdtemp(prefix="cdk-"))
    app = App(
        outdir=str(folder),
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=False,
    )
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))
    build(app, Deployment.from_context(Context(stage=stage)), Artifacts(HOST))
    # The packs refuse what is accepted too: what they say is read from their report.
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.synth()
    report = json.loads((folder / "validation-report.json").read_text())
    assert {plugin["pluginName"] for plugin in report["pluginReports"]} == PACKS
    return frozenset(_violations(report))


def _violations(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for plugin in report["pluginReports"]:
        for violation in plugin["violations"]:
            for construct in violation["violatingConstructs"]:
                yield violation["ruleName"], construct["constructPath"]


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_nothing_is_found_that_has_no_reason(stage: str) -> None:
    accepted = [entry for entry in ACCEPTED if stage in entry.stages]
    unexplained = {
        (rule, path)
        for rule, path in findings(stage)
        if not any(entry.covers(rule, path) for entry in accepted)
    }
    assert unexplained == set()


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_no_reason_is_left_for_what_is_found_no_more(stage: str) -> None:
    for entry in ACCEPTED:
        if stage in entry.stages:
            assert any(entry.covers(*found) for found in findings(stage)), entry.rule


def test_every_reason_says_why() -> None:
    for entry in ACCEPTED:
        assert len(entry.reason.split()) > 5, entry.rule
