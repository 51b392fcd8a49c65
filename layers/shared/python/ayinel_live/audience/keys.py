"""Keys of the audience's items: pure text, apart from the tables."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import blake2b

# A stream's viewers are dealt over this many partitions; each listing asks them all.
VIEWER_BUCKETS = 16
# The connections of one minute's heartbeats are dealt over this many.
HEARTBEAT_BUCKETS = 8
MINUTE_MILLISECONDS = 60_000
MINUTE_PREFIX = "minute#"


def _bucket(text: str, buckets: int) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest()) % buckets


def stream_bucket(stream_id: str, viewer_id: str) -> str:
    """Return the partition of the Viewers table that a viewer is in."""
    return f"{stream_id}#{_bucket(viewer_id, VIEWER_BUCKETS)}"


def stream_buckets(stream_id: str) -> tuple[str, ...]:
    """Return all partitions of the Viewers table that hold a stream's viewers."""
    return tuple(f"{stream_id}#{bucket}" for bucket in range(VIEWER_BUCKETS))


def minute_text(minute: int) -> str:
    """Return a minute as text that sorts by time, `2026-01-02T03:04Z`.

    Args:
        minute: Whole minutes since 1970-01-01T00:00Z.
    """
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%MZ")


def minute_kind(minute: int) -> str:
    """Return the `kind` of a minute's counters."""
    return MINUTE_PREFIX + minute_text(minute)


def minute_of_kind(kind: str) -> int:
    """Return the minute that a `kind` names, in whole minutes since 1970-01-01T00:00Z."""
    moment = datetime.strptime(kind, MINUTE_PREFIX + "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    return int(moment.timestamp()) // 60


def heartbeat_bucket(connection_id: str, at: int) -> str:
    """Return the index key under which a connection is until its next heartbeat.

    Args:
        connection_id: The gateway's id.
        at: The time of the heartbeat, epoch milliseconds.
    """
    minute = minute_text(at // MINUTE_MILLISECONDS)
    return f"{minute}#{_bucket(connection_id, HEARTBEAT_BUCKETS)}"


def heartbeat_buckets(minute: int) -> tuple[str, ...]:
    """Return all index keys of connections whose last heartbeat fell into a minute."""
    text = minute_text(minute)
    return tuple(f"{text}#{bucket}" for bucket in range(HEARTBEAT_BUCKETS))


def viewer_subject(viewer_id: str, first_seen_at: int) -> str:
    """Return the marker's key of a viewer: a digest, since markers outlive an erasure.

    Args:
        viewer_id: The person.
        first_seen_at: When the person first came, epoch milliseconds: somebody who was erased and
            comes again is somebody new.
    """
    digest = blake2b(f"{viewer_id}\x00{first_seen_at}".encode(), digest_size=16).hexdigest()
    return f"viewer#{digest}"


def chatter_subject(user_id: str) -> str:
    """Return the marker's key of a chatter, a digest likewise."""
    return "chatter#" + blake2b(user_id.encode(), digest_size=16).hexdigest()


def message_subject(message_id: str) -> str:
    """Return the marker's key of a message."""
    return f"message#{message_id}"
