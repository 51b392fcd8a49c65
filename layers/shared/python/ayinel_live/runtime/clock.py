"""Time: aware UTC from an injected clock, RFC 3339 with `Z` on the wire."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)


def to_rfc3339(moment: datetime) -> str:
    """Render an aware time as RFC 3339 in UTC, such as `2026-01-02T03:04:05.678Z`.

    The form has a fixed width, so that it sorts as text in time order.

    Args:
        moment: An aware time.

    Raises:
        ValueError: The time is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a time on the wire must be aware")
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_rfc3339(text: str) -> datetime:
    """Parse an RFC 3339 time that carries its offset.

    Args:
        text: Such as `2026-01-02T03:04:05Z`.

    Raises:
        ValueError: The text is no time, or has no offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time has no offset")
    return moment.astimezone(UTC)


def to_milliseconds(moment: datetime) -> int:
    """Return whole milliseconds since 1970-01-01T00:00:00Z, the form of compared instants."""
    return round(moment.timestamp() * 1000)


def from_milliseconds(milliseconds: int) -> datetime:
    """Return the aware UTC time of whole milliseconds since 1970-01-01T00:00:00Z."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
