"""Opening a connection to a stream that its holder may still see.

A ticket is good for a minute, in which an invitation can be withdrawn or an UNLISTED stream become
PRIVATE. So the right is looked up once more, and only after the connection was written: whoever
loses the right later than that is found among the stream's connections and shut out.
"""

from __future__ import annotations

from typing import Protocol

from ayinel_live.audience.presence import JoinRequest, Presence
from ayinel_live.identity.callers import Caller
from ayinel_live.streams.model import LiveStream


class Streams(Protocol):
    """Reads streams."""

    def get_visible(
        self, stream_id: str, caller: Caller | None, *, is_consistent: bool
    ) -> LiveStream:
        """Return a stream that the caller may see."""
        ...


class Entrance:
    """Lets connections in.

    Args:
        presence: Knows who is there.
        streams: Reads streams.
    """

    def __init__(self, presence: Presence, streams: Streams) -> None:
        self._presence = presence
        self._streams = streams

    def enter(self, request: JoinRequest, caller: Caller | None, *, is_sight_certain: bool) -> None:
        """Open a connection.

        Args:
            request: The connection.
            caller: Who is signed in; None for nobody.
            is_sight_certain: Whether the ticket's holder cannot have lost the right to see the
                stream since, as with one that is PUBLIC: then nothing is looked up.

        Raises:
            NotFoundError: The stream is not for the caller's eyes any more.
            LiveError: As `Presence.join` raises.
        """
        self._presence.join(request)
        if is_sight_certain:
            return
        try:
            self._streams.get_visible(request.stream_id, caller, is_consistent=True)
        except Exception:
            # Refused, or nobody can tell: the gateway opens nothing, so nobody is there.
            self._presence.leave(request.connection_id, request.at, "refused")
            raise
