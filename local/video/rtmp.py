"""RTMP on the wire: the handshake, and messages cut into interleaved chunks.

Source: Adobe's Real Time Messaging Protocol 1.0 (2012), sections 5.2 to 5.4. No sockets here: bytes
go in, messages come out, so that the parser can be fuzzed alone.
"""

import secrets
import struct
from dataclasses import dataclass
from enum import IntEnum

from local.video.amf0 import AmfValue, encode

VERSION = 3
HANDSHAKE_BYTES = 1536
MAX_CHUNK_STREAMS = 32
MAX_CHUNK_BYTES = 0xFFFFFF
DEFAULT_CHUNK_BYTES = 128

_EXTENDED = 0xFFFFFF
_HEADER_BYTES = (11, 7, 3, 0)


class MessageType(IntEnum):
    """The message types that a publisher or this server sends."""

    SET_CHUNK_SIZE = 1
    ABORT = 2
    ACKNOWLEDGEMENT = 3
    USER_CONTROL = 4
    WINDOW_ACKNOWLEDGEMENT_SIZE = 5
    SET_PEER_BANDWIDTH = 6
    AUDIO = 8
    VIDEO = 9
    DATA_AMF3 = 15
    COMMAND_AMF3 = 17
    DATA = 18
    COMMAND = 20


class RtmpError(ValueError):
    """Raised when a peer breaks the protocol or a limit; the connection cannot go on."""


@dataclass(frozen=True, slots=True)
class Message:
    """One RTMP message.

    Attributes:
        type_id: One of :class:`MessageType`, or a number this server does not know.
        stream_id: The message stream, 0 for control and connection commands.
        timestamp_ms: Milliseconds on the sender's clock, 32 bits.
        payload: The body.
    """

    type_id: int
    stream_id: int
    timestamp_ms: int
    payload: bytes


class Handshake:
    """The server's half of the plain handshake.

    Attributes:
        done: Whether the client has finished, so that chunks follow.
    """

    def __init__(self) -> None:
        self._received = bytearray()
        self._replied = False
        self.done = False

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Take bytes of the client.

        Args:
            data: What came from the socket.

        Returns:
            What to send, and the bytes that already belong to the chunk stream.

        Raises:
            RtmpError: If the first byte is no RTMP version this server speaks.
        """
        self._received += data
        if self._received and self._received[0] != VERSION:
            raise RtmpError("not RTMP version 3")
        reply = b""
        if not self._replied and len(self._received) > HANDSHAKE_BYTES:
            client = bytes(self._received[1 : 1 + HANDSHAKE_BYTES])
            own = bytes(8) + secrets.token_bytes(HANDSHAKE_BYTES - 8)
            reply = bytes([VERSION]) + own + client
            self._replied = True
        rest = b""
        if self._replied and len(self._received) > 2 * HANDSHAKE_BYTES:
            rest = bytes(self._received[1 + 2 * HANDSHAKE_BYTES :])
            self._received.clear()
            self.done = True
        return reply, rest


@dataclass(frozen=True, slots=True)
class _Header:
    """What the last header of a chunk stream said; the shorter formats lean on it."""

    timestamp_field: int = 0
    is_extended: bool = False
    length: int = 0
    type_id: int = 0
    stream_id: int = 0


@dataclass(slots=True)
class _ChunkStream:
    header: _Header
    timestamp_ms: int = 0
    parts: bytearray | None = None


class ChunkReader:
    """Puts the chunks of one connection together into messages.

    Attributes:
        max_message_bytes: What all messages that are not whole yet may come to, so that no peer
            has more held for it by beginning many; may be raised once a publisher is known.
    """

    def __init__(self, max_message_bytes: int) -> None:
        self.max_message_bytes = max_message_bytes
        self._chunk_bytes = DEFAULT_CHUNK_BYTES
        self._buffer = bytearray()
        self._streams: dict[int, _ChunkStream] = {}
        self._begun_bytes = 0

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes of the peer.

        Args:
            data: What came from the socket, cut anywhere.

        Returns:
            The messages that are now whole; chunk size and abort are applied here too.

        Raises:
            RtmpError: If the bytes break the protocol or a limit.
        """
        self._buffer += data
        messages: list[Message] = []
        position = 0
        while (after := self._read_chunk(position, messages)) is not None:
            position = after
        del self._buffer[:position]
        return messages

    def _read_chunk(self, start: int, messages: list[Message]) -> int | None:
        """Read one chunk; returns the position behind it, or nothing while it is not whole."""
        basic = _basic_header(self._buffer, start)
        if basic is None:
            return None
        header_format, chunk_stream_id, position = basic
        stream = self._streams.get(chunk_stream_id)
        if stream is None:
            if header_format == 3 or len(self._streams) >= MAX_CHUNK_STREAMS:
                raise RtmpError("chunk stream without a beginning, or too many of them")
            stream = _ChunkStream(_Header())
        if header_format != 3 and stream.parts is not None:
            raise RtmpError("new header inside a message")
        read = self._read_header(header_format, position, stream)
        if read is None:
            return None
        header, position = read
        have = len(stream.parts) if stream.parts is not None else 0
        if header.length + self._begun_bytes - have > self.max_message_bytes:
            raise RtmpError("message too long")
        end = position + min(self._chunk_bytes, header.length - have)
        if len(self._buffer) < end:
            return None
        self._streams[chunk_stream_id] = stream
        self._add(stream, header_format, header, self._buffer[position:end], messages)
        return end

    def _read_header(
        self, header_format: int, position: int, stream: _ChunkStream
    ) -> tuple[_Header, int] | None:
        size = _HEADER_BYTES[header_format]
        raw = self._buffer[position : position + size]
        if len(raw) < size:
            return None
        position += size
        last = stream.header
        field = int.from_bytes(raw[:3], "big") if size else last.timestamp_field
        is_extended = field == _EXTENDED if size else last.is_extended
        if is_extended:
            if len(self._buffer) < position + 4:
                return None
            extended = int.from_bytes(self._buffer[position : position + 4], "big")
            # Some encoders leave the field out of the chunks that continue a message.
            if stream.parts is None or extended == last.timestamp_field:
                field = extended
                position += 4
        header = _Header(
            timestamp_field=field,
            is_extended=is_extended,
            length=int.from_bytes(raw[3:6], "big") if size >= 7 else last.length,
            type_id=raw[6] if size >= 7 else last.type_id,
            stream_id=int.from_bytes(raw[7:11], "little") if size == 11 else last.stream_id,
        )
        return header, position

    def _add(
        self,
        stream: _ChunkStream,
        header_format: int,
        header: _Header,
        body: bytearray,
        messages: list[Message],
    ) -> None:
        if stream.parts is None:
            base = 0 if header_format == 0 else stream.timestamp_ms
            stream.timestamp_ms = (base + header.timestamp_field) & 0xFFFFFFFF
            stream.header = header
            stream.parts = body
        else:
            stream.parts += body
        self._begun_bytes += len(body)
        if len(stream.parts) < header.length:
            return
        payload = bytes(stream.parts)
        self._forget(stream)
        message = Message(header.type_id, header.stream_id, stream.timestamp_ms, payload)
        self._apply(message)
        messages.append(message)

    def _apply(self, message: Message) -> None:
        if message.type_id == MessageType.SET_CHUNK_SIZE:
            size = _unsigned(message.payload)
            if not 1 <= size <= MAX_CHUNK_BYTES:
                raise RtmpError("chunk size out of range")
            self._chunk_bytes = size
        elif message.type_id == MessageType.ABORT:
            aborted = self._streams.get(_unsigned(message.payload))
            if aborted is not None:
                self._forget(aborted)

    def _forget(self, stream: _ChunkStream) -> None:
        if stream.parts is not None:
            self._begun_bytes -= len(stream.parts)
            stream.parts = None


def _basic_header(buffer: bytearray, start: int) -> tuple[int, int, int] | None:
    """Returns format, chunk stream id and the position behind, or nothing while cut short."""
    if start >= len(buffer):
        return None
    chunk_stream_id = buffer[start] & 0x3F
    size = {0: 2, 1: 3}.get(chunk_stream_id, 1)
    if start + size > len(buffer):
        return None
    if size > 1:
        chunk_stream_id = 64 + int.from_bytes(buffer[start + 1 : start + size], "little")
    return buffer[start] >> 6, chunk_stream_id, start + size


def _unsigned(payload: bytes) -> int:
    if len(payload) < 4:
        raise RtmpError("control message cut short")
    return int.from_bytes(payload[:4], "big")


def encode_message(
    message: Message, chunk_stream_id: int, chunk_bytes: int = DEFAULT_CHUNK_BYTES
) -> bytes:
    """Cut a message into chunks: one full header, then continuations.

    Args:
        message: What to send; its timestamp stays below the extended range.
        chunk_stream_id: 2 for control, 3 to 63 for the rest.
        chunk_bytes: The chunk size that was announced to the peer.

    Returns:
        The bytes for the socket.
    """
    header = struct.pack(">B", chunk_stream_id) + message.timestamp_ms.to_bytes(3, "big")
    header += len(message.payload).to_bytes(3, "big") + bytes([message.type_id])
    header += message.stream_id.to_bytes(4, "little")
    pieces = [
        message.payload[at : at + chunk_bytes] for at in range(0, len(message.payload), chunk_bytes)
    ]
    return header + bytes([0xC0 | chunk_stream_id]).join(pieces)


def control(message_type: MessageType, value: int, suffix: bytes = b"") -> bytes:
    """Write a protocol control message, which carries one 32-bit number.

    Args:
        message_type: Which control message.
        value: Its number: a size in bytes, or a count.
        suffix: What follows the number, the limit type of a peer bandwidth.

    Returns:
        The bytes for the socket.
    """
    return encode_message(Message(message_type, 0, 0, struct.pack(">I", value) + suffix), 2)


def command(stream_id: int, *values: AmfValue, chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> bytes:
    """Write a command or its answer.

    Args:
        stream_id: The message stream it belongs to.
        values: Name, transaction number and arguments.
        chunk_bytes: The chunk size that was announced to the peer.

    Returns:
        The bytes for the socket.
    """
    message = Message(MessageType.COMMAND, stream_id, 0, encode(values))
    return encode_message(message, 3, chunk_bytes)
