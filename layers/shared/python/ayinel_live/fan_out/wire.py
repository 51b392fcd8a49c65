"""One keep-alive HTTP/1.1 connection that asks and hears the answer, with next to no machinery.

An exchange costs one write, one read and a look at the head: no future, no task, no timer, and no
asyncio transport, whose TLS layer alone costs as much as all the rest. The loop only says when the
socket can be read. OpenSSL works in memory, since on a socket it would read each record in two
system calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from typing import Any, NamedTuple, Protocol

from ayinel_live.fan_out.responses import BadResponseError, Response, empty_response, parse_response

# An answer to a post has some 300 bytes: larger reads cost more to provide than they save.
_READ_BYTES = 4 * 1024
_NOT_NOW = (BlockingIOError, InterruptedError)


class Tls(NamedTuple):
    """TLS in memory, after its handshake.

    Attributes:
        engine: Encrypts and decrypts.
        incoming: What the socket brought.
        outgoing: What the socket is to send.
    """

    engine: ssl.SSLObject
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO


class WireOwner(Protocol):
    """Who uses a wire and hears of what happens on it."""

    def wire_opened(self, wire: Wire) -> None:
        """The wire can be used."""

    def wire_answered(self, wire: Wire, response: Response) -> None:
        """The answer to the wire's request is whole; a wire to be kept is free again."""

    def wire_lost(self, wire: Wire, in_flight: bool) -> None:
        """The wire is gone; `in_flight` tells that a request on it has no answer."""


class Wire:
    """A connection with at most one request in flight.

    Args:
        owner: Who uses it.
        sock: A connected socket that does not block.
        loop: The loop that watches it.
        tls: TLS on it, or None.

    Attributes:
        exchanges: How many answers it has brought: a request that is lost on a wire that was used
            before has most likely met the server's idle limit.
        sent_at: The owner's clock when the request in flight was written.
        errand: What the owner keeps beside the request in flight.
        is_closed: Whether it can no longer be used.
    """

    __slots__ = (
        "_answered",
        "_busy",
        "_encrypt",
        "_encrypted",
        "_file",
        "_gathered",
        "_loop",
        "_owner",
        "_receive",
        "_send",
        "_socket",
        "_tls",
        "_unsent",
        "errand",
        "exchanges",
        "is_closed",
        "sent_at",
    )

    def __init__(
        self,
        owner: WireOwner,
        sock: socket.socket,
        loop: asyncio.AbstractEventLoop,
        tls: Tls | None = None,
    ) -> None:
        self._owner = owner
        self._socket = sock
        self._tls = tls
        self._file = sock.fileno()
        self._loop = loop
        # Looked up once, since each post asks for all of them.
        self._receive, self._send = sock.recv, sock.send
        self._answered = owner.wire_answered
        self._encrypt = None if tls is None else tls.engine.write
        self._encrypted = bytes if tls is None else tls.outgoing.read
        self._gathered = b""
        self._unsent = b""
        self._busy = False
        self.exchanges = 0
        self.sent_at = 0.0
        self.errand: Any = None
        self.is_closed = False
        loop.add_reader(self._file, self._readable)

    def ask(self, request: bytes) -> None:
        """Send a whole request; the wire must be free.

        Args:
            request: Head and body.
        """
        self._busy = True
        if self._unsent:
            # The last answer came before its request was out: this one would cut it short.
            self.abort()
            return
        sent = 0
        try:
            if self._encrypt is not None:
                self._encrypt(request)
                request = self._encrypted()
            sent = self._send(request)
        except _NOT_NOW:
            pass
        except OSError:
            self.abort()
            return
        if sent < len(request):
            self._unsent = request[sent:]
            self._loop.add_writer(self._file, self._writable)

    def abort(self) -> None:
        """Drop the connection at once; `wire_lost` follows in the loop's next turn."""
        if self.is_closed:
            return
        self.is_closed = True
        self._loop.remove_reader(self._file)
        self._loop.remove_writer(self._file)
        self._socket.close()
        self._loop.call_soon(self._tell_lost)

    def _writable(self) -> None:
        try:
            sent = self._socket.send(self._unsent)
        except _NOT_NOW:
            return
        except OSError:
            self.abort()
            return
        self._unsent = self._unsent[sent:]
        if not self._unsent:
            self._loop.remove_writer(self._file)

    def _readable(self) -> None:
        try:
            data = self._receive(_READ_BYTES)
            if data and self._tls is not None:
                engine, incoming, _ = self._tls
                incoming.write(data)
                data = engine.read(_READ_BYTES)
                if incoming.pending or len(data) == _READ_BYTES:
                    data += _rest(engine)
        except (*_NOT_NOW, ssl.SSLWantReadError):
            return
        except ssl.SSLZeroReturnError:
            data = b""
        except OSError:
            self.abort()
            return
        if not data:
            self._ended()
            return
        if self._gathered:
            data, self._gathered = self._gathered + data, b""
        elif self._busy and (empty := empty_response(data)) is not None:
            # Nearly every answer: nothing of it can make `_finish` drop the wire.
            self._busy = False
            self.exchanges += 1
            self._answered(self, empty)
            return
        try:
            response = parse_response(data)
        except (BadResponseError, ValueError):
            self.abort()
            return
        if response is None:
            self._gathered = data
        elif self._busy:
            self._finish(response)
        else:
            # Bytes that nobody asked for: answers can no longer be told apart.
            self.abort()

    def _ended(self) -> None:
        """The other side closes; an answer without a length ends with the connection."""
        gathered, self._gathered = self._gathered, b""
        response = None
        if self._busy and gathered:
            try:
                response = parse_response(gathered, ended=True)
            except (BadResponseError, ValueError):
                response = None
        if response is not None:
            self._finish(response)
        self.abort()

    def _finish(self, response: Response) -> None:
        self._busy = False
        self.exchanges += 1
        if not response.keep_alive:
            self.abort()
        self._owner.wire_answered(self, response)

    def _tell_lost(self) -> None:
        in_flight, self._busy = self._busy, False
        self._owner.wire_lost(self, in_flight)


def _rest(engine: ssl.SSLObject) -> bytes:
    """Return what else the bytes of the socket bring, after the first piece."""
    pieces: list[bytes] = []
    with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
        while piece := engine.read(_READ_BYTES):
            pieces.append(piece)
    return b"".join(pieces)
