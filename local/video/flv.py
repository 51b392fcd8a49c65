"""The bodies of RTMP audio and video messages, which are FLV tags.

Source: Adobe Flash Video File Format 10.1, annex E, and Enhanced RTMP v2 (Veovera, 2024) for the
header with a FourCC. H.264 is taken in both forms; every other codec is refused by name, as IVS
refuses it for a single track.
"""

import struct
from dataclasses import dataclass
from enum import StrEnum

_AVC, _AAC, _EXTENDED_AUDIO = 7, 10, 9
_FLV_HEADER = b"FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
AUDIO_TAG, VIDEO_TAG = 8, 9


class FlvError(ValueError):
    """Raised when a tag is cut short or contradicts itself."""


class UnsupportedCodecError(FlvError):
    """Raised when a tag carries a codec other than H.264 or AAC."""


class TagKind(StrEnum):
    """What a tag is for."""

    CONFIG = "config"
    FRAME = "frame"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VideoTag:
    """One video message.

    Attributes:
        kind: Decoder configuration, a coded picture, or something to skip.
        data: The AVCDecoderConfigurationRecord, or the length-prefixed NAL units.
        is_keyframe: Whether a decoder can start here.
        composition_ms: Presentation time minus decoding time.
    """

    kind: TagKind
    data: bytes = b""
    is_keyframe: bool = False
    composition_ms: int = 0


@dataclass(frozen=True, slots=True)
class AudioTag:
    """One audio message.

    Attributes:
        kind: Decoder configuration, a coded frame, or something to skip.
        data: The AudioSpecificConfig, or one raw AAC frame.
    """

    kind: TagKind
    data: bytes = b""


def parse_video(payload: bytes) -> VideoTag:
    """Read the body of a video message.

    Args:
        payload: The message's payload.

    Returns:
        What it carries.

    Raises:
        UnsupportedCodecError: If it is not H.264.
        FlvError: If it is cut short.
    """
    if not payload:
        return VideoTag(TagKind.OTHER)
    if payload[0] & 0x80:
        return _parse_enhanced(payload)
    frame_type, codec = payload[0] >> 4, payload[0] & 0x0F
    if frame_type == 5:
        return VideoTag(TagKind.OTHER)
    if codec != _AVC:
        raise UnsupportedCodecError(f"video codec {codec}")
    if len(payload) < 5:
        raise FlvError("video tag cut short")
    return _avc(payload[1], frame_type == 1, _signed24(payload[2:5]), payload[5:])


def _parse_enhanced(payload: bytes) -> VideoTag:
    frame_type, packet_type = (payload[0] >> 4) & 0x07, payload[0] & 0x0F
    if frame_type == 5:
        return VideoTag(TagKind.OTHER)
    four_cc = payload[1:5]
    if len(four_cc) < 4:
        raise FlvError("video tag cut short")
    if four_cc != b"avc1":
        name = four_cc.decode("ascii", "replace")
        raise UnsupportedCodecError(f"video codec {name if name.isalnum() else 'unknown'}")
    if packet_type == 3:
        return _avc(1, frame_type == 1, 0, payload[5:])
    if packet_type == 1:
        if len(payload) < 8:
            raise FlvError("video tag cut short")
        return _avc(1, frame_type == 1, _signed24(payload[5:8]), payload[8:])
    return _avc(0, True, 0, payload[5:]) if packet_type == 0 else VideoTag(TagKind.OTHER)


def _avc(packet_type: int, is_keyframe: bool, composition_ms: int, data: bytes) -> VideoTag:
    if packet_type == 0:
        # configurationVersion, profile, compatibility, level, length size, count of SPS
        if len(data) < 7 or data[0] != 1:
            raise FlvError("no H.264 decoder configuration")
        return VideoTag(TagKind.CONFIG, data)
    if packet_type != 1 or not data:
        return VideoTag(TagKind.OTHER)
    return VideoTag(TagKind.FRAME, data, is_keyframe, composition_ms)


def parse_audio(payload: bytes) -> AudioTag:
    """Read the body of an audio message.

    Args:
        payload: The message's payload.

    Returns:
        What it carries.

    Raises:
        UnsupportedCodecError: If it is not AAC.
        FlvError: If it is cut short.
    """
    if not payload:
        return AudioTag(TagKind.OTHER)
    codec = payload[0] >> 4
    if codec == _EXTENDED_AUDIO and payload[1:5] == b"mp4a":
        kind, data = payload[0] & 0x0F, payload[5:]
    elif codec == _AAC:
        if len(payload) < 2:
            raise FlvError("audio tag cut short")
        kind, data = payload[1], payload[2:]
    else:
        raise UnsupportedCodecError(f"audio codec {codec}")
    if kind == 0:
        if len(data) < 2:
            raise FlvError("no AAC decoder configuration")
        return AudioTag(TagKind.CONFIG, data)
    return AudioTag(TagKind.FRAME, data) if kind == 1 and data else AudioTag(TagKind.OTHER)


def write_file(tags: list[tuple[int, bytes]]) -> bytes:
    """Write a small FLV file, for a library to recognise the tracks from.

    Args:
        tags: Tag type and body, all at time zero.

    Returns:
        The file.
    """
    return _FLV_HEADER + b"".join(_tag(tag_type, body) for tag_type, body in tags)


def _tag(tag_type: int, body: bytes) -> bytes:
    header = bytes([tag_type]) + len(body).to_bytes(3, "big") + bytes(7)
    return header + body + struct.pack(">I", len(header) + len(body))


def _signed24(raw: bytes) -> int:
    value = int.from_bytes(raw, "big")
    return value - 0x1000000 if value & 0x800000 else value
