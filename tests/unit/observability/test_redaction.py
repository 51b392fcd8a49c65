"""Whatever a secret stands in, it does not come through; what is no secret does."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.identity.signatures import encode
from ayinel_live.runtime import redaction
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.runtime.redaction import REDACTED, redact, redacted_json, remember_secrets

_WORD = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", min_size=6)
STREAM_KEYS = _WORD.map(lambda tail: f"sk_us-west-2_{tail}")
TOKENS = st.tuples(_WORD, _WORD).map(lambda parts: f"eyJhbGciOi.{parts[0]}.{parts[1]}")
TICKETS = st.tuples(st.binary(min_size=40), st.binary(min_size=32, max_size=32)).map(
    lambda parts: f"{encode(parts[0])}.{encode(parts[1])}"
)


@given(st.one_of(STREAM_KEYS, TOKENS, TICKETS), st.text(" \n:,'\"/", max_size=3))
def test_secret_does_not_come_through_whatever_is_around_it(secret: str, around: str) -> None:
    line = redacted_json({"exception": f"before{around} {secret} {around}after", "value": secret})
    assert secret not in line
    assert "before" in line
    assert json.loads(line)["value"] != secret


@pytest.mark.parametrize(
    "text",
    [
        "wss://host/chat?ticket=abc123",
        "https://host/a.m3u8?x=1&token=abc123&y=2",
        "Authorization: Bearer abc123abc123",
        '{"headers": {"authorization": "abc123", "cookie": "abc123"}}',
        '{"exception": "{\\"viewerToken\\": \\"abc123\\"}"}',
        "{'x-origin-verify': 'abc123', 'streamKey': 'abc123'}",
        "-----BEGIN EC PRIVATE KEY-----\nabc123\n-----END EC PRIVATE KEY-----",
        "connection to postgresql://live:abc123@db.example/live failed",
        "1 validation error for X\n  bad [type=string, input_value='...abc123', input_type=str]",
    ],
)
def test_what_grants_something_by_its_place_does_not_come_through(text: str) -> None:
    assert "abc123" not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        new_ulid(utc_now()),
        "arn:aws:ivs:us-west-2:123456789012:channel/AbCdEfGhIjKl",
        "The token is not valid; sign in again.",
        "botocore.exceptions.EndpointConnectionError",
        "0f3c1c52-7d5e-4a54-9f3e-0d9f4f0f8a11",
        '{"message": "stream_started", "user_id": "ana", "ticket_count": 3}',
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


@pytest.fixture
def _no_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_values", set())


@pytest.mark.usefixtures("_no_values")
@pytest.mark.parametrize(
    "stored",
    [
        {"current": "hunter2hunter2", "rotatedAt": "2026-01-01T00:00:00Z"},
        {"current": "another-secret", "previous": "hunter2hunter2"},
        {"next": {"private_key": "-----BEGIN KEY-----\nhunter2hunter2\n", "key_pair_id": "K12"}},
        "hunter2hunter2",
    ],
)
def test_secret_without_a_shape_is_known_once_it_was_read(stored: object) -> None:
    text = "refused: hunter2hunter2 since 2026-01-01T00:00:00Z by K12"
    assert redact(text) == text
    remember_secrets(stored if isinstance(stored, str) else json.dumps(stored))
    assert redact(text) == f"refused: {REDACTED} since 2026-01-01T00:00:00Z by K12"


@pytest.mark.usefixtures("_no_values")
def test_values_that_are_too_short_to_be_told_from_words_are_left() -> None:
    remember_secrets('{"current": "live"}')
    remember_secrets(None)
    assert redact("the stream is live") == "the stream is live"


@pytest.mark.usefixtures("_no_values")
def test_own_credentials_do_not_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "hunter2hunter2")
    assert redact("token hunter2hunter2") == f"token {REDACTED}"
