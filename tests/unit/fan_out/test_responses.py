"""Reading responses: however the bytes are cut, and whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.fan_out.responses import BadResponseError, Response, parse_response


def known(body: bytes, status: int = 200, extra: bytes = b"") -> bytes:
    return b"HTTP/1.1 %d Some Words\r\nContent-Length: %d\r\n%s\r\n%s" % (
        status,
        len(body),
        extra,
        body,
    )


def chunked(chunks: list[bytes]) -> bytes:
    parts = [b"%x;ext=1\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks if chunk]
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    return head + b"".join(parts) + b"0\r\nTrailer: x\r\n\r\n"


def only_the_end_is_an_answer(data: bytes) -> Response:
    for end in range(len(data)):
        assert parse_response(data[:end]) is None
    whole = parse_response(data)
    assert whole is not None
    return whole


@settings(deadline=None)
@given(st.binary(max_size=60), st.sampled_from([200, 400, 410, 429, 500, 503]))
def test_a_body_of_known_length_is_read_once_it_is_whole(body: bytes, status: int) -> None:
    response = only_the_end_is_an_answer(known(body, status))
    assert (response.status, response.body, response.keep_alive) == (status, body, True)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=20), max_size=5))
def test_a_chunked_body_is_read_once_it_is_whole(chunks: list[bytes]) -> None:
    response = only_the_end_is_an_answer(chunked(chunks))
    assert response.body == b"".join(chunks)


def test_an_answer_without_a_body_ends_with_its_head() -> None:
    assert only_the_end_is_an_answer(b"HTTP/1.1 204 No Content\r\n\r\n").status == 204


def test_a_closing_server_is_heard() -> None:
    response = parse_response(known(b"", extra=b"Connection: close\r\n"))
    assert response is not None
    assert not response.keep_alive


def test_http_1_0_is_not_kept() -> None:
    response = parse_response(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert response is not None
    assert not response.keep_alive


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    data = b"HTTP/1.1 200 OK\r\n\r\nall of it"
    assert parse_response(data) is None
    response = parse_response(data, ended=True)
    assert response is not None
    assert response.body == b"all of it"


def test_an_informational_answer_is_passed_over() -> None:
    response = parse_response(b"HTTP/1.1 100 Continue\r\n\r\n" + known(b"x"))
    assert response is not None
    assert response.body == b"x"


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        known(b"") + b"surplus",
        b"HTTP/1.1 200 OK\r\n" + b"x" * 70_000,
    ],
)
def test_what_is_no_single_response_is_refused(data: bytes) -> None:
    with pytest.raises(BadResponseError):
        parse_response(data)


def test_a_status_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        parse_response(b"HTTP/1.1 abc OK\r\n\r\n")
