"""A person's standing in a creator's channel, and what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import ForbiddenError

# 9999-12-31T00:00:00Z in epoch milliseconds: a ban without an end.
FOR_GOOD = 253_402_214_400_000
TIME_OUT_SECONDS_MIN = 1
TIME_OUT_SECONDS_MAX = 14 * 24 * 3600


def _refuse_controls(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line without control characters")
    return text


Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=300),
    AfterValidator(_refuse_controls),
]
# How far back a sanction may take messages away: as long as a time-out may last.
RemoveMessagesSeconds = Annotated[int, Field(ge=1, le=TIME_OUT_SECONDS_MAX)]
TimeOutSeconds = Annotated[int, Field(ge=TIME_OUT_SECONDS_MIN, le=TIME_OUT_SECONDS_MAX)]


class Role(StrEnum):
    """What a person is in a channel; the creator is nobody's member."""

    MODERATOR = "moderator"
    VIEWER = "viewer"


class Sanction(StrEnum):
    """What was done to a person: shut out, or silenced for a time."""

    BAN = "ban"
    TIME_OUT = "time-out"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts on a channel.

    Attributes:
        user_id: The person.
        is_operator: Whether the person runs the installation.
    """

    user_id: str
    is_operator: bool = False

    @classmethod
    def from_caller(cls, caller: Caller) -> Actor:
        """Return the actor behind a signed-in caller."""
        return cls(caller.user_id, caller.is_operator)

    def rules(self, owner_id: str) -> bool:
        """Say whether the person may do anything in a channel, by being its owner or operator."""
        return self.is_operator or self.user_id == owner_id


@dataclass(frozen=True, slots=True)
class Member:
    """A person's standing in a creator's channel.

    Attributes:
        owner_id: The creator.
        user_id: The person.
        role: What the person is there.
        banned_until: Epoch milliseconds, `FOR_GOOD` for a ban without an end, or None.
        muted_until: End of the time-out in epoch milliseconds, or None.
        reason: Why the person was sanctioned.
        sanctioned_by: Who did it.
        sanctioned_at: When.
        following_since: Epoch milliseconds, or None.
    """

    owner_id: str
    user_id: str
    role: Role = Role.VIEWER
    banned_until: int | None = None
    muted_until: int | None = None
    reason: str | None = None
    sanctioned_by: str | None = None
    sanctioned_at: datetime | None = None
    following_since: int | None = None

    def is_banned(self, now: datetime) -> bool:
        """Say whether a ban is in force."""
        return self.banned_until is not None and self.banned_until > to_milliseconds(now)

    def is_muted(self, now: datetime) -> bool:
        """Say whether a time-out is in force."""
        return self.muted_until is not None and self.muted_until > to_milliseconds(now)


class NotModeratorError(ForbiddenError):
    """The actor does not moderate the channel."""

    code = "not-a-moderator"

    def __init__(self) -> None:
        super().__init__("Only the channel's creator and its moderators can do this.")
