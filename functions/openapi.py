"""The OpenAPI 3.1 document, generated from the routes.

`python -m functions.openapi` prints it, `--check FILE` says whether a file holds something else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from functions.openapi_examples import (
    BODIES,
    CSV,
    PARAMETERS,
    gateway_example,
    problem_example,
)
from functions.routes import API_FUNCTIONS, Access, Route, routes_of

_REF = "#/components/schemas/{model}"
References = Mapping[tuple[Any, str], str]
PROBLEM_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": (
        "A fault (RFC 9457). `code` is a fixed slug that a client can act on; docs/problems.md "
        "explains each."
    ),
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "retryAfterSeconds": {"type": "number", "minimum": 0},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
    "additionalProperties": True,
}
# As RFC 9110 calls them, and Python since 3.13: the document is the same whoever generates it.
_PHRASES = {413: "Content Too Large", 422: "Unprocessable Content"}
# The gateway answers these itself, with its own body.
_GATEWAY_MESSAGE = {
    "type": "object",
    "properties": {"message": {"type": "string"}},
    "additionalProperties": True,
}


def build_document(routes: Iterable[Route]) -> dict[str, Any]:
    """Build the document.

    Args:
        routes: The routes of all functions.

    Returns:
        An OpenAPI 3.1 document, ready for JSON.
    """
    listed = sorted(routes, key=lambda route: (route.full_path, route.method))
    inputs: list[tuple[type[BaseModel], Any]] = []
    for route in listed:
        if route.request is not None:
            inputs.append((route.request, "validation"))
        if route.response is not None:
            inputs.append((route.response, "serialization"))
    references, definitions = models_json_schema(inputs, by_alias=True, ref_template=_REF)
    bodies: References = {key: reference["$ref"] for key, reference in references.items()}
    schemas = dict(definitions.get("$defs", {}))
    schemas["Problem"] = PROBLEM_SCHEMA
    schemas["GatewayMessage"] = _GATEWAY_MESSAGE
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.full_path, {})[route.method.lower()] = _operation(route, bodies)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ayinel Live",
            "version": "1.0.0",
            "description": "Live broadcasting: streams, chat, audience and analytics.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _operation(route: Route, bodies: References) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": route.operation, "summary": route.summary}
    if route.access is Access.SIGNED_IN:
        operation["security"] = [{"bearer": []}]
    elif route.access is Access.OPTIONAL_TOKEN:
        operation["security"] = [{}, {"bearer": []}]
    parameters = _parameters(route)
    if parameters:
        operation["parameters"] = parameters
    if route.request is not None:
        schema = {"$ref": bodies[(route.request, "validation")]}
        content = {"schema": schema, "example": BODIES[route.request.__name__]}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    operation["responses"] = _responses(route, bodies)
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    if route.parameters is None:
        return []
    schema = route.parameters.model_json_schema(by_alias=True, ref_template=_REF)
    required = set(schema.get("required", ()))
    entries = []
    for name, rule in schema.get("properties", {}).items():
        in_path = "{" + name + "}" in route.path
        entry: dict[str, Any] = {
            "name": name,
            "in": "path" if in_path else "query",
            "required": in_path or name in required,
            "schema": {key: value for key, value in rule.items() if key != "title"},
            "example": PARAMETERS[name],
        }
        if "description" in entry["schema"]:
            entry["description"] = entry["schema"].pop("description")
        entries.append(entry)
    return entries


def _responses(route: Route, bodies: References) -> dict[str, Any]:
    success: dict[str, Any] = {"description": HTTPStatus(route.status).phrase}
    if route.response is not None:
        reference = {"$ref": bodies[(route.response, "serialization")]}
        example = BODIES[route.response.__name__]
        success["content"] = {
            media: {"schema": reference, "example": example}
            if media.endswith("json")
            else {"schema": {"type": "string"}, "example": CSV}
            for media in route.response_media_types
        }
    responses = {str(route.status): success}
    statuses = {400, 429, 500, 503, *route.problems}
    if route.access is not Access.ANYONE:
        statuses.add(401)
    if route.request is not None:
        statuses |= {413, 415}
    for status in sorted(statuses):
        problem = {"$ref": _REF.format(model="Problem")}
        content: dict[str, Any] = {
            "application/problem+json": {"schema": problem, "example": problem_example(status)}
        }
        if status in {401, 429, 500, 503}:
            message = {"$ref": _REF.format(model="GatewayMessage")}
            told = gateway_example(status)
            content["application/json"] = {"schema": message, "example": told}
        phrase = _PHRASES.get(status) or HTTPStatus(status).phrase
        responses[str(status)] = {"description": phrase, "content": content}
    return responses


def render() -> str:
    """Return the document of all functions as it is kept in `docs/openapi.json`."""
    routes = [route for function in API_FUNCTIONS for route in routes_of(function)]
    return json.dumps(build_document(routes), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Print the document, or with `--check FILE` compare it and say whether the file is stale."""
    parser = argparse.ArgumentParser(prog="python -m functions.openapi", description=__doc__)
    parser.add_argument("--check", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    text = render()
    if arguments.check is None:
        sys.stdout.write(text)
        return 0
    if not arguments.check.exists() or arguments.check.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{arguments.check} is stale: run `make docs`.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
