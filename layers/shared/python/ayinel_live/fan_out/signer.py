"""Signature version 4, for the few requests that the post worker makes.

Source: AWS Identity and Access Management User Guide, "Create a signed AWS API request". botocore
signs a request in some 200 µs; a frame to 5,000 connections is 5,000 requests that differ in their
path alone. Here the key is derived once a day, the body hashed once a frame, and what depends on
the second is rendered once a second. The result is the same to the byte.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

_ALGORITHM = "AWS4-HMAC-SHA256"
_BLOCK_BYTES = 64
# More than a worker serves within minutes: some 5 MB.
CONNECTIONS_REMEMBERED = 16_384
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


class Credentials:
    """An AWS key pair; its representation shows nothing secret.

    Args:
        access_key_id: The public part.
        secret_access_key: The secret part.
        session_token: Of temporary credentials; empty for long-lived ones.
    """

    def __init__(self, access_key_id: str, secret_access_key: str, session_token: str = "") -> None:
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id!r})"


class Payload(NamedTuple):
    """A request body, hashed once and sent many times.

    Attributes:
        body: The bytes.
        digest: Their SHA-256, hexadecimal.
        signed_end: The end of what is signed: the same, as bytes.
        tail: The end of a request: the last header, the empty line and the body.
    """

    body: bytes
    digest: str
    signed_end: bytes
    tail: bytes

    @classmethod
    def of(cls, body: bytes) -> Payload:
        """Hash a body."""
        tail = b"\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        digest = sha256(body).hexdigest()
        return cls(body, digest, digest.encode(), tail)


class PathPart(NamedTuple):
    """A connection id in a path.

    Attributes:
        sent: As on the wire; ids are Base64 and end in `=`.
        signed: As in the canonical path, which is encoded once more.
    """

    sent: bytes
    signed: bytes


@lru_cache(CONNECTIONS_REMEMBERED)
def path_part(connection_id: str) -> PathPart:
    """Return a connection id as it stands in paths; the same ids come with every frame."""
    sent = quote(connection_id, safe="").encode()
    return PathPart(sent, sent.replace(b"%", b"%25"))


class _SigningKey:
    """A day's key as HMAC states that are copied instead of keyed anew for each signature."""

    def __init__(self, credentials: Credentials, day: str, region: str, service: str) -> None:
        self.scope = f"{day}/{region}/{service}/aws4_request"
        self._take(b"AWS4" + credentials.secret_access_key.encode())
        for part in self.scope.split("/"):
            self._take(self.sign(part))

    def _take(self, key: bytes) -> None:
        """Key the two states (RFC 2104)."""
        if len(key) > _BLOCK_BYTES:
            key = sha256(key).digest()
        padded = key.ljust(_BLOCK_BYTES, b"\0")
        self.inner = sha256(padded.translate(_INNER_PAD))
        self.outer = sha256(padded.translate(_OUTER_PAD))

    def sign(self, text: str) -> bytes:
        """Return the HMAC-SHA256 of a text."""
        inner = self.inner.copy()
        inner.update(text.encode())
        outer = self.outer.copy()
        outer.update(inner.digest())
        return outer.digest()


class RequestSigner:
    """Signs any request of one service in one region."""

    def __init__(
        self,
        credentials: Credentials,
        region: str,
        service: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._region = region
        self._service = service
        self._now = now
        self._day = ""
        self._key: _SigningKey

    def key_of(self, day: str) -> _SigningKey:
        """Return the key of a day such as `20260102`."""
        if day != self._day:
            self._key = _SigningKey(self._credentials, day, self._region, self._service)
            self._day = day
        return self._key

    def signed(
        self, method: str, path: str, headers: Mapping[str, str], payload: Payload
    ) -> dict[str, str]:
        """Return the headers with date, token and authorization added.

        Args:
            method: HTTP method.
            path: Absolute path as on the wire, without a query.
            headers: What else is signed: lower-case names, `host` among them.
            payload: The body.
        """
        amz_date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(self._now()))
        every = {**headers, "x-amz-date": amz_date}
        if self._credentials.session_token:
            every["x-amz-security-token"] = self._credentials.session_token
        names = ";".join(sorted(every))
        lines = "".join(f"{name}:{every[name].strip()}\n" for name in sorted(every))
        canonical_path = quote(path, safe="/~")
        canonical = f"{method}\n{canonical_path}\n\n{lines}\n{names}\n{payload.digest}"
        key = self.key_of(amz_date[:8])
        hashed = sha256(canonical.encode()).hexdigest()
        signature = key.sign(f"{_ALGORITHM}\n{amz_date}\n{key.scope}\n{hashed}").hex()
        every["authorization"] = (
            f"{_ALGORITHM} Credential={self._credentials.access_key_id}/{key.scope}, "
            f"SignedHeaders={names}, Signature={signature}"
        )
        return every


class PostSigner:
    """Renders signed requests to `@connections`, the hot path: about 3 µs each.

    Args:
        credentials: Whose requests they are.
        region: Region of the WebSocket API.
        host: The `Host` header, with the port where it is not the scheme's own.
        base_path: Path of the stage, such as `/prod`; empty where there is none.
        now: Epoch seconds.
    """

    def __init__(
        self,
        credentials: Credentials,
        region: str,
        host: str,
        base_path: str,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = credentials
        self._signer = RequestSigner(credentials, region, "execute-api")
        self._host = host
        path = f"{base_path}/@connections/"
        canonical_path = quote(path, safe="/~")
        # The beginnings of what is signed and of what is sent, up to the connection's id.
        self._beginnings = {
            method: (f"{method}\n{canonical_path}".encode(), f"{method} {path}".encode())
            for method in ("POST", "DELETE")
        }
        self._now = now
        self._second = -1

    def _render(self, second: int) -> None:
        """Make everything that stays the same within a second."""
        amz_date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(second))
        key = self._signer.key_of(amz_date[:8])
        token = self._credentials.session_token
        names = "host;x-amz-date"
        lines = f"host:{self._host}\nx-amz-date:{amz_date}\n"
        sent = f"Host: {self._host}\r\nX-Amz-Date: {amz_date}\r\n"
        if token:
            names += ";x-amz-security-token"
            lines += f"x-amz-security-token:{token}\n"
            sent += f"X-Amz-Security-Token: {token}\r\n"
        self._second = second
        self._canonical_rest = f"\n\n{lines}\n{names}\n".encode()
        self._inner = key.inner.copy()
        self._inner.update(f"{_ALGORITHM}\n{amz_date}\n{key.scope}\n".encode())
        self._outer = key.outer
        self._sent = (
            f" HTTP/1.1\r\n{sent}Authorization: {_ALGORITHM} "
            f"Credential={self._credentials.access_key_id}/{key.scope}, "
            f"SignedHeaders={names}, Signature="
        ).encode()

    def request(self, method: str, connection: PathPart, payload: Payload) -> bytes:
        """Return a whole signed request, head and body.

        Args:
            method: POST or DELETE.
            connection: From `path_part`.
            payload: The frame; empty for DELETE.
        """
        second = int(self._now())
        if second != self._second:
            self._render(second)
        canonical, begin = self._beginnings[method]
        sent, signed = connection
        digest = sha256(b"".join((canonical, signed, self._canonical_rest, payload.signed_end)))
        inner = self._inner.copy()
        inner.update(digest.hexdigest().encode())
        outer = self._outer.copy()
        outer.update(inner.digest())
        signature = outer.hexdigest().encode()
        return b"".join((begin, sent, self._sent, signature, payload.tail))
