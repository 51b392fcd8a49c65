"""Time as the stand-in tells it."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Returns the time of day, aware and in UTC."""
    return datetime.now(UTC)
