"""What a creator asks for at a start, and gets."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.video.model import ChannelAccess, Quality, StreamKey


@dataclass(frozen=True, slots=True)
class StartRequest:
    """What a creator wants to broadcast."""

    title: str
    description: str
    visibility: Visibility
    quality: Quality

    def fingerprint(self) -> str:
        """Return a digest by which a repeat is told from another request."""
        parts = (self.title, self.description, self.visibility.value, self.quality.value)
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class StartedStream:
    """A stream that waits for its encoder.

    Attributes:
        stream: The stream.
        key: The secret to publish with; goes to the creator and nowhere else.
    """

    stream: LiveStream
    key: StreamKey


def access_for(visibility: Visibility) -> ChannelAccess:
    """Return which of a creator's channels a visibility goes through."""
    is_open = visibility is Visibility.PUBLIC
    return ChannelAccess.OPEN if is_open else ChannelAccess.AUTHORIZED
