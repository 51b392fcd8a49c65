"""A WebSocket for one short talk in text frames (RFC 6455), of the standard library alone.

A library would be a layer for this function, which says one sentence and hears a few.
"""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import ssl
import struct
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import urlsplit

# RFC 6455, section 1.3.
_ACCEPT_SUFFIX = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_TEXT, _CLOSE, _PING, _PONG = 0x1, 0x8, 0x9, 0xA
_FINAL, _MASKED = 0x80, 0x80
_LONG, _VERY_LONG = 126, 127


class HandshakeError(Exception):
    """The server did not open the connection; says with which status, never at which address."""


class TextSocket:
    """An open connection.

    Args:
        url: `ws://…` or `wss://…`.
        timeout_seconds: How long any one read may take.

    Raises:
        HandshakeError: The server refused.
    """

    def __init__(self, url: str, timeout_seconds: float) -> None:
        parts = urlsplit(url)
        is_secure = parts.scheme == "wss"
        host, port = parts.hostname or "", parts.port or (443 if is_secure else 80)
        self._socket: socket.socket = socket.create_connection((host, port), timeout_seconds)
        if is_secure:
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host)
        self._stream: BinaryIO = self._socket.makefile("rb")
        try:
            self._shake_hands(f"{parts.path or '/'}?{parts.query}", parts.netloc)
        except BaseException:
            self.close()
            raise

    def send(self, text: str) -> None:
        """Send a text frame."""
        self._send(_TEXT, text.encode())

    def texts(self) -> Iterator[str]:
        """Yield what comes until the server closes.

        Raises:
            TimeoutError: Nothing came for too long.
        """
        while True:
            kind, data = self._read()
            if kind == _CLOSE:
                return
            if kind == _PING:
                self._send(_PONG, data)
            elif kind == _TEXT:
                yield data.decode()

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
        self._socket.close()

    def say_goodbye(self) -> None:
        """Tell the server that the talk is over, and close."""
        self._send(_CLOSE, struct.pack(">H", 1000))
        self.close()

    def _shake_hands(self, target: str, host: str) -> None:
        key = base64.b64encode(os.urandom(16))
        lines = (
            f"GET {target} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key.decode()}",
            "Sec-WebSocket-Version: 13",
        )
        self._socket.sendall("\r\n".join((*lines, "", "")).encode())
        status = self._stream.readline().split(b" ", 2)
        headers = dict(self._headers())
        digest = hashlib.sha1(key + _ACCEPT_SUFFIX, usedforsecurity=False).digest()
        is_open = len(status) > 1 and status[1] == b"101"
        if not is_open or headers.get(b"sec-websocket-accept") != base64.b64encode(digest):
            shown = status[1].decode(errors="replace") if len(status) > 1 else "nothing"
            raise HandshakeError(f"the handshake was answered with {shown}")

    def _headers(self) -> Iterator[tuple[bytes, bytes]]:
        while line := self._stream.readline().strip():
            name, _, value = line.partition(b":")
            yield name.strip().lower(), value.strip()

    def _send(self, kind: int, data: bytes) -> None:
        head = bytes((_FINAL | kind,))
        if len(data) < _LONG:
            head += bytes((_MASKED | len(data),))
        else:
            head += struct.pack(">BH", _MASKED | _LONG, len(data))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        self._socket.sendall(head + mask + masked)

    def _read(self) -> tuple[int, bytes]:
        """Return kind and content of the next frame; the gateway never fragments."""
        first, second = self._exactly(2)
        size = second & ~_MASKED
        if size == _LONG:
            (size,) = struct.unpack(">H", self._exactly(2))
        elif size == _VERY_LONG:
            (size,) = struct.unpack(">Q", self._exactly(8))
        return first & 0x0F, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise ConnectionError("the connection ended")
        return data
