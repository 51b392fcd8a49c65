"""What is kept of an ended stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from ayinel_live.audience.series import MinutePoint


def viewer_key(viewer_id: str) -> UUID:
    """Return a viewer's pseudonym.

    Viewer ids are random (122 bits of a UUID, 80 of a ULID), so nobody comes from the pseudonym
    back to the id, while whoever holds the id (the person who asks for erasure) finds the rows.

    Args:
        viewer_id: A user id, or a signed id of somebody anonymous.
    """
    return UUID(bytes=sha256(b"ayinel-live/viewer\x00" + viewer_id.encode()).digest()[:16])


@dataclass(frozen=True, slots=True)
class ViewSession:
    """One view of one person, by pseudonym; `number` counts the person's views from 0."""

    viewer_key: UUID
    number: int
    started_at: datetime
    ended_at: datetime
    country: str
    device_class: str
    referrer_host: str


@dataclass(frozen=True, slots=True)
class StreamHistory:
    """All that is kept of one stream.

    Attributes:
        stream_id: The stream.
        owner_id: Its creator.
        title: Its title at the end.
        started_at: When it went on air, or was made if it never did.
        ended_at: When it ended.
        peak_viewers: The most people within one second.
        peak_at: The first such second.
        views: Views begun.
        unique_viewers: People who viewed.
        watched_ms: All views together, milliseconds.
        messages: Chat messages sent.
        moderated_messages: Those that moderation touched.
        chatters: People who sent one.
        minutes: The series.
        groups: Dimension (`country`, `device`, `referrer`, `duration`) -> name -> views.
        sessions: All views.
    """

    stream_id: str
    owner_id: str
    title: str
    started_at: datetime
    ended_at: datetime
    peak_viewers: int
    peak_at: datetime | None
    views: int
    unique_viewers: int
    watched_ms: int
    messages: int
    moderated_messages: int
    chatters: int
    minutes: tuple[MinutePoint, ...]
    groups: Mapping[str, Mapping[str, int]]
    sessions: tuple[ViewSession, ...]


class NoHistoryYetError(Exception):
    """The database has no tables: the first stream that ends makes them."""
