"""Reading a stream record's images, attribute by attribute, by the names of the item classes.

PynamoDB would build whole items at some 100 µs each; of an image we want a few attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from pynamodb.attributes import Attribute

Image: TypeAlias = Mapping[str, Mapping[str, Any]]
NamedAttribute: TypeAlias = Attribute[Any]


class BadImageError(Exception):
    """An image lacks what its table says it has, or holds something of another type."""


def text(image: Image, attribute: NamedAttribute) -> str:
    """Return a text attribute that must be there.

    Raises:
        BadImageError: It is absent or no text.
    """
    value = _value(image, attribute, "S")
    if not isinstance(value, str):
        raise BadImageError(f"{attribute.attr_name} is missing")
    return value


def optional_text(image: Image, attribute: NamedAttribute) -> str | None:
    """Return a text attribute, or None."""
    value = _value(image, attribute, "S")
    return None if value is None else str(value)


def whole(image: Image, attribute: NamedAttribute, default: int = 0) -> int:
    """Return a whole number, or the default where it is absent."""
    value = _value(image, attribute, "N")
    return default if value is None else _number(attribute, value)


def optional_whole(image: Image, attribute: NamedAttribute) -> int | None:
    """Return a whole number, or None."""
    value = _value(image, attribute, "N")
    return None if value is None else _number(attribute, value)


def flag(image: Image, attribute: NamedAttribute) -> bool:
    """Return a truth value, False where it is absent."""
    return bool(_value(image, attribute, "BOOL"))


def texts(image: Image, attribute: NamedAttribute) -> tuple[str, ...]:
    """Return a list of texts, empty where it is absent."""
    value = _value(image, attribute, "L") or ()
    return tuple(str(entry["S"]) for entry in value)


def flat_map(image: Image, attribute: NamedAttribute) -> dict[str, str | int | float]:
    """Return a map of texts and numbers, empty where it is absent; other members are left out."""
    found: dict[str, str | int | float] = {}
    for name, value in (_value(image, attribute, "M") or {}).items():
        if "S" in value:
            found[name] = value["S"]
        elif "N" in value:
            number = float(value["N"])
            found[name] = int(number) if number.is_integer() else number
    return found


def _value(image: Image, attribute: NamedAttribute, kind: str) -> Any:
    typed = image.get(attribute.attr_name or "")
    if typed is None or "NULL" in typed:
        return None
    if kind not in typed:
        raise BadImageError(f"{attribute.attr_name} is not of type {kind}")
    return typed[kind]


def _number(attribute: NamedAttribute, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        raise BadImageError(f"{attribute.attr_name} is no whole number") from None
