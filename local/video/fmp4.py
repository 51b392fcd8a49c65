"""Fragmented MP4 through FFmpeg's muxer (PyAV).

Each segment is written by a muxer of its own with ``frag_discont``, so that it carries the
stream's real decode times, and its copy of the header is cut off. There is no muxer state to keep
between segments, and nothing waits in an interleaver. Measured: 1.4 ms of CPU for two seconds of
1280x720 at 2.5 Mb/s, and 7 ms once per broadcast to recognise the tracks.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from local.video import flv

VIDEO_TIME_BASE = Fraction(1, 90_000)
MILLISECONDS = Fraction(1, 1000)

_MOVFLAGS = "frag_custom+empty_moov+default_base_moof+frag_discont+skip_trailer"


class MediaError(ValueError):
    """Raised when FFmpeg can make nothing of what an encoder sent."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One coded picture or AAC frame.

    Attributes:
        is_video: Which track it belongs to.
        decode_time: In milliseconds for video, in samples for audio.
        composition: Presentation minus decode time, in milliseconds.
        duration: In the unit of ``decode_time``.
        is_keyframe: Whether a decoder can start here.
        data: The coded bytes.
    """

    is_video: bool
    decode_time: int
    composition: int
    duration: int
    is_keyframe: bool
    data: bytes


class Tracks:
    """The tracks of a broadcast as FFmpeg recognised them.

    Attributes:
        video_config: The AVCDecoderConfigurationRecord.
        width: In pixels.
        height: In pixels.
        profile: The H.264 profile's name.
        level: The H.264 level, 31 for 3.1.
        codecs: The ``CODECS`` attribute of a playlist (RFC 6381).
        sample_rate: In hertz, 0 without sound.
        channels: Of the sound, 0 without.
        frame_samples: Samples in one AAC frame.
        init: The initialisation section.
    """

    def __init__(
        self, video_config: bytes, keyframe: bytes, audio_config: bytes | None, audio_frame: bytes
    ) -> None:
        """Recognise the tracks.

        Args:
            video_config: The AVCDecoderConfigurationRecord.
            keyframe: A first coded picture, length-prefixed.
            audio_config: The AudioSpecificConfig, or nothing without sound.
            audio_frame: A first AAC frame, empty without sound.

        Raises:
            MediaError: If FFmpeg finds no picture size or no sound parameters in them.
        """
        self.video_config = video_config
        self._template = _open(video_config, keyframe, audio_config, audio_frame)
        self._video: VideoStream = self._template.streams.video[0]
        self._audio: AudioStream | None = None
        self.sample_rate = self.channels = 0
        self.frame_samples = 1024
        video_context = self._video.codec_context
        self.width, self.height = video_context.width, video_context.height
        self.profile = str(video_context.profile or "")
        self.level = video_config[3]
        self.codecs = "avc1." + video_config[1:4].hex().upper()
        if audio_config is not None:
            self._audio = self._template.streams.audio[0]
            audio_context = self._audio.codec_context
            self.sample_rate, self.channels = audio_context.sample_rate, audio_context.channels
            self.frame_samples = audio_context.frame_size or 1024
            self.codecs += f",mp4a.40.{audio_config[0] >> 3}"
        if not self.width or not self.height or (audio_config and not self.sample_rate):
            raise MediaError("no picture size or no sound parameters")
        self.init = self._write([], 1)

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return self._audio is not None

    def mux(self, frames: Sequence[Frame], index: int) -> bytes:
        """Write one media segment.

        Args:
            frames: Its pictures and sound, each track in decode order.
            index: The segment's sequence number, from 1.

        Returns:
            ``moof`` and ``mdat`` with both tracks.

        Raises:
            MediaError: If FFmpeg refuses the frames.
        """
        return self._write(frames, index)[len(self.init) :]

    def _write(self, frames: Sequence[Frame], index: int) -> bytes:
        out = io.BytesIO()
        options = {
            "movflags": _MOVFLAGS,
            "avoid_negative_ts": "disabled",
            "fragment_index": str(index),
        }
        try:
            with av.open(out, "w", format="mp4", options=options) as container:
                video = container.add_stream_from_template(self._video)
                video.time_base = VIDEO_TIME_BASE
                audio = None
                if self._audio is not None:
                    audio = container.add_stream_from_template(self._audio)
                    audio.time_base = Fraction(1, self.sample_rate)
                container.start_encoding()
                for frame in frames:
                    stream = video if frame.is_video else audio
                    if stream is not None:
                        container.mux_one(self._packet(frame, stream))
        except av.FFmpegError as error:
            raise MediaError("segment could not be written") from error
        return out.getvalue()

    def _packet(self, frame: Frame, stream: Stream) -> "av.Packet[Stream]":
        packet = av.Packet(frame.data)
        packet.stream = stream
        packet.time_base = MILLISECONDS if frame.is_video else Fraction(1, self.sample_rate)
        packet.dts = frame.decode_time
        packet.pts = frame.decode_time + frame.composition
        packet.duration = frame.duration
        packet.is_keyframe = frame.is_keyframe
        return packet


def _open(
    video_config: bytes, keyframe: bytes, audio_config: bytes | None, audio_frame: bytes
) -> InputContainer:
    tags = [(flv.VIDEO_TAG, b"\x17\x00\x00\x00\x00" + video_config)]
    if audio_config is not None:
        tags.append((flv.AUDIO_TAG, b"\xaf\x00" + audio_config))
    tags.append((flv.VIDEO_TAG, b"\x17\x01\x00\x00\x00" + keyframe))
    if audio_config is not None:
        tags.append((flv.AUDIO_TAG, b"\xaf\x01" + audio_frame))
    try:
        container = av.open(io.BytesIO(flv.write_file(tags)), "r", format="flv")
    except av.FFmpegError as error:
        raise MediaError("tracks could not be recognised") from error
    if not container.streams.video or (audio_config is not None and not container.streams.audio):
        container.close()
        raise MediaError("a track is missing")
    return container
