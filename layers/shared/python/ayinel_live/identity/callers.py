"""Who is calling, as the claims of a verified token say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError

from ayinel_live.runtime.errors import UnauthenticatedError
from ayinel_live.runtime.ids import UserId

MAX_DISPLAY_NAME = 64
_NAME_CLAIMS = ("name", "preferred_username", "username", "cognito:username")
_GROUP_CLAIMS = ("cognito:groups", "groups")
_USER_ID: TypeAdapter[str] = TypeAdapter(UserId)
# C0 and C1 controls, bidirectional overrides and isolates, line separators, the byte order mark.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person.

    Attributes:
        user_id: The token's `sub`.
        display_name: What others see; never empty.
        is_operator: Whether the token puts the person into the operator group.
        token_expires_at: When the token that said so ends.
    """

    user_id: str
    display_name: str
    is_operator: bool
    token_expires_at: datetime


def caller_from_claims(claims: Mapping[str, object], operator_group: str = "") -> Caller:
    """Read the caller from claims whose signature, issuer and audience are verified already.

    Args:
        claims: The claims; the gateway hands numbers and lists over as text.
        operator_group: The group whose members are operators; empty for none.

    Raises:
        UnauthenticatedError: There is no usable `sub`.
    """
    try:
        user_id = _USER_ID.validate_python(claims.get("sub"))
    except ValidationError:
        raise UnauthenticatedError("The token names nobody.") from None
    return Caller(
        user_id=user_id,
        display_name=_display_name(claims) or user_id[:8],
        is_operator=bool(operator_group) and operator_group in groups_of(claims),
        token_expires_at=_expiry(claims.get("exp")),
    )


def groups_of(claims: Mapping[str, object]) -> frozenset[str]:
    """Return the groups of a token, from a list or from the gateway's text form `[a b]`."""
    found: set[str] = set()
    for name in _GROUP_CLAIMS:
        value = claims.get(name)
        if isinstance(value, str):
            inner = value[1:-1] if value.startswith("[") and value.endswith("]") else value
            found.update(part.strip('"') for part in re.split(r"[\s,]+", inner) if part)
        elif isinstance(value, list | tuple):
            found.update(part for part in value if isinstance(part, str))
    return frozenset(found)


def _display_name(claims: Mapping[str, object]) -> str:
    for claim in _NAME_CLAIMS:
        value = claims.get(claim)
        if isinstance(value, str):
            cleaned = " ".join(_UNPRINTABLE.sub("", value).split())[:MAX_DISPLAY_NAME].strip()
            if cleaned:
                return cleaned
    return ""


def _expiry(value: object) -> datetime:
    try:
        return datetime.fromtimestamp(float(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        raise UnauthenticatedError("The token has no usable expiry.") from None
