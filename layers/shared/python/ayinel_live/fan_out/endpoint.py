"""Where requests go: host, port and certificates, and how a connection there is opened."""

from __future__ import annotations

import asyncio
import random
import socket
import ssl
from typing import NamedTuple
from urllib.parse import urlsplit

from ayinel_live.fan_out.wire import Tls, Wire, WireOwner

_ADDRESS_SECONDS = 60.0
_CONNECT_SECONDS = 3.0
_HANDSHAKE_BYTES = 16 * 1024


class Endpoint(NamedTuple):
    """A base URL, taken apart.

    Attributes:
        host: Name or address, for the certificate check.
        port: TCP port.
        path: Base path without a trailing slash.
        is_secure: Whether TLS is spoken.
    """

    host: str
    port: int
    path: str
    is_secure: bool

    @classmethod
    def of(cls, url: str) -> Endpoint:
        """Take a URL apart.

        Args:
            url: `https://…`, or `http://…` for the emulator; `wss` and `ws` mean the same hosts.

        Raises:
            ValueError: The URL has another scheme or no host.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https", "ws", "wss"} or not parts.hostname:
            raise ValueError("an endpoint is an http or https URL with a host")
        is_secure = parts.scheme in {"https", "wss"}
        port = parts.port or (443 if is_secure else 80)
        return cls(parts.hostname, port, parts.path.rstrip("/"), is_secure)

    @property
    def host_header(self) -> str:
        """The `Host` header: with the port where it is not the scheme's own."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == (443 if self.is_secure else 80) else f"{name}:{self.port}"


class Dialer:
    """Opens wires to one endpoint; certificates are checked, the name is resolved once a minute.

    Args:
        endpoint: Where to.
        ca_bundle: A file of authorities to trust instead of the system's (`AWS_CA_BUNDLE`).
    """

    def __init__(self, endpoint: Endpoint, ca_bundle: str = "") -> None:
        self.endpoint = endpoint
        self._ca_bundle = ca_bundle
        self._context: ssl.SSLContext | None = None
        self._family = socket.AF_INET
        self._addresses: list[str] = []
        self._resolved_at = float("-inf")

    async def open(self, owner: WireOwner) -> Wire:
        """Open a wire.

        Args:
            owner: Who will use it.

        Raises:
            OSError: Refused, unreachable, a bad certificate, or too slow (`TimeoutError`).
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_CONNECT_SECONDS):
            family, address = await self._address(loop)
            sock = socket.socket(family, socket.SOCK_STREAM)
            try:
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.sock_connect(sock, (address, self.endpoint.port))
                tls = await self._secured(sock, loop) if self.endpoint.is_secure else None
            except BaseException:
                sock.close()
                raise
        wire = Wire(owner, sock, loop, tls)
        owner.wire_opened(wire)
        return wire

    async def _secured(self, sock: socket.socket, loop: asyncio.AbstractEventLoop) -> Tls:
        """Shake hands; the context checks the certificate and its name."""
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        engine = self._tls().wrap_bio(incoming, outgoing, server_hostname=self.endpoint.host)
        while True:
            try:
                engine.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(sock, outgoing.read())
                data = await loop.sock_recv(sock, _HANDSHAKE_BYTES)
                if not data:
                    raise ConnectionResetError from None
                incoming.write(data)
            else:
                await loop.sock_sendall(sock, outgoing.read())
                return Tls(engine, incoming, outgoing)

    async def _address(self, loop: asyncio.AbstractEventLoop) -> tuple[int, str]:
        if loop.time() - self._resolved_at > _ADDRESS_SECONDS:
            found = await loop.getaddrinfo(
                self.endpoint.host, self.endpoint.port, type=socket.SOCK_STREAM
            )
            families = {entry[0] for entry in found}
            # IPv4 where there is a choice: a function outside a VPC has no IPv6 way out.
            self._family = socket.AF_INET if socket.AF_INET in families else socket.AF_INET6
            self._addresses = sorted(
                {str(entry[4][0]) for entry in found if entry[0] == self._family}
            )
            self._resolved_at = loop.time()
        return self._family, random.choice(self._addresses)  # noqa: S311  spreading load

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = ssl.create_default_context(cafile=self._ca_bundle or None)
            self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        return self._context
