"""Cursors of paged answers: where the next page starts, signed so that nobody can make one up.

A cursor is bound to the list it belongs to; shown to another list, or changed, it is refused.
"""

from __future__ import annotations

import json

from ayinel_live.identity.signatures import Secrets, Signer, decode, encode
from ayinel_live.runtime.errors import InvalidInputError

_PURPOSE = "cursor"
MAX_CURSOR_CHARACTERS = 2048


class Cursors:
    """Makes and reads cursors.

    Args:
        secrets: Where the signing secrets come from.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._signer = Signer(secrets, _PURPOSE)

    def seal(self, scope: str, position: str) -> str:
        """Return the cursor for a position.

        Args:
            scope: The list with everything that chooses its content, such as `messages#<stream>`.
            position: Where its next page starts.
        """
        payload = encode(json.dumps([scope, position], separators=(",", ":")).encode())
        return f"{payload}.{self._signer.sign(payload.encode())}"

    def open(self, scope: str, cursor: str) -> str:
        """Return the position that a cursor holds.

        Args:
            scope: The list that is being read.
            cursor: As the caller sent it.

        Raises:
            InvalidInputError: It is not a cursor of this list.
        """
        payload, _, signature = cursor.partition(".")
        if len(cursor) <= MAX_CURSOR_CHARACTERS and self._signer.verify(
            payload.encode("utf-8", "replace"), signature
        ):
            sealed_scope, position = json.loads(decode(payload))
            if sealed_scope == scope:
                return str(position)
        raise InvalidInputError("The cursor does not belong to this list.", code="bad-cursor")
