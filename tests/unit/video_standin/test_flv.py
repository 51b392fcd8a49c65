import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.video import flv
from local.video.flv import AudioTag, FlvError, TagKind, UnsupportedCodecError, VideoTag

CONFIG = b"\x01\x64\x00\x1f\xff\xe1\x00"


@given(st.binary(max_size=60))
def test_garbage_is_refused_or_read_but_never_breaks_the_reader(data: bytes) -> None:
    for parse in (flv.parse_video, flv.parse_audio):
        with contextlib.suppress(FlvError):
            parse(data)


def test_both_headers_of_h264_mean_the_same() -> None:
    picture = VideoTag(TagKind.FRAME, b"nal", is_keyframe=True, composition_ms=-33)
    assert flv.parse_video(b"\x17\x01\xff\xff\xdfnal") == picture
    assert flv.parse_video(b"\x91avc1\xff\xff\xdfnal") == picture
    assert flv.parse_video(b"\x93avc1nal") == VideoTag(TagKind.FRAME, b"nal", True)
    config = VideoTag(TagKind.CONFIG, CONFIG)
    assert flv.parse_video(b"\x17\x00\x00\x00\x00" + CONFIG) == config
    assert flv.parse_video(b"\x90avc1" + CONFIG) == config


def test_aac_is_read() -> None:
    assert flv.parse_audio(b"\xaf\x00\x11\x90") == AudioTag(TagKind.CONFIG, b"\x11\x90")
    assert flv.parse_audio(b"\xaf\x01raw") == AudioTag(TagKind.FRAME, b"raw")
    assert flv.parse_audio(b"\x91mp4araw") == AudioTag(TagKind.FRAME, b"raw")


@pytest.mark.parametrize("data", [b"\x12\x00", b"\x90hvc1", b"\x91av01", b"\x1c\x01"])
def test_other_video_codecs_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(UnsupportedCodecError, match="video codec"):
        flv.parse_video(data)


@pytest.mark.parametrize("data", [b"\x2f\x01", b"\x90Opus"])
def test_other_audio_codecs_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(UnsupportedCodecError, match="audio codec"):
        flv.parse_audio(data)


@pytest.mark.parametrize(
    "data", [b"\x17\x01", b"\x17\x00\x00\x00\x00\x01", b"\x90avc", b"\x91avc1\x00"]
)
def test_tags_cut_short_are_refused(data: bytes) -> None:
    with pytest.raises(FlvError):
        flv.parse_video(data)


def test_what_is_no_picture_is_skipped() -> None:
    for data in (b"", b"\x57\x00", b"\xd0avc1", b"\x17\x02\x00\x00\x00", b"\x92avc1"):
        assert flv.parse_video(data).kind is TagKind.OTHER
    assert flv.parse_audio(b"").kind is TagKind.OTHER
