"""What IVS takes from an encoder, for each type of channel.

Source: "Amazon IVS Streaming Configuration" and the examples of Limit Breach events in the IVS user
guide. A breach of the resolution ends the broadcast before it starts; a breach of the bitrate is
told once for each time that the rate rises above the limit.
"""

from collections import deque
from dataclasses import dataclass

MAX_EDGE_PIXELS = 1920
MAX_TOTAL_PIXELS = 1920 * 1080
MAX_BITS_PER_SECOND = {
    "BASIC": 3_500_000,
    "STANDARD": 8_500_000,
    "ADVANCED_SD": 8_500_000,
    "ADVANCED_HD": 8_500_000,
}
BASIC_SD_BITS_PER_SECOND = 1_500_000
BASIC_SD_PIXELS = 852 * 480
REARM_SHARE = 0.9
WINDOW_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that an encoder exceeds.

    Attributes:
        name: The event's ``limit_name``.
        limit: The limit.
        exceeded_by: What is above it.
        unit: The event's ``limit_unit``.
    """

    name: str
    limit: int
    exceeded_by: int
    unit: str


def resolution_breach(width: int, height: int) -> Breach | None:
    """Hold a picture size against the limits.

    Args:
        width: In pixels.
        height: In pixels.

    Returns:
        The limit that it exceeds, or nothing.
    """
    edge, total = max(width, height), width * height
    if edge > MAX_EDGE_PIXELS:
        return Breach(
            "Ingest Resolution", MAX_EDGE_PIXELS, edge - MAX_EDGE_PIXELS, "pixels per edge"
        )
    if total > MAX_TOTAL_PIXELS:
        return Breach(
            "Ingest Resolution", MAX_TOTAL_PIXELS, total - MAX_TOTAL_PIXELS, "total pixels"
        )
    return None


class BitrateMeter:
    """Measures what comes in, over the last five seconds."""

    def __init__(self) -> None:
        self._arrivals: deque[tuple[float, int]] = deque()
        self._size_bytes = 0
        self._is_above = False

    def count(self, size_bytes: int, now_seconds: float) -> None:
        """Count a message.

        Args:
            size_bytes: Its length.
            now_seconds: When it came, on a monotonic clock.
        """
        self._arrivals.append((now_seconds, size_bytes))
        self._size_bytes += size_bytes
        while self._arrivals[0][0] < now_seconds - WINDOW_SECONDS:
            self._size_bytes -= self._arrivals.popleft()[1]

    @property
    def bits_per_second(self) -> int:
        """The rate, 0 while less than two seconds have been seen."""
        if not self._arrivals:
            return 0
        seconds = self._arrivals[-1][0] - self._arrivals[0][0]
        return int(self._size_bytes * 8 / seconds) if seconds >= 2 else 0

    def breach(self, channel_type: str, total_pixels: int) -> Breach | None:
        """Hold the rate against the limit of a channel type.

        Args:
            channel_type: The channel's type.
            total_pixels: Width times height of the picture.

        Returns:
            The breach when the rate has just risen above the limit, else nothing.
        """
        limit = MAX_BITS_PER_SECOND[channel_type]
        if channel_type == "BASIC" and total_pixels <= BASIC_SD_PIXELS:
            limit = BASIC_SD_BITS_PER_SECOND
        rate = self.bits_per_second
        if rate < limit * REARM_SHARE:
            self._is_above = False
        if rate <= limit or self._is_above:
            return None
        self._is_above = True
        return Breach("Ingest Bitrate", limit, rate - limit, "bits per second")
