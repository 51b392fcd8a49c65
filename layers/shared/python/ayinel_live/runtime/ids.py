"""Identifiers: ULIDs (https://github.com/ulid/spec), 26 characters that sort by time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

ULID_PATTERN = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"

StreamId = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
MessageId = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
ChangeId = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
# A token's `sub`: Cognito's are UUIDs, other OpenID Connect issuers give up to 255 ASCII characters
# (OpenID Connect Core 1.0, section 2).
UserId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:@|+=-]{1,255}$")]
ViewerId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:@|+=-]{1,255}$")]


def new_ulid(moment: datetime) -> str:
    """Make a ULID for a time.

    Args:
        moment: Aware time that the first 48 bits hold, in milliseconds.
    """
    # It asks for its own version when imported, with all that reads metadata of packages.
    from ulid import ULID

    return str(ULID.from_datetime(moment))
