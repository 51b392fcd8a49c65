"""Cuts a publisher's frames into segments that begin with a keyframe."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from local.video.flv import AudioTag, TagKind, VideoTag
from local.video.fmp4 import Frame, MediaError, Tracks

JUMP_MS = 5_000
AUDIO_JITTER_MS = 60
MAX_SEGMENT_BYTES = 64 * 1024 * 1024
# Only a picture ends a segment. The longest has some five hundred blocks of sound.
MAX_SOUND_BLOCKS = 10_000
_USUAL_FRAME_MS = 33


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of a broadcast that a player can fetch.

    Attributes:
        tracks: What the segment's frames need to be decoded.
        data: ``moof`` and ``mdat``.
        start_ms: Decode time of its first picture, on the publisher's clock.
        duration_ms: To the first picture of the next segment.
        pictures: How many pictures it holds.
        is_continuous: Whether it follows the segment before without a break in time or tracks.
        keyframe: Its first picture, for a thumbnail; empty if that is no keyframe.
    """

    tracks: Tracks
    data: bytes
    start_ms: int
    duration_ms: int
    pictures: int
    is_continuous: bool
    keyframe: bytes

    @property
    def frames_per_second(self) -> float:
        """Its pictures over its length."""
        return round(self.pictures * 1000 / self.duration_ms, 3)


@dataclass(slots=True)
class _Gathering:
    """The frames of the segment that is not finished."""

    start_ms: int
    video: list[Frame] = field(default_factory=list)
    audio: list[tuple[int, bytes]] = field(default_factory=list)
    size_bytes: int = 0


def _usual_frame_ms(video: list[Frame]) -> int:
    """How long the last picture shows, going by the one before."""
    return video[-2].duration if len(video) > 1 else _USUAL_FRAME_MS


class Segmenter:
    """Turns tags of one publisher into segments.

    Times are the publisher's own; a step back, or one forward of more than five seconds, starts a
    new timeline, which shows as a segment that is not continuous.
    """

    def __init__(self, min_segment_ms: int, max_segment_ms: int) -> None:
        self._min_ms = min_segment_ms
        self._max_ms = max_segment_ms
        self._video_config: bytes | None = None
        self._audio_config: bytes | None = None
        self._tracks: Tracks | None = None
        self._tracks_key: tuple[bytes, bytes | None] | None = None
        self._gathering: _Gathering | None = None
        self._index = 0
        self._next_sample: int | None = None
        self._is_continuous = False

    def push_video(self, tag: VideoTag, timestamp_ms: int) -> Iterator[Segment]:
        """Take one video tag.

        Args:
            tag: What the publisher sent.
            timestamp_ms: Its decode time.

        Yields:
            The segments that this tag finishes, none or one.

        Raises:
            MediaError: If FFmpeg can make nothing of it.
        """
        if tag.kind is TagKind.CONFIG and tag.data != self._video_config:
            yield from self.flush()
            self._video_config = tag.data
        if tag.kind is not TagKind.FRAME or self._video_config is None:
            return
        if self._must_cut(tag, timestamp_ms):
            yield from self._cut(timestamp_ms)
        self._add_video(tag, timestamp_ms)

    def push_audio(self, tag: AudioTag, timestamp_ms: int) -> Iterator[Segment]:
        """Take one audio tag.

        Args:
            tag: What the publisher sent.
            timestamp_ms: Its decode time.

        Yields:
            The segments that this tag finishes, none or one.

        Raises:
            MediaError: If FFmpeg can make nothing of it, or sound goes on and on without a
                picture.
        """
        if tag.kind is TagKind.CONFIG and tag.data != self._audio_config:
            if self._gathering is not None and self._gathering.audio:
                yield from self.flush()
            self._audio_config = tag.data
        gathering = self._gathering
        if tag.kind is TagKind.FRAME and gathering is not None and self._audio_config is not None:
            if (
                len(gathering.audio) >= MAX_SOUND_BLOCKS
                or gathering.size_bytes >= MAX_SEGMENT_BYTES
            ):
                raise MediaError("sound without pictures")
            gathering.audio.append((timestamp_ms, tag.data))
            gathering.size_bytes += len(tag.data)

    def flush(self) -> Iterator[Segment]:
        """Finish what has been gathered, as at the end of a broadcast.

        Yields:
            The last segment, if a picture came since the one before.

        Raises:
            MediaError: If FFmpeg can make nothing of it.
        """
        if self._gathering is not None and self._gathering.video:
            video = self._gathering.video
            yield from self._cut(video[-1].decode_time + _usual_frame_ms(video))
        self._gathering = None
        self._is_continuous = False

    def _must_cut(self, tag: VideoTag, timestamp_ms: int) -> bool:
        gathering = self._gathering
        if gathering is None or not gathering.video:
            return False
        if self._jumps(timestamp_ms):
            return True
        length = timestamp_ms - gathering.start_ms
        if tag.is_keyframe and length >= self._min_ms:
            return True
        return length >= self._max_ms or gathering.size_bytes >= MAX_SEGMENT_BYTES

    def _jumps(self, timestamp_ms: int) -> bool:
        assert self._gathering is not None
        step = timestamp_ms - self._gathering.video[-1].decode_time
        return not -JUMP_MS < step < JUMP_MS

    def _add_video(self, tag: VideoTag, timestamp_ms: int) -> None:
        gathering = self._gathering
        if gathering is None:
            if not tag.is_keyframe:
                return
            gathering = self._gathering = _Gathering(timestamp_ms)
        if gathering.video:
            last = gathering.video[-1]
            timestamp_ms = max(timestamp_ms, last.decode_time + 1)
            gathering.video[-1] = replace(last, duration=timestamp_ms - last.decode_time)
        gathering.video.append(
            Frame(True, timestamp_ms, tag.composition_ms, 0, tag.is_keyframe, tag.data)
        )
        gathering.size_bytes += len(tag.data)

    def _cut(self, next_ms: int) -> Iterator[Segment]:
        gathering = self._gathering
        assert gathering is not None
        last = gathering.video[-1]
        is_jump = self._jumps(next_ms)
        end_ms = max(next_ms, last.decode_time + 1)
        if is_jump:
            end_ms = last.decode_time + _usual_frame_ms(gathering.video)
        gathering.video[-1] = replace(last, duration=end_ms - last.decode_time)
        self._recognise(gathering)
        assert self._tracks is not None
        self._index += 1
        first = gathering.video[0]
        yield Segment(
            tracks=self._tracks,
            data=self._tracks.mux([*gathering.video, *self._audio_frames(gathering)], self._index),
            start_ms=gathering.start_ms,
            duration_ms=end_ms - gathering.start_ms,
            pictures=len(gathering.video),
            is_continuous=self._is_continuous,
            keyframe=first.data if first.is_keyframe else b"",
        )
        self._is_continuous = not is_jump
        if is_jump:
            self._next_sample = None
        # A cut without a keyframe must gather on at once: nothing says that one ever comes.
        self._gathering = None if is_jump else _Gathering(end_ms)

    def _recognise(self, gathering: _Gathering) -> None:
        assert self._video_config is not None
        audio_config = self._audio_config if gathering.audio else None
        if audio_config is None and self._tracks is not None and self._tracks.has_audio:
            # Sound that pauses for a segment changes no tracks.
            audio_config = self._audio_config
        key = (self._video_config, audio_config)
        if key == self._tracks_key:
            return
        audio_frame = gathering.audio[0][1] if gathering.audio else b""
        if audio_config is not None and not audio_frame:
            audio_config, key = None, (self._video_config, None)
        first = gathering.video[0].data
        self._tracks = Tracks(self._video_config, first, audio_config, audio_frame)
        self._tracks_key = key
        self._is_continuous = False
        self._next_sample = None

    def _audio_frames(self, gathering: _Gathering) -> Iterator[Frame]:
        """Sound on its own clock: RTMP's milliseconds would leave gaps of half a sample block."""
        assert self._tracks is not None
        rate, block = self._tracks.sample_rate, self._tracks.frame_samples
        if not self._tracks.has_audio:
            return
        for timestamp_ms, data in gathering.audio:
            sample = timestamp_ms * rate // 1000
            expected = self._next_sample
            if expected is not None:
                late = abs(sample - expected) * 1000 // rate
                sample = expected if late <= AUDIO_JITTER_MS else max(sample, expected)
            self._next_sample = sample + block
            yield Frame(False, sample, 0, block, True, data)
