"""GetStreamSession's ``ingestConfiguration``: what an encoder said, and what was seen."""

from collections.abc import Mapping

from local.video.amf0 import AmfValue
from local.video.fmp4 import Tracks
from local.video.resources import JsonObject


def describe(
    tracks: Tracks,
    metadata: Mapping[str, AmfValue],
    measured_bits_per_second: int,
    measured_frames_per_second: float,
) -> JsonObject:
    """Describe a publisher.

    Args:
        tracks: What FFmpeg recognised.
        metadata: The encoder's ``onMetaData``; it may be missing or wrong.
        measured_bits_per_second: Stands in where the encoder names no bitrate.
        measured_frames_per_second: Stands in where the encoder names no frame rate.

    Returns:
        The API's structure.
    """
    codecs = tracks.codecs.split(",")
    rate = int(_number(metadata.get("videodatarate")) * 1000)
    encoder = metadata.get("encoder")
    video: JsonObject = {
        "avcProfile": tracks.profile,
        "avcLevel": f"{tracks.level // 10}.{tracks.level % 10}",
        "codec": codecs[0],
        "encoder": encoder[:128] if isinstance(encoder, str) else "",
        "targetBitrate": rate or measured_bits_per_second,
        "targetFramerate": round(_number(metadata.get("framerate")) or measured_frames_per_second),
        "videoHeight": tracks.height,
        "videoWidth": tracks.width,
    }
    described: JsonObject = {"video": video}
    if tracks.has_audio:
        described["audio"] = {
            "codec": codecs[1],
            "targetBitrate": int(_number(metadata.get("audiodatarate")) * 1000),
            "sampleRate": tracks.sample_rate,
            "channels": tracks.channels,
        }
    return described


def _number(value: AmfValue) -> float:
    is_usable = isinstance(value, int | float) and 0 < value < 1e6
    return float(value) if is_usable and isinstance(value, int | float) else 0.0
