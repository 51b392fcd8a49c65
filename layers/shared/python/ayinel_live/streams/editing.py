"""Changing what a stream is called and who may see it."""

from __future__ import annotations

from dataclasses import dataclass

from ayinel_live.runtime.errors import ConflictError
from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.start_request import access_for
from ayinel_live.streams.store import StreamStore


@dataclass(frozen=True, slots=True)
class StreamChanges:
    """What changes; None leaves a field alone."""

    title: str | None = None
    description: str | None = None
    visibility: Visibility | None = None


class StreamEditing:
    """Changes streams.

    Args:
        streams: Where streams are kept.
    """

    def __init__(self, streams: StreamStore) -> None:
        self._streams = streams

    def change(self, stream_id: str, changes: StreamChanges) -> LiveStream:
        """Change a stream.

        Args:
            stream_id: The stream.
            changes: What changes.

        Raises:
            NotFoundError: There is no such stream.
            ConflictError: The new visibility needs the creator's other channel, and the encoder
                has the address and key of this one.
        """

        def apply(record: StreamRecord) -> StreamRecord:
            stream = record.stream
            visibility = changes.visibility or stream.visibility
            if not self._streams.as_of_now(stream).is_over:
                _require_same_channel(stream, visibility)
            wanted = {
                "title": changes.title if changes.title is not None else stream.title,
                "description": stream.description
                if changes.description is None
                else changes.description,
                "visibility": visibility,
            }
            if all(getattr(stream, name) == value for name, value in wanted.items()):
                return record
            return record.with_stream(**wanted)

        _, after = self._streams.change(stream_id, apply)
        return self._streams.as_of_now(after.stream)


def _require_same_channel(stream: LiveStream, visibility: Visibility) -> None:
    if access_for(visibility) is not access_for(stream.visibility):
        raise ConflictError(
            "An open broadcast cannot change between PUBLIC and the others.",
            code="visibility-fixed",
            extra={"visibility": stream.visibility.value},
        )
