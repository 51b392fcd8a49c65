from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from functions.asyncapi import OUTBOUND, build_document
from functions.chat_socket.frames import FRAMES, parse_frame
from tests.contract.schemas import asyncapi_faults, document, frame_faults, frame_validator

CHAT = document("asyncapi.json")
MESSAGES: dict[str, dict[str, Any]] = CHAT["components"]["messages"]
EXAMPLES = [
    (name, example["payload"])
    for name, message in MESSAGES.items()
    for example in message.get("examples", ())
]


def resolved(pointer: str) -> Any:
    found: Any = CHAT
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return found


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return here + [ref for value in node.values() for ref in references(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in references(value)]
    return []


def test_document_is_valid_asyncapi() -> None:
    assert asyncapi_faults(CHAT) == []


def test_validator_sees_a_broken_document() -> None:
    broken = copy.deepcopy(CHAT)
    broken["operations"]["heartbeat"]["action"] = "shout"
    assert asyncapi_faults(broken)


def test_document_is_what_the_frames_give() -> None:
    assert build_document() == CHAT


def test_every_reference_leads_somewhere() -> None:
    found = list(references(CHAT))
    assert found
    for reference in found:
        assert resolved(reference) is not None, reference


def test_every_frame_is_documented() -> None:
    outbound = {model.model_fields["type"].default for model in OUTBOUND}
    assert set(MESSAGES) == {*FRAMES, *outbound}
    assert set(CHAT["channels"]["chat"]["messages"]) == set(MESSAGES)


def test_every_frame_has_an_example() -> None:
    assert {name for name, _ in EXAMPLES} == set(MESSAGES)


@pytest.mark.parametrize(("name", "payload"), EXAMPLES)
def test_examples_keep_to_their_schema(name: str, payload: dict[str, Any]) -> None:
    assert list(frame_validator(name).iter_errors(payload)) == []


@pytest.mark.parametrize(
    ("name", "payload"), [(name, payload) for name, payload in EXAMPLES if name in FRAMES]
)
def test_examples_of_inbound_frames_are_understood(name: str, payload: dict[str, Any]) -> None:
    frame = parse_frame({"body": json.dumps(payload)})
    assert type(frame) is FRAMES[name]


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "pong", "newestChangeId": "not-an-id"},
        {"type": "pong", "newestChangeId": None},
        {"type": "viewer-count", "streamId": "01JZ7Q4M8XV0T3K5N9R2C6B1DA", "viewerCount": 1},
        {"type": "batch", "events": [{"type": "no-such-event"}]},
    ],
)
def test_schemas_refuse_what_the_service_never_sends(frame: dict[str, Any]) -> None:
    assert frame_faults(frame)
