"""Checks requests against botocore's model of IVS, the very one that callers use.

Unknown members are ignored, as AWS ignores them. Messages name the member and the rule and never
repeat the value.
"""

import re
import unicodedata
from functools import cache
from typing import NoReturn

import botocore.session
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from pydantic import JsonValue

from local.video.control.errors import ValidationError

# The model's pattern for any resource has one letter where the kind's word belongs.
_BROKEN_KIND = ":[a-z-]/"
_TAG_CATEGORIES = r"\p{L}\p{Z}\p{N}"
_TAG_PUNCTUATION = "_.:/=+-@"


@cache
def service_model() -> ServiceModel:
    """Returns botocore's model of IVS."""
    model: ServiceModel = botocore.session.get_session().get_service_model("ivs")
    return model


def operation(name: str) -> OperationModel | None:
    """Find an operation.

    Args:
        name: Its name, such as ``CreateChannel``.

    Returns:
        Its model, or nothing.
    """
    model = service_model()
    return model.operation_model(name) if name in model.operation_names else None


def check(shape: Shape, value: JsonValue, path: str = "") -> None:
    """Hold a value against a shape and everything below it.

    Args:
        shape: The model's shape.
        value: What came in.
        path: Where it stands in the request, for the message.

    Raises:
        ValidationError: If it breaks a rule.
    """
    if isinstance(shape, StructureShape):
        _check_structure(shape, value, path)
    elif isinstance(shape, ListShape):
        if not isinstance(value, list):
            _fail(path, "must be a list")
        _check_range(shape, len(value), path, "length")
        for index, item in enumerate(value):
            check(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        if not isinstance(value, dict):
            _fail(path, "must be an object")
        _check_range(shape, len(value), path, "length")
        for key, item in value.items():
            check(shape.key, key, f"{path}.key")
            check(shape.value, item, f"{path}.value")
    else:
        _check_scalar(shape, value, path)


def _check_structure(shape: StructureShape, value: JsonValue, path: str) -> None:
    if not isinstance(value, dict):
        _fail(path, "must be an object")
    for name, member in shape.members.items():
        given = value.get(name)
        where = f"{path}.{name}" if path else name
        if given is not None:
            check(member, given, where)
        elif name in shape.required_members:
            _fail(where, "must not be null")


def _check_scalar(shape: Shape, value: JsonValue, path: str) -> None:
    kind = shape.type_name
    if kind == "string":
        if not isinstance(value, str):
            _fail(path, "must be a string")
        _check_range(shape, len(value), path, "length")
        _check_text(shape, value, path)
    elif kind in ("integer", "long"):
        if not isinstance(value, int) or isinstance(value, bool):
            _fail(path, "must be an integer")
        _check_range(shape, value, path, "value")
    elif kind == "boolean" and not isinstance(value, bool):
        _fail(path, "must be a boolean")


def _check_text(shape: Shape, value: str, path: str) -> None:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        _fail(path, f"must satisfy enum value set: [{', '.join(allowed)}]")
    pattern = shape.metadata.get("pattern")
    if pattern and not _matches(pattern, value):
        _fail(path, f"must satisfy regular expression pattern: {pattern}")


def _matches(pattern: str, value: str) -> bool:
    if _TAG_CATEGORIES in pattern:
        return all(
            character in _TAG_PUNCTUATION or unicodedata.category(character)[0] in "LZN"
            for character in value
        )
    return re.fullmatch(pattern.replace(_BROKEN_KIND, ":[a-z-]+/"), value) is not None


def _check_range(shape: Shape, number: int, path: str, what: str) -> None:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and number < least:
        _fail(path, f"must have {what} greater than or equal to {least}")
    if most is not None and number > most:
        _fail(path, f"must have {what} less than or equal to {most}")


def _fail(path: str, rule: str) -> NoReturn:
    raise ValidationError(
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: "
        f"Member {rule}"
    )
