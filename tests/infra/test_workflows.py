"""The workflows run what a developer runs, and audit what is deployed."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import pytest

from infra.layers.recipes import PACKAGE_LAYERS
from infra.locks import LOCKS, REPOSITORY

# Comes with cfn-lint, and without types.
yaml: Any = import_module("yaml")
WORKFLOWS = REPOSITORY / ".github" / "workflows"


def commands(name: str) -> str:
    """Return all that a workflow runs."""
    document = yaml.safe_load((WORKFLOWS / name).read_text())
    return "\n".join(
        step["run"] for job in document["jobs"].values() for step in job["steps"] if "run" in step
    )


@pytest.mark.parametrize("name", ["audit.yml", "check.yml"])
def test_workflows_may_read_the_repository_and_nothing_else(name: str) -> None:
    document = yaml.safe_load((WORKFLOWS / name).read_text())
    assert document["permissions"] == {"contents": "read"}
    assert all("permissions" not in job for job in document["jobs"].values())
    for job in document["jobs"].values():
        assert job["timeout-minutes"] <= 90


def test_every_target_that_is_run_is_one_of_the_makefile() -> None:
    makefile = (REPOSITORY / "Makefile").read_text()
    targets = set(re.findall(r"^make ([a-z-]+)", commands("check.yml"), re.MULTILINE))
    assert {"check", "synth", "test", "verify"} <= targets
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_every_lock_is_audited_and_what_cannot_be_looked_up_is_a_fault() -> None:
    run = commands("audit.yml")
    assert list(LOCKS.glob("*.txt"))
    assert "for lock in locks/*.txt" in run
    assert "--strict" in run
    assert run.count("npm audit --package-lock-only") == 2


def test_every_layer_and_the_pages_have_a_bill_of_materials() -> None:
    run = commands("audit.yml")
    named = re.search(r"for layer in ([a-z ]+);", run)
    assert named is not None
    assert set(named[1].split()) == set(PACKAGE_LAYERS)
    assert "npm sbom" in run


def test_templates_of_every_aws_stage_are_scanned() -> None:
    run = commands("check.yml")
    for stage in ("dev", "prod"):
        assert f"make synth stage={stage}" in run
        assert f"--directory build/cdk/{stage}" in run
