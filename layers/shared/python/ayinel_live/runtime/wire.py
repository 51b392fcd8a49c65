"""The base of every body and frame: frozen, camelCase on the wire, unknown members refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel

from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.errors import InvalidInputError

ModelT = TypeVar("ModelT", bound=BaseModel)
_WrittenTime = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
WireTime = Annotated[
    datetime, PlainSerializer(to_rfc3339, return_type=_WrittenTime, when_used="json")
]


class WireModel(BaseModel):
    """A JSON object on the wire; unknown members are refused, which also stops mass assignment."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        serialize_by_alias=True,
        # A function starts with many models and answers its first request with two.
        defer_build=True,
    )


def parse_wire(model: type[ModelT], body: bytes | str) -> ModelT:
    """Parse and validate a JSON body.

    Args:
        model: What the body must be.
        body: The JSON text.

    Raises:
        InvalidInputError: Malformed JSON or a broken field rule; `errors` in the problem lists each
            place and rule, never the value that was sent.
    """
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise invalid_input_from(error) from None


def invalid_input_from(error: ValidationError) -> InvalidInputError:
    """Translate pydantic's report into a problem that names places and rules, not input."""
    faults = [
        {"field": ".".join(str(part) for part in fault["loc"]) or "body", "message": fault["msg"]}
        for fault in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    if len(faults) == 1 and faults[0]["field"] == "body":
        detail = "The body is not valid JSON of the expected shape."
    else:
        detail = (
            "Some fields are not valid: " + ", ".join(fault["field"] for fault in faults[:10]) + "."
        )
    return InvalidInputError(detail, extra={"errors": faults[:20]})
