"""Timed metadata inside the segments: ID3 in an ``emsg`` box.

IVS puts PutMetadata's text into the stream as ID3. The fMP4 form of that (AOM, "Carriage of ID3
Timed Metadata in CMAF") is what hls.js, its light build too, hands out as
``Events.FRAG_PARSING_METADATA``, the same event that it fires for IVS's own streams. The text is
a ``TXXX`` frame whose description is empty.
"""

import struct

SCHEME = "https://aomedia.org/emsg/ID3"
MAX_METADATA_BYTES = 1024


def emsg(text: str, presentation_ms: int, event_id: int) -> bytes:
    """Write the box that carries a text to players.

    Args:
        text: The metadata.
        presentation_ms: When it is due, on the clock of the segment's decode times.
        event_id: Tells boxes of a stream apart.

    Returns:
        The box, to be put before a segment's ``moof``.
    """
    body = b"\x01\x00\x00\x00" + struct.pack(">IQII", 1000, presentation_ms, 0, event_id)
    body += SCHEME.encode() + b"\x00\x00" + _id3(text)
    return struct.pack(">I4s", 8 + len(body), b"emsg") + body


def _id3(text: str) -> bytes:
    frame = b"\x03\x00" + text.encode() + b"\x00"
    frames = b"TXXX" + _syncsafe(len(frame)) + b"\x00\x00" + frame
    return b"ID3\x04\x00\x00" + _syncsafe(len(frames)) + frames


def _syncsafe(size: int) -> bytes:
    return bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
