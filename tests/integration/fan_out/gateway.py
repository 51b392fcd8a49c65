"""A real HTTP server that stands where `@connections` stands, with faults on demand."""

from __future__ import annotations

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import unquote

RESET = -1
HANG = -2
CLOSE_AFTER = 1000


@dataclass
class Gateway:
    """Answers posts; what arrives is kept in order for each connection.

    Attributes:
        faults: For a connection, what its next requests meet: a status, RESET (the socket dies
            without an answer), HANG (no answer), or CLOSE_AFTER + status (answers, then closes).
        judge: Asked for every request that meets no fault; returns the status.
        answer_seconds: How long every answer takes.
    """

    faults: defaultdict[str, deque[int]] = field(default_factory=lambda: defaultdict(deque))
    judge: Callable[[str], int] | None = None
    answer_seconds: float = 0.0
    received: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    closed: list[str] = field(default_factory=list)
    requests: int = 0
    accepted: int = 0
    heads: list[str] = field(default_factory=list)
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, context: ssl.SSLContext | None = None) -> str:
        """Listen; returns the endpoint URL, which has a stage as on AWS."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=context)
        port = self._server.sockets[0].getsockname()[1]
        return f"{'https' if context else 'http'}://localhost:{port}/test"

    async def stop(self) -> None:
        """Close everything."""
        assert self._server is not None
        self._server.close()
        self.drop_all()
        await asyncio.sleep(0.01)

    def drop_all(self) -> None:
        """Reset every open socket, as a server does with idle ones."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.accepted += 1
        self._writers.add(writer)
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = head.split("\r\n")
        method, path, _ = lines[0].split(" ")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests += 1
        self.heads.append(head)
        connection_id = unquote(path.removeprefix("/test/@connections/"))
        fault = self.faults[connection_id].popleft() if self.faults[connection_id] else 0
        if not fault and self.judge is not None:
            fault = self.judge(connection_id)
        if self.answer_seconds:
            await asyncio.sleep(self.answer_seconds)
        if fault == RESET:
            writer.transport.abort()
            return False
        if fault == HANG:
            await asyncio.sleep(60)
            return False
        closes, status = divmod(fault, CLOSE_AFTER)
        status = status or 200
        if status == 200:
            if method == "DELETE":
                status = 204
                self.closed.append(connection_id)
            else:
                self.received[connection_id].append(body)
        length = "" if status == 204 else "Content-Length: 0\r\n"
        writer.write(f"HTTP/1.1 {status} Answer\r\n{length}\r\n".encode())
        await writer.drain()
        return not closes
