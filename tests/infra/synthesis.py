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
from infra.locks import REPOSITORY

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
        """Return the properties of all resources of a type, of which there is at least one.

        What a test says of each of none would hold whatever is deployed.
        """
        found = self.resources(kind)
        assert found, f"there is no {kind}"
        return [resource.get("Properties", {}) for resource in found.values()]

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of all stacks that are not CDK's own."""
        return {
            name: output["Value"]
            for template in self.templates.values()
            for name, output in template.get("Outputs", {}).items()
            if not name.startswith("ExportsOutput")
        }

    def called(self, reference: Any) -> str:
        """Return the logical id of the function that a reference calls, by its alias or itself."""
        aliases = self.resources("AWS::Lambda::Alias")
        functions = self.resources("AWS::Lambda::Function")
        text = json.dumps(reference)
        for name, alias in aliases.items():
            if f'"{name}"' in text:
                return target_of(alias["Properties"]["FunctionName"])
        (found,) = (name for name in functions if f'"{name}"' in text)
        return found

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


def synthesise(context: Context, artifacts: Artifacts | None = None) -> Synthesis:
    """Make the templates of a context.

    Args:
        context: What the CDK context says.
        artifacts: Code and layers; those of this machine whatever the stage, because what is in
            them is tested apart.
    """
    folder = Path(mkdtemp(prefix="cdk-"))
    app = App(
        outdir=str(folder),
        context=json.loads((REPOSITORY / "cdk.json").read_text())["context"],
        analytics_reporting=False,
        tree_metadata=False,
        builtin_cloud_formation_validation=False,
    )
    build(app, Deployment.from_context(context), artifacts or Artifacts(HOST))
    app.synth()
    templates = {path.name: json.loads(path.read_text()) for path in folder.glob("*.template.json")}
    nested = {name for name in templates if ".nested." in name}
    return Synthesis(
        folder,
        {
            **{
                name.split(".")[0].rsplit("-", 1)[1]: templates[name]
                for name in templates.keys() - nested
            },
            **{
                name.split(".")[0]: _with_parents_values(templates[name], templates)
                for name in nested
            },
        },
    )


def _with_parents_values(nested: dict[str, Any], templates: dict[str, Any]) -> dict[str, Any]:
    """Put what a nested stack is given in place of its parameters."""
    (given,) = (
        resource["Properties"]["Parameters"]
        for template in templates.values()
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::CloudFormation::Stack"
        and resource["Properties"].get("Parameters", {}).keys() == nested["Parameters"].keys()
    )

    def filled(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("Ref") in given:
                return given[value["Ref"]]
            return {name: filled(part) for name, part in value.items()}
        return [filled(part) for part in value] if isinstance(value, list) else value

    return {**nested, "Resources": filled(nested["Resources"])}


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
