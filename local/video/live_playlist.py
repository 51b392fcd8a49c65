"""The sliding window of segments that players of one channel see, and its playlists.

Source: RFC 8216 (HTTP Live Streaming) and its second edition for the fMP4 parts.
"""

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.video.fmp4 import Tracks

MIN_TARGET_SECONDS = 2
SPARE_SEGMENTS = 4


@dataclass(frozen=True, slots=True)
class ListedSegment:
    """A segment with its place in a playlist.

    Attributes:
        sequence: Its media sequence number.
        init_id: The number of its initialisation section.
        data: The bytes that players fetch.
        duration_seconds: Its length.
        started_at: The wall-clock time of its first picture.
        is_continuous: Whether it follows the one before without a break.
    """

    sequence: int
    init_id: int
    data: bytes
    duration_seconds: float
    started_at: datetime
    is_continuous: bool


class LivePlaylist:
    """What a channel shows now.

    It outlives a publisher that breaks off, so that a reconnect goes on in the same playlist
    behind a discontinuity; once ended it never opens again.

    Attributes:
        has_ended: Whether the last segment has been listed.
        tracks: The tracks of the newest segment.
        frames_per_second: Of the newest segment.
        peak_bits_per_second: Of the largest segment so far.
    """

    def __init__(self, window_seconds: float, first_sequence: int = 0) -> None:
        self._window_seconds = window_seconds
        self._segments: deque[ListedSegment] = deque()
        self._spare: deque[ListedSegment] = deque(maxlen=SPARE_SEGMENTS)
        self._inits: dict[int, Tracks] = {}
        self._next_init_id = 0
        self._next_sequence = first_sequence
        self._discontinuities_gone = 0
        self._target_seconds = MIN_TARGET_SECONDS
        self.has_ended = False
        self.tracks: Tracks | None = None
        self.frames_per_second = 0.0
        self.peak_bits_per_second = 0

    @property
    def next_sequence(self) -> int:
        """The number that the next segment gets."""
        return self._next_sequence

    def __len__(self) -> int:
        return len(self._segments)

    def add(
        self,
        tracks: Tracks,
        data: bytes,
        duration_seconds: float,
        started_at: datetime,
        *,
        is_continuous: bool,
    ) -> ListedSegment:
        """List one more segment and let the oldest go.

        Args:
            tracks: What its frames need to be decoded.
            data: The bytes that players fetch.
            duration_seconds: Its length.
            started_at: The wall-clock time of its first picture.
            is_continuous: Whether it follows the one before without a break.

        Returns:
            The segment with its number.
        """
        if self.tracks is not tracks:
            self._inits[self._next_init_id] = tracks
            self._next_init_id += 1
            self.tracks = tracks
        listed = ListedSegment(
            self._next_sequence,
            self._next_init_id - 1,
            data,
            duration_seconds,
            started_at,
            is_continuous or not (self._segments or self._spare),
        )
        self._next_sequence += 1
        self._segments.append(listed)
        self._target_seconds = max(self._target_seconds, math.ceil(duration_seconds))
        rate = int(len(data) * 8 / max(duration_seconds, 0.1))
        self.peak_bits_per_second = max(self.peak_bits_per_second, rate)
        self._slide()
        return listed

    def _slide(self) -> None:
        listed_seconds = sum(segment.duration_seconds for segment in self._segments)
        while len(self._segments) > 3:
            listed_seconds -= self._segments[0].duration_seconds
            if listed_seconds < self._window_seconds:
                return
            gone = self._segments.popleft()
            self._discontinuities_gone += not gone.is_continuous
            self._spare.append(gone)
            self._drop_inits_before(self._spare[0].init_id)

    def _drop_inits_before(self, oldest_id: int) -> None:
        """Let go of what no segment needs any more: every reconnect brings a section of its own."""
        for init_id in [known for known in self._inits if known < oldest_id]:
            del self._inits[init_id]

    def end(self) -> None:
        """List no more segments."""
        self.has_ended = True

    def segment(self, sequence: int) -> ListedSegment | None:
        """Find a segment that is listed or was until just now.

        Args:
            sequence: Its media sequence number.

        Returns:
            The segment, or nothing.
        """
        for held in (*self._segments, *self._spare):
            if held.sequence == sequence:
                return held
        return None

    def init(self, init_id: int) -> bytes | None:
        """Find an initialisation section.

        Args:
            init_id: Its number.

        Returns:
            Its bytes, or nothing if no segment that can be had needs it.
        """
        tracks = self._inits.get(init_id)
        return tracks.init if tracks is not None else None

    def render_media(self, base: str) -> str:
        """Write the media playlist.

        Args:
            base: What the addresses of segments begin with.

        Returns:
            The playlist's text.
        """
        first = self._segments[0].sequence if self._segments else self._next_sequence
        lines = [
            "#EXTM3U",
            "#EXT-X-VERSION:7",
            f"#EXT-X-TARGETDURATION:{self._target_seconds}",
            f"#EXT-X-MEDIA-SEQUENCE:{first}",
            f"#EXT-X-DISCONTINUITY-SEQUENCE:{self._discontinuities_gone}",
        ]
        init_id = -1
        for segment in self._segments:
            if not segment.is_continuous:
                lines.append("#EXT-X-DISCONTINUITY")
            if segment.init_id != init_id:
                init_id = segment.init_id
                lines.append(f'#EXT-X-MAP:URI="{base}init-{init_id}.mp4"')
            lines += [
                f"#EXT-X-PROGRAM-DATE-TIME:{rfc3339(segment.started_at)}",
                f"#EXTINF:{segment.duration_seconds:.3f},live",
                f"{base}{segment.sequence}.m4s",
            ]
        if self.has_ended:
            lines.append("#EXT-X-ENDLIST")
        return "\n".join(lines) + "\n"


def render_master(tracks: Tracks, bits_per_second: int, frames_per_second: float, uri: str) -> str:
    """Write the multivariant playlist of the one rendition that there is.

    Args:
        tracks: Gives codecs and resolution.
        bits_per_second: The peak of the segments so far.
        frames_per_second: Of the pictures.
        uri: Where the media playlist is.

    Returns:
        The playlist's text.
    """
    attributes = (
        f"BANDWIDTH={bits_per_second},RESOLUTION={tracks.width}x{tracks.height},"
        f'CODECS="{tracks.codecs}",FRAME-RATE={frames_per_second:.3f}'
    )
    return f"#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:{attributes}\n{uri}\n"


def rfc3339(moment: datetime) -> str:
    """Write a moment with milliseconds, as playlists carry it.

    Args:
        moment: Aware and in UTC.

    Returns:
        Such as ``2026-01-02T03:04:05.678Z``.
    """
    rounded = moment + timedelta(microseconds=500)
    return rounded.strftime("%Y-%m-%dT%H:%M:%S.") + f"{rounded.microsecond // 1000:03d}Z"
