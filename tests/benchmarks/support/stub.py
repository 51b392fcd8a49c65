"""A stand-in for `@connections`: answers posts, late or up to a quota, and counts them.

`python -m tests.benchmarks.support.stub` prints its port. `GET /counts` tells what it has seen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import ssl
import time

_HEAD = b"HTTP/1.1 %d Answer\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s"


class Quota:
    """A token bucket as API Gateway has one; without a rate everything passes."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self.tokens = rate / 4
        self.at = time.monotonic()

    def take(self) -> bool:
        """Take one request's right."""
        if not self.rate:
            return True
        now = time.monotonic()
        self.tokens = min(self.rate / 4, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


class Stub(asyncio.BufferedProtocol):
    """One connection of the server; requests come one at a time."""

    def __init__(self, quota: Quota, counts: dict[str, int], delay_seconds: float) -> None:
        self.quota = quota
        self.counts = counts
        self.delay_seconds = delay_seconds
        self.buffer = memoryview(bytearray(64 * 1024))
        self.filled = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]  # it is TCP

    def get_buffer(self, sizehint: int) -> memoryview:
        """Return where the next bytes go."""
        return self.buffer[self.filled :]

    def buffer_updated(self, nbytes: int) -> None:
        """Answer a request once it is whole."""
        self.filled += nbytes
        data = bytes(self.buffer[: self.filled])
        head_end = data.find(b"\r\n\r\n")
        if head_end < 0:
            return
        head = data[:head_end].lower() + b"\r\n"
        at = head.find(b"content-length:")
        length = int(head[at + 15 : head.find(b"\r\n", at)]) if at >= 0 else 0
        if len(data) < head_end + 4 + length:
            return
        self.filled = 0
        if head.startswith(b"get "):
            body = json.dumps(self.counts).encode()
            self.transport.write(_HEAD % (200, len(body), body))
            return
        status = 200 if self.quota.take() else 429
        self.counts["accepted" if status == 200 else "refused"] += 1
        answer = _HEAD % (status, 0, b"")
        if self.delay_seconds:
            asyncio.get_running_loop().call_later(self.delay_seconds, self.transport.write, answer)
        else:
            self.transport.write(answer)


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until the process ends."""
    context = None
    if arguments.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(arguments.certificate, arguments.key)
    quota, counts = Quota(arguments.quota), {"accepted": 0, "refused": 0}
    server = await asyncio.get_running_loop().create_server(
        lambda: Stub(quota, counts, arguments.delay), "127.0.0.1", 0, ssl=context, backlog=1024
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--delay", type=float, default=0.0)
    parser.add_argument("--quota", type=float, default=0.0)
    parser.add_argument("--core", type=int)
    arguments = parser.parse_args()
    if arguments.core is not None:
        os.sched_setaffinity(0, {arguments.core})
    try:
        import uvloop
    except ImportError:
        asyncio.run(serve(arguments))
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(arguments))


if __name__ == "__main__":
    main()
