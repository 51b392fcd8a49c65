"""Reading HTTP/1.1 responses (RFC 9112) out of the bytes that came so far."""

from __future__ import annotations

_MAX_HEAD_BYTES = 64 * 1024
_STATUS_AT = 9
_NO_BODY = frozenset({204, 304})


class Response:
    """An answer: status and body, and whether the connection may be used again."""

    __slots__ = ("body", "keep_alive", "status")

    def __init__(self, status: int, body: bytes, keep_alive: bool) -> None:
        self.status = status
        self.body = body
        self.keep_alive = keep_alive


class BadResponseError(Exception):
    """What came back is no HTTP/1.1 response."""


# Almost every answer to a post is this: a head without a body on a wire that stays open. Told by a
# few searches, it costs a quarter of a reading line by line.
_EMPTY_BODY = b"\r\nContent-Length: 0\r\n"
_EMPTY = {b"%d" % status: Response(status, b"", True) for status in (200, 410, 429, 500, 503)}


def empty_response(data: bytes) -> Response | None:
    """Return the response if it is whole, plain and without a body; None says: look closer."""
    if (
        _EMPTY_BODY in data
        and data.find(b"\r\n\r\n") == len(data) - 4
        and b"lose" not in data
        and data.startswith(b"HTTP/1.1 ")
    ):
        return _EMPTY.get(data[_STATUS_AT : _STATUS_AT + 3])
    return None


def parse_response(data: bytes, *, ended: bool = False) -> Response | None:
    """Return the response that the bytes hold, or None while they are not all of it.

    Args:
        data: All bytes since the request was sent.
        ended: The other side will send no more.

    Raises:
        BadResponseError: The bytes are no response, or more than one.
        ValueError: A number in it is none.
    """
    empty = empty_response(data)
    if empty is not None:
        return empty
    if not data.startswith(b"HTTP/1."):
        if len(data) < _STATUS_AT and b"HTTP/1.1".startswith(data[:8]):
            return None
        raise BadResponseError
    head_end = data.find(b"\r\n\r\n")
    if head_end < 0:
        if len(data) > _MAX_HEAD_BYTES:
            raise BadResponseError
        return None
    status = int(data[_STATUS_AT : _STATUS_AT + 3])
    head = data[:head_end].lower()
    start = head_end + 4
    keep_alive = b"\r\nconnection: close" not in head and head.startswith(b"http/1.1")
    if 100 <= status < 200:
        return parse_response(data[start:], ended=ended) if len(data) > start else None
    if status in _NO_BODY:
        return _whole(data, start, start, status, keep_alive)
    length_at = head.find(b"\r\ncontent-length:")
    if length_at >= 0:
        line_end = head.find(b"\r\n", length_at + 2)
        length = int(head[length_at + 17 : line_end if line_end >= 0 else len(head)])
        if len(data) - start < length:
            return None
        return _whole(data, start, start + length, status, keep_alive)
    if b"\r\ntransfer-encoding:" in head:
        return _chunked(data, start, status, keep_alive)
    return Response(status, data[start:], False) if ended else None


def _whole(data: bytes, start: int, end: int, status: int, keep_alive: bool) -> Response:
    if len(data) > end:
        raise BadResponseError
    return Response(status, data[start:end], keep_alive)


def _chunked(data: bytes, start: int, status: int, keep_alive: bool) -> Response | None:
    """Read a chunked body (RFC 9112, section 7.1); extensions and trailers are passed over."""
    chunks: list[bytes] = []
    while True:
        line_end = data.find(b"\r\n", start)
        if line_end < 0:
            return None
        size = int(data[start:line_end].partition(b";")[0], 16)
        start = line_end + 2
        if size == 0:
            return _after_trailers(data, start, b"".join(chunks), status, keep_alive)
        if len(data) < start + size + 2:
            return None
        chunks.append(data[start : start + size])
        start += size + 2


def _after_trailers(
    data: bytes, start: int, body: bytes, status: int, keep_alive: bool
) -> Response | None:
    while True:
        line_end = data.find(b"\r\n", start)
        if line_end < 0:
            return None
        if line_end == start:
            return Response(status, body, keep_alive)
        start = line_end + 2
