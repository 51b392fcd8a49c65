"""The JSON Schemas of the events on the platform's bus: `python -m functions.event_schemas`.

They are for consumers, so that they leave room for members that are added later. A change that a
consumer could trip over takes a new `version` and leaves the old file as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ayinel_live.runtime.names import EVENT_SOURCE
from ayinel_live.streams.domain_events import EVENT_MODELS, StreamEvent, UserErased
from functions.event_examples import EXAMPLES

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"
EventModel = type[StreamEvent] | type[UserErased]


def schema_name(model: EventModel) -> str:
    """Return the file that holds an event's schema."""
    return f"{model.detail_type}.v{model.model_fields['version'].default}.json"


def render_schema(model: EventModel) -> str:
    """Return an event's schema with an example: the `detail` of the bus's envelope."""
    schema = model.model_json_schema(by_alias=True, mode="serialization")
    # The model refuses unknown members, which is right for who sends and wrong for who reads.
    del schema["additionalProperties"]
    # Rules filter by it, and it is always sent; a default makes it look optional.
    schema["required"] = ["version", *schema["required"]]
    examples = [
        example.model_dump(by_alias=True, mode="json", exclude_none=True)
        for example in EXAMPLES
        if type(example) is model
    ]
    described = {
        "$schema": SCHEMA_DIALECT,
        "$id": f"{EVENT_SOURCE}/{schema_name(model)}",
        **schema,
        "examples": examples,
    }
    return json.dumps(described, indent=2, ensure_ascii=False) + "\n"


def render_all() -> dict[str, str]:
    """Return the text of every schema by the name of its file."""
    return {schema_name(model): render_schema(model) for model in EVENT_MODELS}


def stale(folder: Path) -> list[str]:
    """Return the names of the schemas that a folder lacks or has otherwise.

    Args:
        folder: Where they are kept. Schemas of versions that are no longer sent may stay there.
    """
    return [
        name
        for name, text in render_all().items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write the schemas into a folder, or with `--check` say which of them are stale."""
    parser = argparse.ArgumentParser(prog="python -m functions.event_schemas", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    if not arguments.check:
        for name, text in render_all().items():
            (arguments.folder / name).write_text(text, encoding="utf-8")
        return 0
    names = stale(arguments.folder)
    if names:
        sys.stderr.write(f"{', '.join(names)} in {arguments.folder} are stale: run `make docs`.\n")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
