import contextlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.video import rtmp
from local.video.rtmp import ChunkReader, Handshake, Message, MessageType, RtmpError

LIMIT = 1 << 20
MESSAGES = st.builds(
    Message,
    st.sampled_from([MessageType.AUDIO, MessageType.VIDEO, MessageType.COMMAND]),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFE),
    st.binary(max_size=2000),
)


def fed(reader: ChunkReader, data: bytes, step: int) -> list[Message]:
    messages: list[Message] = []
    for at in range(0, len(data), step):
        messages += reader.feed(data[at : at + step])
    return messages


@given(st.lists(MESSAGES, max_size=6), st.integers(1, 5000), st.integers(1, 700))
def test_messages_come_out_whole_however_the_bytes_are_cut(
    messages: list[Message], chunk_bytes: int, step: int
) -> None:
    data = rtmp.control(MessageType.SET_CHUNK_SIZE, chunk_bytes)
    for number, message in enumerate(messages):
        data += rtmp.encode_message(message, 3 + number % 4, chunk_bytes)
    assert fed(ChunkReader(LIMIT), data, step)[1:] == messages


@given(st.binary(max_size=600), st.integers(1, 100))
def test_garbage_is_refused_or_read_but_never_breaks_the_reader(data: bytes, step: int) -> None:
    reader = ChunkReader(LIMIT)
    with contextlib.suppress(RtmpError):
        fed(reader, data, step)


def test_short_headers_lean_on_the_last_one() -> None:
    full = b"\x04" + b"\x00\x00\x64" + b"\x00\x00\x01" + b"\x09" + b"\x01\x00\x00\x00" + b"a"
    with_length = b"\x44" + b"\x00\x00\x0a" + b"\x00\x00\x02" + b"\x08" + b"bb"
    with_time = b"\x84" + b"\x00\x00\x05" + b"cc"
    bare = b"\xc4" + b"dd"
    messages = ChunkReader(LIMIT).feed(full + with_length + with_time + bare)
    assert [(m.type_id, m.timestamp_ms, m.payload) for m in messages] == [
        (9, 100, b"a"),
        (8, 110, b"bb"),
        (8, 115, b"cc"),
        (8, 120, b"dd"),
    ]
    assert {m.stream_id for m in messages} == {1}


@pytest.mark.parametrize("repeats_the_field", [True, False])
def test_extended_timestamp_is_read_with_and_without_repeats(repeats_the_field: bool) -> None:
    time = 0x01234567
    field = struct.pack(">I", time)
    body = bytes(range(200))
    data = b"\x04\xff\xff\xff" + b"\x00\x00\xc8" + b"\x09" + b"\x01\x00\x00\x00" + field
    data += body[:128] + b"\xc4" + (field if repeats_the_field else b"") + body[128:]
    (message,) = ChunkReader(LIMIT).feed(data)
    assert message.timestamp_ms == time
    assert message.payload == body


def test_chunks_of_two_streams_may_alternate() -> None:
    video = rtmp.encode_message(Message(9, 1, 0, b"v" * 256), 6)
    audio = rtmp.encode_message(Message(8, 1, 0, b"a" * 100), 4)
    first = 12 + 128
    messages = ChunkReader(LIMIT).feed(video[:first] + audio + video[first:])
    assert [message.payload[:1] for message in messages] == [b"a", b"v"]
    assert len(messages[1].payload) == 256


def test_large_chunk_stream_ids_are_read() -> None:
    message = Message(8, 1, 5, b"x")
    plain = rtmp.encode_message(message, 3)[1:]
    assert ChunkReader(LIMIT).feed(b"\x00\x05" + plain) == [message]
    assert ChunkReader(LIMIT).feed(b"\x01\x05\x01" + plain) == [message]


def test_abort_drops_what_was_begun() -> None:
    begun = rtmp.encode_message(Message(9, 1, 0, b"v" * 256), 6)[: 12 + 128]
    whole = Message(9, 1, 0, b"w")
    data = begun + rtmp.control(MessageType.ABORT, 6) + rtmp.encode_message(whole, 6)
    assert ChunkReader(LIMIT).feed(data)[1:] == [whole]


@pytest.mark.parametrize(
    "data",
    [
        b"\xc3",
        rtmp.encode_message(Message(9, 1, 0, bytes(2000)), 6),
        rtmp.control(MessageType.SET_CHUNK_SIZE, 0),
        rtmp.control(MessageType.SET_CHUNK_SIZE, 0x7FFFFFFF),
        rtmp.encode_message(Message(MessageType.SET_CHUNK_SIZE, 0, 0, b"\x01"), 2),
        b"".join(rtmp.encode_message(Message(8, 1, 0, b""), csid) for csid in range(3, 60)),
        rtmp.encode_message(Message(9, 1, 0, bytes(300)), 6)[:140] + b"\x06" + bytes(11),
    ],
    ids=["no header", "too long", "zero chunks", "huge chunks", "cut", "streams", "nested"],
)
def test_broken_rules_and_limits_are_refused(data: bytes) -> None:
    with pytest.raises(RtmpError):
        ChunkReader(1000).feed(data)


def test_long_message_is_refused_before_its_body_comes() -> None:
    header = rtmp.encode_message(Message(9, 1, 0, bytes(2000)), 6)[:12]
    with pytest.raises(RtmpError):
        ChunkReader(1000).feed(header)


def begun(chunk_stream_id: int) -> bytes:
    """The first chunk of a message of a thousand bytes: 128 of them."""
    return rtmp.encode_message(Message(9, 1, 0, bytes(1000)), chunk_stream_id)[: 12 + 128]


def test_many_begun_messages_hold_no_more_than_one_long_one() -> None:
    reader = ChunkReader(2000)
    for chunk_stream_id in range(3, 11):
        assert reader.feed(begun(chunk_stream_id)) == []
    with pytest.raises(RtmpError):
        reader.feed(begun(11))


def test_messages_that_came_to_an_end_count_no_more() -> None:
    reader = ChunkReader(2000)
    whole = rtmp.encode_message(Message(9, 1, 0, bytes(1000)), 3)
    for _ in range(20):
        assert len(reader.feed(whole)) == 1
        assert len(reader.feed(begun(4) + rtmp.control(MessageType.ABORT, 4))) == 1


@given(st.integers(1, 4000), st.binary(max_size=50))
def test_handshake_ends_where_the_chunks_begin(step: int, rest: bytes) -> None:
    handshake = Handshake()
    sent = b"\x03" + bytes(range(256)) * 6 + bytes(1536) + rest
    reply, left = b"", b""
    for at in range(0, len(sent), step):
        piece = sent[at : at + step]
        if handshake.done:
            left += piece
            continue
        answer, over = handshake.feed(piece)
        reply += answer
        left += over
    assert handshake.done
    assert left == rest
    assert len(reply) == 1 + 2 * 1536
    assert reply[1537:] == sent[1:1537]


def test_other_versions_are_refused_at_the_first_byte() -> None:
    with pytest.raises(RtmpError):
        Handshake().feed(b"G")
