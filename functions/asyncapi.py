"""The AsyncAPI 3 document of the chat's WebSocket, generated from the frames.

`python -m functions.asyncapi` prints it, `--check FILE` says whether a file holds something else.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel
from pydantic.json_schema import models_json_schema

from ayinel_live.connections.frames import BatchFrame, Event
from functions.asyncapi_examples import FRAMES as EXAMPLES
from functions.chat_socket.frames import FRAMES
from functions.openapi import PROBLEM_SCHEMA

_SCHEMA = "#/components/schemas/{model}"
_CHANNEL = {"$ref": "#/channels/chat"}
OUTBOUND: tuple[type[BaseModel], ...] = (*get_args(get_args(Event)[0]), BatchFrame)
# What answers a frame on the same connection; anything may be answered with a problem.
_REPLIES: Mapping[str, tuple[str, ...]] = {
    "send-message": ("message-accepted", "message-rejected", "problem"),
    "delete-message": ("problem",),
    "heartbeat": ("pong", "problem"),
    "resume": ("resumed", "batch", "problem"),
}
_ANY_TIME = "Any time: what came of a change, as events that may come more than once."


def build_document() -> dict[str, Any]:
    """Build the document, seen from the service: it receives frames and sends events.

    Returns:
        An AsyncAPI 3.0 document, ready for JSON.
    """
    inbound = dict(FRAMES)
    outbound = {_type_of(model): model for model in OUTBOUND}
    messages = {
        **{name: _message(name, model) for name, model in inbound.items()},
        **{name: _message(name, model) for name, model in outbound.items()},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Ayinel Live chat",
            "version": "1.0.0",
            "description": (
                "Chat, counts and the state of a stream over one WebSocket a viewer. The wire "
                "delivers at least once; events carry an id and a version, and a client drops "
                "what it has."
            ),
            "license": {
                "name": "Apache-2.0",
                "url": "https://www.apache.org/licenses/LICENSE-2.0",
            },
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {"chat": _chat_channel(messages)},
        "operations": _operations(inbound, outbound),
        "components": {
            "messages": dict(sorted(messages.items())),
            "schemas": _schemas(inbound.values(), outbound.values()),
        },
    }


def _servers() -> dict[str, Any]:
    return {
        "chat": {
            "host": "{host}",
            "pathname": "/{stage}",
            "protocol": "wss",
            "description": "What `chatUrl` of a chat ticket says; clients take it from there.",
            "variables": {
                "host": {"description": "The host of `chatUrl`."},
                "stage": {"description": "The path of `chatUrl`."},
            },
        }
    }


def _chat_channel(names: Iterable[str]) -> dict[str, Any]:
    ticket = {"type": "string", "description": "A chat ticket; it opens one connection, once."}
    return {
        "address": "/",
        "title": "One viewer's connection to one stream",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "ws": {
                "method": "GET",
                "query": {
                    "type": "object",
                    "required": ["ticket"],
                    "properties": {"ticket": ticket},
                },
            }
        },
    }


def _operations(inbound: Iterable[str], outbound: Iterable[str]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for name in inbound:
        operations[to_camel(name.replace("-", "_"))] = {
            "action": "receive",
            "channel": _CHANNEL,
            "messages": [_of_channel(name)],
            "reply": {
                "channel": _CHANNEL,
                "messages": [_of_channel(answer) for answer in _REPLIES[name]],
            },
        }
    operations["tell"] = {
        "action": "send",
        "channel": _CHANNEL,
        "summary": _ANY_TIME,
        "messages": [_of_channel(name) for name in outbound],
    }
    return operations


def _of_channel(name: str) -> dict[str, str]:
    return {"$ref": f"#/channels/chat/messages/{name}"}


def _message(name: str, model: type[BaseModel]) -> dict[str, Any]:
    words = inspect.cleandoc(model.__doc__ or "")
    message: dict[str, Any] = {
        "name": name,
        "title": model.__name__,
        "summary": words.split("\n\n", 1)[0].replace("\n", " "),
        "payload": {"$ref": _SCHEMA.format(model=model.__name__)},
    }
    message["examples"] = [{"name": name, "payload": dict(EXAMPLES[name])}]
    return message


def _schemas(
    inbound: Iterable[type[BaseModel]], outbound: Iterable[type[BaseModel]]
) -> dict[str, Any]:
    inputs: list[tuple[type[BaseModel], Any]] = [(model, "validation") for model in inbound]
    told = tuple(outbound)
    inputs += [(model, "serialization") for model in told]
    _, definitions = models_json_schema(inputs, by_alias=True, ref_template=_SCHEMA)
    schemas = dict(definitions["$defs"])
    for model in told:
        schemas[model.__name__] = _as_sent(schemas[model.__name__])
    schemas["ProblemFrame"]["properties"]["problem"] = {"$ref": _SCHEMA.format(model="Problem")}
    schemas["Problem"] = PROBLEM_SCHEMA
    return dict(sorted(schemas.items()))


def _as_sent(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Say of a frame what is true on the wire: its type is there, and no member is null."""
    properties = {name: _without_null(rule) for name, rule in schema["properties"].items()}
    required = sorted({"type", *schema.get("required", ())}, key=list(properties).index)
    return {**schema, "properties": properties, "required": required}


def _without_null(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "items" in rule and "discriminator" in rule["items"]:
        # OpenAPI's discriminator is an object, AsyncAPI's the member's name.
        name = rule["items"]["discriminator"]["propertyName"]
        return {**rule, "items": {**rule["items"], "discriminator": name}}
    choices = [choice for choice in rule.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) != 1:
        return dict(rule)
    kept = {key: value for key, value in rule.items() if key not in {"anyOf", "default"}}
    return {**kept, **choices[0]}


def _type_of(model: type[BaseModel]) -> str:
    name: str = model.model_fields["type"].default
    return name


def render() -> str:
    """Return the document as it is kept in `docs/asyncapi.json`."""
    return json.dumps(build_document(), indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Print the document, or with `--check FILE` compare it and say whether the file is stale."""
    parser = argparse.ArgumentParser(prog="python -m functions.asyncapi", description=__doc__)
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
