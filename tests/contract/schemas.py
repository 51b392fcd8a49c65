"""Validators of the published documents, as a client's author would build them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from jsonschema import Draft7Validator, Draft202012Validator, FormatChecker

from local.layout import REPOSITORY

DOCS = REPOSITORY / "docs"
ASYNCAPI_SCHEMA = (
    REPOSITORY / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
)


def document(name: str) -> dict[str, Any]:
    """Read a document of `docs/`."""
    text: dict[str, Any] = json.loads((DOCS / name).read_text(encoding="utf-8"))
    return text


def asyncapi_faults(candidate: dict[str, Any]) -> list[str]:
    """Say what AsyncAPI's own schema has against a document."""
    schema = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    return [fault.message for fault in Draft7Validator(schema).iter_errors(candidate)]


@cache
def frame_validator(name: str) -> Draft202012Validator:
    """Return the validator of a frame's payload.

    Args:
        name: The message's name in the AsyncAPI document, such as `viewer-count`.
    """
    chat = document("asyncapi.json")
    payload = chat["components"]["messages"][name]["payload"]
    rooted = {**payload, "components": chat["components"]}
    return Draft202012Validator(rooted, format_checker=FormatChecker(formats=["date-time"]))


def frame_faults(frame: dict[str, Any]) -> list[str]:
    """Say what the AsyncAPI document has against a frame that the service sent."""
    validator = frame_validator(frame["type"])
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(frame)]


@cache
def event_validator(detail_type: str, *, is_strict: bool = False) -> Draft202012Validator:
    """Return the validator of a bus event's detail.

    Args:
        detail_type: Of the event.
        is_strict: Whether members are refused that the schema does not know: for what we send, of
            which the schema has to tell everything. Consumers have to bear new ones.
    """
    schema = document(f"events/{detail_type}.v1.json")
    if is_strict:
        schema["additionalProperties"] = False
    return Draft202012Validator(schema, format_checker=FormatChecker(formats=["date-time"]))
