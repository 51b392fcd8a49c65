"""Signatures are those of botocore, to the byte."""

from __future__ import annotations

import calendar
import time
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore.awsrequest import AWSResponse
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.fan_out.endpoint import Endpoint
from ayinel_live.fan_out.signer import (
    Credentials,
    Payload,
    PostSigner,
    RequestSigner,
    path_part,
)

REGION = "eu-west-1"
URL = "https://abc123.execute-api.eu-west-1.amazonaws.com/prod"
printable = st.characters(min_codepoint=33, max_codepoint=126)
tokens = st.text(printable, max_size=400)
secrets = st.text(printable, min_size=1, max_size=60)
# Base64 as the gateway gives them, and anything else that a path can hold.
connection_ids = st.one_of(
    st.from_regex(r"[A-Za-z0-9+/]{11,15}={0,2}", fullmatch=True),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=3, max_size=20),
)


@cache
def client_of(service: str, url: str | None) -> tuple[Any, list[Any]]:
    """Return a client that sends nothing, and the list that its requests come to."""
    session = botocore.session.get_session()
    session.set_credentials("AKIDEXAMPLE", "replaced")
    client = session.create_client(service, region_name=REGION, endpoint_url=url)
    requests: list[Any] = []

    class Raw:
        def stream(self) -> Any:
            return iter([b"{}"])

    def keep(request: Any, **_: Any) -> AWSResponse:
        requests.append(request)
        return AWSResponse(request.url, 200, {}, Raw())

    client.meta.events.register("before-send.*.*", keep)
    return client, requests


def captured(service: str, credentials: Credentials, url: str | None, call: Any) -> Any:
    """Return the request that botocore would have sent."""
    client, requests = client_of(service, url)
    # Making a client anew for each example would take most of a minute.
    client._request_signer._credentials = BotocoreCredentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token or None
    )
    call(client)
    return requests.pop()


def text_of(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def moment_of(request: Any) -> float:
    stamp = text_of(request.headers["X-Amz-Date"])
    return float(calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ")))


def headers_of(raw: bytes) -> tuple[str, dict[str, str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines), body


@settings(max_examples=500, deadline=None)
@given(connection_ids, st.binary(max_size=2000), secrets, tokens, st.booleans())
def test_posts_and_closings_are_signed_as_botocore_does(
    connection_id: str, body: bytes, secret: str, token: str, closes: bool
) -> None:
    credentials = Credentials("AKIDEXAMPLE", secret, token)

    def call(client: Any) -> None:
        if closes:
            client.delete_connection(ConnectionId=connection_id)
        else:
            client.post_to_connection(ConnectionId=connection_id, Data=body)

    theirs = captured("apigatewaymanagementapi", credentials, URL, call)
    endpoint = Endpoint.of(URL)
    now = moment_of(theirs)
    signer = PostSigner(credentials, REGION, endpoint.host_header, endpoint.path, now=lambda: now)
    method = "DELETE" if closes else "POST"
    payload = Payload.of(b"" if closes else body)
    first, headers, sent = headers_of(signer.request(method, path_part(connection_id), payload))
    target = urlsplit(theirs.url)
    assert first == f"{method} {target.path} HTTP/1.1"
    assert headers["Authorization"] == text_of(theirs.headers["Authorization"])
    assert headers["X-Amz-Date"] == text_of(theirs.headers["X-Amz-Date"])
    assert headers.get("X-Amz-Security-Token", "") == token
    assert headers["Host"] == target.netloc
    assert headers["Content-Length"] == str(len(payload.body))
    assert sent == payload.body


@settings(max_examples=100, deadline=None)
@given(st.text(min_size=1, max_size=200), secrets, tokens)
def test_json_calls_are_signed_as_botocore_does(text: str, secret: str, token: str) -> None:
    credentials = Credentials("AKIDEXAMPLE", secret, token)
    theirs = captured(
        "dynamodb",
        credentials,
        None,
        lambda client: client.get_item(TableName="t", Key={"k": {"S": text}}),
    )
    now = moment_of(theirs)
    ours = RequestSigner(credentials, REGION, "dynamodb", now=lambda: now).signed(
        "POST",
        "/",
        {
            "host": "dynamodb.eu-west-1.amazonaws.com",
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.GetItem",
        },
        Payload.of(theirs.body),
    )
    assert ours["authorization"] == text_of(theirs.headers["Authorization"])


def test_the_signature_follows_the_second_and_the_day() -> None:
    clock = {"now": calendar.timegm((2026, 1, 2, 23, 59, 59))}
    signer = PostSigner(Credentials("A", "S"), REGION, "h", "", now=lambda: clock["now"])
    before = signer.request("POST", path_part("c"), Payload.of(b"x"))
    assert signer.request("POST", path_part("c"), Payload.of(b"x")) == before
    clock["now"] += 1
    _, headers, _ = headers_of(signer.request("POST", path_part("c"), Payload.of(b"x")))
    assert headers["X-Amz-Date"] == "20260103T000000Z"
    assert "/20260103/eu-west-1/" in headers["Authorization"]


def test_secrets_do_not_show_in_a_representation() -> None:
    shown = repr(Credentials("AKID", "topsecret", "sessiontoken"))
    assert "topsecret" not in shown
    assert "sessiontoken" not in shown
