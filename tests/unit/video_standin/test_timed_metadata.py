import struct

from hypothesis import given
from hypothesis import strategies as st

from local.video.timed_metadata import emsg


@given(st.text(min_size=1, max_size=250), st.integers(0, 2**40), st.integers(1, 2**31))
def test_box_carries_text_time_and_number(text: str, moment_ms: int, number: int) -> None:
    box = emsg(text, moment_ms, number)
    size, kind = struct.unpack(">I4s", box[:8])
    assert (size, kind) == (len(box), b"emsg")
    assert box[8] == 1
    timescale, when, _, event_id = struct.unpack(">IQII", box[12:32])
    assert (timescale, when, event_id) == (1000, moment_ms, number)
    scheme, value, rest = box[32:].split(b"\x00", 2)
    assert (scheme, value) == (b"https://aomedia.org/emsg/ID3", b"")
    assert rest[:3] == b"ID3"
    assert rest[10:14] == b"TXXX"
    assert rest.endswith(b"\x03\x00" + text.encode() + b"\x00")
    tag_bytes = sum(byte << shift for byte, shift in zip(rest[6:10], (21, 14, 7, 0), strict=True))
    assert tag_bytes == len(rest) - 10
