from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from functions.openapi import render
from functions.routes import API_FUNCTIONS, routes_of
from local.layout import REPOSITORY
from tests.contract.schemas import document

METHODS = {"get", "put", "post", "patch", "delete"}
# Run in a process of its own: handlers bind tables and make clients when they are imported.
LISTING = """
import importlib, json, os, sys
from ayinel_live.runtime.settings import FunctionSettings, environment_names
name = sys.argv[1]
module = importlib.import_module(f"functions.{name}.settings")
(settings,) = [
    kind for kind in vars(module).values()
    if isinstance(kind, type) and kind.__module__ == module.__name__
    and issubclass(kind, FunctionSettings)
]
for variable in environment_names(settings)[0]:
    os.environ[variable] = "https://placeholder.test"
os.environ["INGEST_SCHEME"], os.environ["VIDEO_PROVIDER"] = "rtmps", "ivs"
os.environ["HISTORY_KIND"] = "postgres"
handler = importlib.import_module(f"functions.{name}.handler").handler
print(json.dumps(sorted(handler.route_keys)))
"""


def documented() -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, item in document("openapi.json")["paths"].items()
        for method in item
        if method in METHODS
    }


def test_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(document("openapi.json")).validate()


def test_document_is_what_the_routes_give() -> None:
    assert json.loads(render()) == document("openapi.json")


def test_every_route_is_documented_once() -> None:
    keys = [route.key for function in API_FUNCTIONS for route in routes_of(function)]
    assert len(keys) == len(set(keys))
    assert set(keys) == documented()


@pytest.mark.parametrize("function", API_FUNCTIONS)
def test_function_serves_its_routes_and_no_other(function: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LISTING, function],
        cwd=REPOSITORY,
        env={**os.environ, "AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    served = set(json.loads(done.stdout.splitlines()[-1]))
    assert served == {route.key for route in routes_of(function)}


def test_operations_have_names_summaries_and_problems() -> None:
    paths = document("openapi.json")["paths"]
    operations = [paths[path][method] for path in paths for method in paths[path]]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    for operation in operations:
        assert operation["summary"].strip()
        problems = {status for status in operation["responses"] if int(status) >= 400}
        assert {"400", "429", "500"} <= problems, operation["operationId"]
        for status in problems:
            assert "application/problem+json" in operation["responses"][status]["content"]


def examples(
    node: Any,
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield every place that may bear an example, with the example or None."""
    if isinstance(node, dict):
        if "schema" in node:
            yield node["schema"], node.get("example")
        for part in node.values():
            yield from examples(part)
    elif isinstance(node, list):
        for part in node:
            yield from examples(part)


def test_every_body_parameter_and_problem_has_an_example_that_its_schema_allows() -> None:
    whole = document("openapi.json")
    found = list(examples(whole["paths"]))
    assert len(found) > 400
    for schema, example in found:
        assert example is not None, schema
        rooted = {**schema, "components": whole["components"]}
        faults = list(Draft202012Validator(rooted).iter_errors(example))
        assert not faults, (schema, [fault.message for fault in faults])


def test_examples_of_problems_bear_the_status_that_they_stand_under() -> None:
    problems = [
        (int(status), answer["content"]["application/problem+json"]["example"])
        for item in document("openapi.json")["paths"].values()
        for operation in item.values()
        for status, answer in operation["responses"].items()
        if "application/problem+json" in answer.get("content", {})
    ]
    assert len(problems) > 100
    for status, example in problems:
        assert example["status"] == status
        assert example["type"].startswith("https://")


def test_path_parameters_are_declared() -> None:
    for path, item in document("openapi.json")["paths"].items():
        wanted = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        for operation in item.values():
            given = {p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"}
            assert given == wanted, path
