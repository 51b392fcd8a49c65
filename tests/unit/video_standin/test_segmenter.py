import io
import itertools
from fractions import Fraction

import av
import numpy as np
import pytest

from local.video.flv import AudioTag, TagKind, VideoTag
from local.video.fmp4 import MediaError
from local.video.segmenter import MAX_SEGMENT_BYTES, MAX_SOUND_BLOCKS, Segment, Segmenter

CONFIG = TagKind.CONFIG
FRAME = TagKind.FRAME


class Encoded:
    """Real H.264 at 25 pictures a second, a keyframe each second, B-frames if wanted."""

    def __init__(self, seconds: int, b_frames: int = 0) -> None:
        out = io.BytesIO()
        with av.open(out, "w", format="flv") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
            stream.gop_size = 25
            stream.options = {"bf": str(b_frames), "sc_threshold": "0", "preset": "ultrafast"}
            for number in range(seconds * 25):
                picture = np.full((48, 64, 3), number % 250, dtype=np.uint8)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.pts, frame.time_base = number, Fraction(1, 25)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        with av.open(io.BytesIO(out.getvalue()), "r") as container:
            self.config = VideoTag(
                CONFIG, container.streams.video[0].codec_context.extradata or b""
            )
            self.frames = [
                (
                    packet.dts,
                    VideoTag(FRAME, bytes(packet), packet.is_keyframe, packet.pts - packet.dts),
                )
                for packet in container.demux(video=0)
                if packet.dts is not None and packet.pts is not None
            ]


@pytest.fixture(scope="module")
def encoded() -> Encoded:
    return Encoded(4)


def run(segmenter: Segmenter, encoded: Encoded, offset_ms: int = 0) -> list[Segment]:
    segments = list(segmenter.push_video(encoded.config, offset_ms))
    for timestamp_ms, tag in encoded.frames:
        segments += segmenter.push_video(tag, timestamp_ms + offset_ms)
    return segments


def decoded(segments: list[Segment]) -> list[tuple[float, int]]:
    data = segments[0].tracks.init + b"".join(segment.data for segment in segments)
    with av.open(io.BytesIO(data), "r") as container:
        return [
            (float(frame.pts * frame.time_base), int(frame.to_ndarray(format="rgb24").mean()))
            for frame in container.decode(video=0)
            if frame.pts is not None and frame.time_base is not None
        ]


def test_each_keyframe_begins_a_segment(encoded: Encoded) -> None:
    segmenter = Segmenter(900, 10_000)
    segments = [*run(segmenter, encoded), *segmenter.flush()]
    assert [segment.duration_ms for segment in segments] == [1000] * 4
    assert [segment.pictures for segment in segments] == [25] * 4
    assert [segment.is_continuous for segment in segments] == [False, True, True, True]
    assert segments[0].frames_per_second == 25
    assert segments[0].tracks.codecs.startswith("avc1.")
    assert (segments[0].tracks.width, segments[0].tracks.height) == (64, 48)


def test_short_groups_are_gathered_to_the_least_length(encoded: Encoded) -> None:
    segmenter = Segmenter(1500, 10_000)
    segments = [*run(segmenter, encoded), *segmenter.flush()]
    assert [segment.duration_ms for segment in segments] == [2000, 2000]


@pytest.mark.parametrize("b_frames", [0, 2])
def test_pictures_come_out_as_they_went_in(b_frames: int) -> None:
    segmenter = Segmenter(900, 10_000)
    segments = [*run(segmenter, Encoded(3, b_frames)), *segmenter.flush()]
    pictures = decoded(segments)
    assert len(pictures) == 75
    steps = [round(b[0] - a[0], 3) for a, b in itertools.pairwise(pictures)]
    assert set(steps) == {0.04}
    assert all(abs(brightness - number) <= 3 for number, (_, brightness) in enumerate(pictures))


def test_every_segment_plays_alone_at_its_own_time(encoded: Encoded) -> None:
    segments = run(Segmenter(900, 10_000), encoded)
    for number, segment in enumerate(segments):
        times = [when for when, _ in decoded([segment])]
        assert round(times[0]) == number
        assert len(times) == 25


def test_long_group_is_cut_without_a_keyframe(encoded: Encoded) -> None:
    first, *rest = [
        (at, VideoTag(FRAME, tag.data, number == 0))
        for number, (at, tag) in enumerate(encoded.frames)
    ]
    segmenter = Segmenter(900, 2000)
    segments = list(segmenter.push_video(encoded.config, 0))
    for timestamp_ms, tag in [first, *rest]:
        segments += segmenter.push_video(tag, timestamp_ms)
    segments += segmenter.flush()
    assert [segment.duration_ms for segment in segments] == [2000, 2000]
    assert segments[0].keyframe
    assert not segments[1].keyframe


@pytest.mark.parametrize("jump_ms", [60_000, -2_000_000])
def test_jump_of_the_clock_breaks_the_timeline(encoded: Encoded, jump_ms: int) -> None:
    segmenter = Segmenter(900, 10_000)
    base = 3_000_000
    segments = run(segmenter, encoded, base)
    segments += run(segmenter, encoded, base + jump_ms)
    breaks = [segment.start_ms for segment in segments if not segment.is_continuous]
    assert breaks == [base, base + jump_ms]
    assert all(segment.duration_ms <= 1040 for segment in segments)


def test_repeated_times_are_pushed_apart(encoded: Encoded) -> None:
    segmenter = Segmenter(900, 10_000)
    segments = list(segmenter.push_video(encoded.config, 0))
    for timestamp_ms, tag in encoded.frames:
        segments += segmenter.push_video(tag, timestamp_ms // 200 * 200)
    times = [when for when, _ in decoded(segments)]
    assert times == sorted(set(times))


def test_new_configuration_brings_new_tracks(encoded: Encoded) -> None:
    other = Encoded(1)
    changed = VideoTag(CONFIG, encoded.config.data + b"\x00")
    segmenter = Segmenter(900, 10_000)
    segments = run(segmenter, encoded)
    segments += segmenter.push_video(changed, 4000)
    for timestamp_ms, tag in other.frames:
        segments += segmenter.push_video(tag, 4000 + timestamp_ms)
    segments += segmenter.flush()
    assert segments[-1].tracks is not segments[0].tracks
    assert not segments[-1].is_continuous


def test_pictures_before_configuration_and_keyframe_are_dropped(encoded: Encoded) -> None:
    segmenter = Segmenter(900, 10_000)
    assert not any(list(segmenter.push_video(tag, at)) for at, tag in encoded.frames[:60])
    list(segmenter.push_video(encoded.config, 0))
    segments = [s for at, tag in encoded.frames[60:] for s in segmenter.push_video(tag, at)]
    segments += segmenter.flush()
    assert segments[0].start_ms == encoded.frames[75][0]


def test_sound_alone_and_silence_make_no_segment() -> None:
    segmenter = Segmenter(900, 10_000)
    assert not list(segmenter.push_audio(AudioTag(CONFIG, b"\x11\x90"), 0))
    assert not list(segmenter.push_audio(AudioTag(FRAME, b"raw"), 10))
    assert not list(segmenter.flush())


@pytest.mark.parametrize("block", [b"raw", bytes(1 << 20)], ids=["many", "large"])
def test_sound_that_never_meets_a_picture_is_not_gathered_for_ever(
    encoded: Encoded, block: bytes
) -> None:
    segmenter = Segmenter(900, 10_000)
    segments = [*segmenter.push_video(encoded.config, 0)]
    segments += segmenter.push_video(encoded.frames[0][1], 0)
    segments += segmenter.push_audio(AudioTag(CONFIG, b"\x11\x90"), 0)
    for number in itertools.count():
        try:
            segments += segmenter.push_audio(AudioTag(FRAME, block), 10)
        except MediaError:
            break
        assert number < MAX_SOUND_BLOCKS
        assert number * len(block) < MAX_SEGMENT_BYTES
    assert segments == []


@pytest.mark.parametrize("config", [b"\x01\x64\x00\x1f\xff\xe1\x00\x04junk", b"\x01" + bytes(30)])
def test_what_ffmpeg_cannot_read_is_a_media_error(config: bytes) -> None:
    segmenter = Segmenter(900, 10_000)
    list(segmenter.push_video(VideoTag(CONFIG, config), 0))
    list(segmenter.push_video(VideoTag(FRAME, b"\x00" * 40, True), 0))
    with pytest.raises(MediaError):
        list(segmenter.push_video(VideoTag(FRAME, b"\x00" * 40, True), 1000))
