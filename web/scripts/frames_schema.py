"""Print the JSON Schema of the WebSocket frames, for the TypeScript types of `npm run generate`."""

from __future__ import annotations

import json
import sys

from pydantic import TypeAdapter

from ayinel_live.connections.frames import BatchFrame, Event


def main() -> None:
    """Print the schema of any outbound frame."""
    schema = TypeAdapter(Event | BatchFrame).json_schema(by_alias=True, mode="serialization")
    json.dump({"title": "OutboundFrame", **schema}, sys.stdout, indent=2, sort_keys=True)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
