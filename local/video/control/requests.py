"""Reading checked requests, and cutting lists into pages."""

import base64
import binascii
from collections.abc import Sequence

from pydantic import JsonValue

from local.video.control.errors import ValidationError
from local.video.resources import JsonObject

DEFAULT_PAGE = 50


def text(request: JsonObject, name: str) -> str:
    """Returns a string member, empty if it was left out.

    Args:
        request: The request's members.
        name: Which one.
    """
    value = request.get(name)
    return value if isinstance(value, str) else ""


def texts(request: JsonObject, name: str) -> list[str]:
    """Returns a list of strings, empty if it was left out.

    Args:
        request: The request's members.
        name: Which one.
    """
    value = request.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def integer(request: JsonObject, name: str, default: int) -> int:
    """Returns an integer member.

    Args:
        request: The request's members.
        name: Which one.
        default: Stands in for one that was left out.
    """
    value = request.get(name)
    return value if isinstance(value, int) else default


def tags(request: JsonObject) -> dict[str, str]:
    """Returns the tags of a request.

    Args:
        request: The request's members.

    Raises:
        ValidationError: If one begins with the prefix that AWS keeps for itself.
    """
    value = request.get("tags")
    given = value if isinstance(value, dict) else {}
    if any(key.lower().startswith("aws:") for key in given):
        raise ValidationError("Tag keys must not begin with aws:")
    return {key: item for key, item in given.items() if isinstance(item, str)}


def given(request: JsonObject, names: Sequence[str]) -> JsonObject:
    """Returns those of some members that were given.

    Args:
        request: The request's members.
        names: Which ones.
    """
    return {name: request[name] for name in names if request.get(name) is not None}


def page(name: str, items: Sequence[JsonObject], request: JsonObject) -> JsonObject:
    """Answer with one page of a list.

    Args:
        name: The answer's member that holds the items.
        items: All of them, in a stable order.
        request: Its ``maxResults`` and ``nextToken`` say which page.

    Returns:
        The answer.

    Raises:
        ValidationError: If the token was not made here.
    """
    start = _start(text(request, "nextToken"), name)
    size = integer(request, "maxResults", DEFAULT_PAGE)
    shown: list[JsonValue] = [*items[start : start + size]]
    answer: JsonObject = {name: shown}
    if start + size < len(items):
        answer["nextToken"] = base64.urlsafe_b64encode(f"{name}:{start + size}".encode()).decode()
    return answer


def _start(token: str, name: str) -> int:
    if not token:
        return 0
    try:
        made_for, _, number = base64.urlsafe_b64decode(token).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValidationError("The pagination token is not valid") from error
    if made_for != name or not number.isdecimal():
        raise ValidationError("The pagination token is not valid")
    return int(number)
