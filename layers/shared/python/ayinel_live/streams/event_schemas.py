"""The JSON Schemas of the events on the platform's bus, as they are kept in `docs/events/`.

They are for consumers, so that they leave room for members that are added later. A change that a
consumer could trip over takes a new `version` and leaves the old file as it is.
"""

from __future__ import annotations

import json

from ayinel_live.runtime.names import EVENT_SOURCE
from ayinel_live.streams.domain_events import EVENT_MODELS, StreamEvent, UserErased

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
EventModel = type[StreamEvent] | type[UserErased]


def schema_name(model: EventModel) -> str:
    """Return the file that holds an event's schema."""
    return f"{model.detail_type}.v{model.model_fields['version'].default}.json"


def render_schema(model: EventModel) -> str:
    """Return an event's schema: the `detail` of the bus's envelope."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    # The model refuses unknown members, which is right for who sends and wrong for who reads.
    del schema["additionalProperties"]
    # Rules filter by it, and it is always sent; a default makes it look optional.
    schema["required"] = ["version", *schema["required"]]
    described = {
        "$schema": SCHEMA_DIALECT,
        "$id": f"{EVENT_SOURCE}/{schema_name(model)}",
        **schema,
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def render_all() -> dict[str, str]:
    """Return the text of every schema by the name of its file."""
    return {schema_name(model): render_schema(model) for model in EVENT_MODELS}
