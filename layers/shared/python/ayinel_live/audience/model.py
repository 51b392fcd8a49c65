"""What a stream's audience adds up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AudienceTotals:
    """Counters of one stream.

    Attributes:
        viewer_count: People with an open connection now.
        peak_viewers: The most people seen within one second.
        peak_at: The first second with that many; None before anybody came.
        total_views: Views begun; a return within the grace time is none.
        unique_viewers: People who ever viewed.
        closed_milliseconds: Length of all ended views together.
        open_views: Views not ended yet.
        open_since_milliseconds: Sum of their starts, epoch milliseconds.
        messages: Chat messages that were sent.
        moderated_messages: Those that moderation held, rejected, removed or altered.
        chatters: People who sent one.
        countries: Views by ISO 3166-1 alpha-2 code, `ZZ` where unknown.
        devices: Views by device class.
        referrers: Views by the host of the page, `direct` where there is none.
        durations: Ended views by class of length: its lower bound in seconds, as text.
        version: Grows with each change of the counters.
    """

    viewer_count: int = 0
    peak_viewers: int = 0
    peak_at: datetime | None = None
    total_views: int = 0
    unique_viewers: int = 0
    closed_milliseconds: int = 0
    open_views: int = 0
    open_since_milliseconds: int = 0
    messages: int = 0
    moderated_messages: int = 0
    chatters: int = 0
    countries: Mapping[str, int] = field(default_factory=dict)
    devices: Mapping[str, int] = field(default_factory=dict)
    referrers: Mapping[str, int] = field(default_factory=dict)
    durations: Mapping[str, int] = field(default_factory=dict)
    version: int = 0

    def watch_milliseconds(self, now: int) -> int:
        """Return how long all views have lasted together, the open ones up to a time.

        Args:
            now: The current time or, once the stream is over, its end; epoch milliseconds.
        """
        running = self.open_views * now - self.open_since_milliseconds
        return self.closed_milliseconds + max(0, running)

    def average_watch_seconds(self, now: int) -> float:
        """Return the mean length of a view in seconds, 0 without views.

        Args:
            now: As for `watch_milliseconds`.
        """
        if self.total_views == 0:
            return 0.0
        return self.watch_milliseconds(now) / self.total_views / 1000
