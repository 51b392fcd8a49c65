"""One recording in S3, under the key layout of IVS's auto-record.

Source: "IVS Auto-Record to Amazon S3" in the IVS user guide. Segments are stored as players got
them (fMP4, where IVS stores TS); playlists are rewritten while the recording grows and get their
end when it does.
"""

import asyncio
import json
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from local.video import pictures
from local.video.clock import utc_now
from local.video.fmp4 import MediaError, Tracks
from local.video.live_playlist import ListedSegment, render_master, rfc3339
from local.video.resources import JsonObject, OpenRecording, RecordingConfiguration
from local.video.segmenter import Segment

PLAYLIST_SECONDS = 6.0
MAX_WAITING_SEGMENTS = 200
THUMBNAIL_WIDTHS = {"SD": 852, "HD": 1280, "FULL_HD": 1920, "LOWEST_RESOLUTION": 284}

_PLAYLIST_TYPE = "application/vnd.apple.mpegurl"

_log = logging.getLogger(__name__)

Put = Callable[[str, bytes, str], None]


@dataclass(frozen=True, slots=True)
class Take:
    """A segment on its way into a recording.

    Attributes:
        listed: The segment as players see it.
        cut: The segment as it was cut.
    """

    listed: ListedSegment
    cut: Segment


@dataclass(frozen=True, slots=True)
class _Stored:
    duration_seconds: float
    init_id: int
    started_at: datetime
    is_continuous: bool


class Recording:
    """Writes a recording, one object after the other, in a task of its own.

    Attributes:
        about: Names bucket, prefix, channel and sessions.
        failure: Why it failed; empty while it has not.
        tracks: The tracks that it began with.
        has_started: Whether the storage took the first object.
    """

    def __init__(
        self,
        about: OpenRecording,
        configuration: RecordingConfiguration,
        tracks: Tracks,
        put: Put,
        on_start: Callable[["Recording"], None],
    ) -> None:
        """Begin to write.

        Args:
            about: Names bucket, prefix, channel and first session.
            configuration: Says which thumbnails are wanted.
            tracks: The tracks of the first segment.
            put: Stores an object under key, body and type; blocks, and raises what boto3 raises.
            on_start: Called once the first object is stored or could not be.
        """
        self.about = about
        self.failure = ""
        self.tracks = tracks
        self.has_started = False
        self._configuration = configuration
        self._put_object = put
        self._on_start = on_start
        self._waiting: asyncio.Queue[Take | None] = asyncio.Queue(MAX_WAITING_SEGMENTS)
        self._stored: list[_Stored] = []
        self._inits: list[Tracks] = []
        self._peak_bits_per_second = 0
        self._frames_per_second = 0.0
        self._listed_seconds = 0.0
        self._thumbnails = 0
        self._next_thumbnail_seconds = 0.0
        self._task = asyncio.create_task(self._write())

    @property
    def duration_ms(self) -> int:
        """How much has been stored."""
        return round(sum(stored.duration_seconds for stored in self._stored) * 1000)

    @property
    def rendition(self) -> str:
        """The name of the one rendition, such as ``720p30``."""
        return f"{self.tracks.height}p{round(self._frames_per_second)}"

    def add(self, take: Take) -> None:
        """Store a segment, when its turn comes.

        Args:
            take: The segment.
        """
        if self.failure:
            return
        try:
            self._waiting.put_nowait(take)
        except asyncio.QueueFull:
            self.failure = "The storage is too slow"

    async def finish(self) -> None:
        """Store what waits, and the end."""
        await self._waiting.put(None)
        await self._task

    async def _write(self) -> None:
        first = await self._waiting.get()
        if first is not None:
            self._frames_per_second = first.cut.frames_per_second
        await self._guarded(self._store_event, "started")
        self.has_started = not self.failure
        self._on_start(self)
        take = first
        while take is not None:
            await self._guarded(self._store_take, take)
            take = await self._waiting.get()
        await self._guarded(self._store_end)
        if self.failure:
            self.failure, reason = "", self.failure
            await self._guarded(self._store_event, "failed")
            self.failure = reason

    async def _guarded(self, step: Callable[..., None], *arguments: object) -> None:
        if self.failure:
            return
        try:
            await asyncio.to_thread(step, *arguments)
        except Exception as error:
            self.failure = type(error).__name__
            _log.warning("recording failed", extra={"fault": self.failure})

    def _store_take(self, take: Take) -> None:
        self._peak_bits_per_second = max(
            self._peak_bits_per_second,
            int(len(take.listed.data) * 8 / max(take.listed.duration_seconds, 0.1)),
        )
        if self._configuration.rendition_configuration.get("renditionSelection") != "NONE":
            self._store_media(take)
        self._store_thumbnail(take)
        self._stored.append(self._line(take))
        if self.duration_ms / 1000 - self._listed_seconds >= PLAYLIST_SECONDS or (
            len(self._stored) == 1
        ):
            self._listed_seconds = self.duration_ms / 1000
            self._store_playlists(has_ended=False)

    def _line(self, take: Take) -> _Stored:
        return _Stored(
            take.listed.duration_seconds,
            max(len(self._inits) - 1, 0),
            take.listed.started_at,
            take.cut.is_continuous or not self._stored,
        )

    def _store_media(self, take: Take) -> None:
        folder = f"media/hls/{self.rendition}"
        if not self._inits or self._inits[-1] is not take.cut.tracks:
            self._inits.append(take.cut.tracks)
            name = f"{folder}/init-{len(self._inits) - 1}.mp4"
            self._put(name, take.cut.tracks.init, "video/mp4")
        self._put(f"{folder}/{len(self._stored)}.mp4", take.listed.data, "video/mp4")

    def _store_thumbnail(self, take: Take) -> None:
        wanted = self._configuration.thumbnail_configuration
        is_due = self.duration_ms / 1000 >= self._next_thumbnail_seconds
        if wanted.recording_mode != "INTERVAL" or not is_due or not take.cut.keyframe:
            return
        self._next_thumbnail_seconds = self.duration_ms / 1000 + wanted.target_interval_seconds
        width = THUMBNAIL_WIDTHS.get(wanted.resolution or "", 1920)
        try:
            picture = pictures.jpeg(take.cut.tracks.video_config, take.cut.keyframe, width)
        except MediaError:
            _log.info("keyframe gave no thumbnail")
            return
        if "SEQUENTIAL" in wanted.storage:
            name = f"media/thumbnails/{self.rendition}/thumb{self._thumbnails}.jpg"
            self._put(name, picture, "image/jpeg")
        if "LATEST" in wanted.storage:
            self._put(f"media/latest_thumbnail/{self.rendition}/thumb.jpg", picture, "image/jpeg")
        self._thumbnails += 1

    def _store_playlists(self, *, has_ended: bool) -> None:
        if not self._inits:
            return
        folder = f"media/hls/{self.rendition}"
        media = render_media(self._stored, has_ended=has_ended)
        self._put(f"{folder}/playlist.m3u8", media.encode(), _PLAYLIST_TYPE)
        master = render_master(
            self.tracks,
            self._peak_bits_per_second,
            self._frames_per_second,
            f"{self.rendition}/playlist.m3u8",
        )
        self._put("media/hls/master.m3u8", master.encode(), _PLAYLIST_TYPE)

    def _store_end(self) -> None:
        self._store_playlists(has_ended=True)
        self._store_event("ended")

    def _store_event(self, status: str) -> None:
        rendition: JsonObject = {
            "path": self.rendition,
            "playlist": "playlist.m3u8",
            "resolution_height": self.tracks.height,
            "resolution_width": self.tracks.width,
        }
        described: JsonObject = {
            "version": "v1",
            "channel_arn": self.about.channel_arn,
            "recording_started_at": rfc3339(self.about.started_at),
            "recording_status": f"RECORDING_{status.upper()}",
            "media": {
                "hls": {
                    "duration_ms": self.duration_ms,
                    "path": "media/hls",
                    "playlist": "master.m3u8",
                    "renditions": [rendition],
                },
                "thumbnails": {"path": "media/thumbnails"},
                "latest_thumbnail": {"path": "media/latest_thumbnail"},
            },
        }
        if status != "started":
            described["recording_ended_at"] = rfc3339(utc_now())
        body = json.dumps(described, indent=2).encode()
        self._put(f"events/recording-{status}.json", body, "application/json")

    def _put(self, name: str, body: bytes, content_type: str) -> None:
        self._put_object(f"{self.about.prefix}/{name}", body, content_type)


def render_media(stored: list[_Stored], *, has_ended: bool) -> str:
    """Write the media playlist of a recording.

    Args:
        stored: Its segments, numbered from 0.
        has_ended: Whether no more will come.

    Returns:
        The playlist's text.
    """
    target = max((math.ceil(line.duration_seconds) for line in stored), default=1)
    kind = "VOD" if has_ended else "EVENT"
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-PLAYLIST-TYPE:{kind}",
        f"#EXT-X-TARGETDURATION:{target}",
        "#EXT-X-MEDIA-SEQUENCE:0",
    ]
    init_id = -1
    for number, line in enumerate(stored):
        if not line.is_continuous:
            lines.append("#EXT-X-DISCONTINUITY")
        if line.init_id != init_id:
            init_id = line.init_id
            lines.append(f'#EXT-X-MAP:URI="init-{init_id}.mp4"')
        lines += [
            f"#EXT-X-PROGRAM-DATE-TIME:{rfc3339(line.started_at)}",
            f"#EXTINF:{line.duration_seconds:.3f},",
            f"{number}.mp4",
        ]
    if has_ended:
        lines.append("#EXT-X-ENDLIST")
    return "\n".join(lines) + "\n"
