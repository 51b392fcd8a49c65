"""Ids of visible changes: ULIDs that only grow within one process.

Two changes of one millisecond would otherwise sort by chance. Between processes clocks may differ,
which is why resume reads with an overlap.
"""

from __future__ import annotations

from datetime import datetime

from ayinel_live.runtime.ids import new_ulid


class ChangeIds:
    """Makes change ids."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: datetime) -> str:
        """Return an id that is greater than every one before.

        Args:
            now: The current time.
        """
        from ulid import ULID

        self._last = max(int(ULID.from_str(new_ulid(now))), self._last + 1)
        return str(ULID.from_int(self._last))


def first_of(moment: datetime) -> str:
    """Return the smallest ULID of a time, for reading everything since."""
    from ulid import ULID

    return str(ULID.from_bytes(round(moment.timestamp() * 1000).to_bytes(6) + bytes(10)))
