"""Templates of every stage, synthesised as the app does, and questions about them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from aws_cdk import App

from infra.app import build
from infra.artifacts import Artifacts
from infra.deployment import Context, Deployment
from infra.layers.recipes import HOST

STAGES = ("local", "dev", "prod")
AWS_STAGES = ("dev", "prod")
VIDEO_URL = "http://127.0.0.1:8935"
Resource = dict[str, Any]


@dataclass(frozen=True)
class Synthesis:
    """The templates of one deployment, by the last part of the stack's name."""

    folder: Path
    templates: dict[str, dict[str, Any]]

    def resources(self, kind: str) -> dict[str, Resource]:
        """Return the resources of a CloudFormation type, of all stacks, by logical id."""
        return {
            name: resource
            for template in self.templates.values()
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def properties(self, kind: str) -> list[dict[str, Any]]:
        """Return the properties of all resources of a type."""
        return [found.get("Properties", {}) for found in self.resources(kind).values()]

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of all stacks that are not CDK's own."""
        return {
            name: output["Value"]
            for template in self.templates.values()
            for name, output in template.get("Outputs", {}).items()
            if not name.startswith("ExportsOutput")
        }

    def functions(self) -> dict[str, Resource]:
        """Return the functions by the name of their folder."""
        return {
            found["Properties"]["Handler"].split(".")[1]: found
            for found in self.resources("AWS::Lambda::Function").values()
            if found["Properties"]["Handler"].startswith("functions.")
        }

    def statements(self, function: str) -> Iterator[dict[str, Any]]:
        """Yield the policy statements of a function's role."""
        role = self.functions()[function]["Properties"]["Role"]["Fn::GetAtt"][0]
        for policy in self.properties("AWS::IAM::Policy"):
            if {"Ref": role} in policy["Roles"]:
                yield from policy["PolicyDocument"]["Statement"]

    def policies(self) -> Iterator[dict[str, Any]]:
        """Yield every statement of every identity policy."""
        for policy in self.properties("AWS::IAM::Policy"):
            yield from policy["PolicyDocument"]["Statement"]
        for role in self.properties("AWS::IAM::Role"):
            for inline in role.get("Policies", []):
                yield from inline["PolicyDocument"]["Statement"]


@cache
def synthesis(stage: str) -> Synthesis:
    """Return the templates of a stage; made once a run, on this machine's layers."""
    context = Context(stage=stage, ivs_endpoint_url=VIDEO_URL if stage == "local" else "")
    return synthesise(context)


def synthesise(context: Context) -> Synthesis:
    """Make the templates of a context.

    Layers are those of this machine whatever the stage: what is in them is tested apart.
    """
    folder = Path(mkdtemp(prefix="cdk-"))
    app = App(
        outdir=str(folder),
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=False,
    )
    build(app, Deployment.from_context(context), Artifacts(HOST))
    app.synth()
    return Synthesis(
        folder,
        {
            path.name.split(".")[0].rsplit("-", 1)[1]: json.loads(path.read_text())
            for path in folder.glob("*.template.json")
        },
    )


def as_list(value: Any) -> list[Any]:
    """Return a policy's value, which CloudFormation may give bare where it is but one."""
    return value if isinstance(value, list) else [value]


def target_of(reference: Any) -> str:
    """Return the logical id, or the name of the export, that a reference points at."""
    if "Ref" in reference:
        return str(reference["Ref"])
    if "Fn::GetAtt" in reference:
        return str(reference["Fn::GetAtt"][0])
    if "Fn::ImportValue" in reference:
        return str(reference["Fn::ImportValue"])
    return json.dumps(reference, sort_keys=True)
