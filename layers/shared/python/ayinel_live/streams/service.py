"""Reading streams, with the right to see them decided in one place."""

from __future__ import annotations

from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.errors import ForbiddenError
from ayinel_live.streams.access import StoredRights, StreamRights, require_sight
from ayinel_live.streams.model import LiveStream
from ayinel_live.streams.store import StreamStore


class StreamReader:
    """Streams for whoever asks.

    Args:
        streams: Where streams lie.
        rights: What is known of people's rights.
    """

    def __init__(
        self, streams: StreamStore | None = None, rights: StreamRights | None = None
    ) -> None:
        self._streams = streams or StreamStore()
        self._rights = rights or StoredRights()

    def get(self, stream_id: str) -> LiveStream:
        """Return a stream, whoever asks.

        Raises:
            NotFoundError: There is none.
        """
        return self._streams.get(stream_id)

    def get_visible(
        self, stream_id: str, caller: Caller | None, *, is_consistent: bool = False
    ) -> LiveStream:
        """Return a stream that the caller may see.

        Args:
            stream_id: Its id.
            caller: Who asks; None for somebody unknown.
            is_consistent: Whether the newest write must be seen.

        Raises:
            NotFoundError: There is none, or none that the caller may know of.
        """
        stream = self._streams.get(stream_id, is_consistent=is_consistent)
        require_sight(stream, caller, self._rights)
        return stream

    def get_owned(self, stream_id: str, caller: Caller, *, or_operator: bool = False) -> LiveStream:
        """Return a stream that is the caller's own.

        Args:
            stream_id: Its id.
            caller: Who asks.
            or_operator: Whether an operator passes too.

        Raises:
            NotFoundError: There is none, or none that the caller may know of.
            ForbiddenError: It is somebody else's.
        """
        stream = self._streams.get(stream_id, is_consistent=True)
        if stream.user_id == caller.user_id or (or_operator and caller.is_operator):
            return stream
        require_sight(stream, caller, self._rights)
        raise ForbiddenError("Only the stream's owner may do this.", code="not-the-owner")
