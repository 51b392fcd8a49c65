"""The templates for AWS are clean under cfn-lint."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra.locks import REPOSITORY
from tests.infra.synthesis import AWS_STAGES, synthesis


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_templates_are_clean(stage: str, tmp_path: Path) -> None:
    templates = sorted(map(str, synthesis(stage).folder.glob("*.template.json")))
    assert len(templates) == 4
    done = subprocess.run(
        [str(Path(sys.executable).with_name("cfn-lint")), *templates],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_the_synthesis_warns_of_nothing(stage: str) -> None:
    """A warning that is always there hides the one about a region that lacks something."""
    manifest = json.loads((synthesis(stage).folder / "manifest.json").read_text())
    told = []
    for artifact in manifest["artifacts"].values():
        metadata = dict(artifact.get("metadata", {}))
        if "additionalMetadataFile" in artifact:
            extra = synthesis(stage).folder / artifact["additionalMetadataFile"]
            metadata.update(json.loads(extra.read_text()))
        told += [
            (path, entry["data"])
            for path, entries in metadata.items()
            for entry in entries
            if entry["type"] in {"aws:cdk:warning", "aws:cdk:error"}
        ]
    assert told == []
