from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.identity.cursors import Cursors
from ayinel_live.identity.signatures import (
    REFRESH_PAUSE_SECONDS,
    SECRET_LIFE_SECONDS,
    FixedSecrets,
    RotatingSecrets,
    Signer,
    decode,
    encode,
)
from ayinel_live.runtime.errors import InvalidInputError, UpstreamError


class FakeSecretsManager:
    def __init__(self, **values: str) -> None:
        self.values: dict[str, str] | None = values
        self.reads = 0
        self.fault: Exception = ClientError(
            {"Error": {"Code": "ThrottlingException"}}, "GetSecretValue"
        )

    def get_secret_value(self, **arguments: str) -> dict[str, Any]:
        assert arguments == {"SecretId": "arn"}
        self.reads += 1
        if self.values is None:
            raise self.fault
        return {"SecretString": json.dumps(self.values)}


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def rotating(manager: FakeSecretsManager, time: Time) -> RotatingSecrets:
    return RotatingSecrets("arn", lambda: manager, time)


def test_a_secret_is_read_once_in_its_life() -> None:
    manager, time = FakeSecretsManager(current="one"), Time()
    secrets = rotating(manager, time)

    for _ in range(5):
        assert secrets.current() == (b"one",)
    time.now += SECRET_LIFE_SECONDS + 1
    secrets.current()

    assert manager.reads == 2


def test_a_signature_of_a_secret_that_just_came_in_verifies() -> None:
    manager, time = FakeSecretsManager(current="one"), Time()
    signer = Signer(rotating(manager, time), "test")
    signer.sign(b"data")
    manager.values = {"current": "two", "previous": "one"}
    time.now += REFRESH_PAUSE_SECONDS

    assert signer.verify(b"data", Signer(FixedSecrets("two"), "test").sign(b"data"))


def test_forged_signatures_do_not_make_a_request_each() -> None:
    manager, time = FakeSecretsManager(current="one"), Time()
    signer = Signer(rotating(manager, time), "test")
    time.now += REFRESH_PAUSE_SECONDS

    for _ in range(50):
        assert not signer.verify(b"data", encode(b"x" * 32))

    assert manager.reads == 1


def test_known_secrets_stay_good_while_the_service_is_out_of_reach() -> None:
    manager, time = FakeSecretsManager(current="one"), Time()
    secrets = rotating(manager, time)
    secrets.current()
    manager.values = None
    time.now += SECRET_LIFE_SECONDS + 1

    assert secrets.current() == (b"one",)


def test_known_secrets_stay_good_where_reading_again_would_outlast_the_invocation() -> None:
    manager, time = FakeSecretsManager(current="one"), Time()
    secrets = rotating(manager, time)
    secrets.current()
    manager.values, manager.fault = None, UpstreamError("too late", retry_after_seconds=1)
    time.now += SECRET_LIFE_SECONDS + 1

    assert [secrets.current() for _ in range(5)] == [(b"one",)] * 5
    assert manager.reads == 2, "each handshake waits for a service that is out of reach"


def test_without_any_secret_nothing_can_be_signed() -> None:
    manager = FakeSecretsManager()
    manager.values = None

    with pytest.raises(UpstreamError):
        Signer(rotating(manager, Time()), "test").sign(b"data")


def test_a_signature_for_one_purpose_is_worth_nothing_for_another() -> None:
    secrets = FixedSecrets("one")

    assert not Signer(secrets, "b").verify(b"data", Signer(secrets, "a").sign(b"data"))


@given(st.binary())
def test_base64url_reads_back(data: bytes) -> None:
    assert decode(encode(data)) == data


@given(st.text())
def test_base64url_has_one_form_only(text: str) -> None:
    try:
        data = decode(text)
    except ValueError:
        return
    assert encode(data) == text


def test_a_cursor_opens_for_its_own_list_only() -> None:
    cursors = Cursors(FixedSecrets("one"))
    cursor = cursors.seal("messages#a", "position")

    assert cursors.open("messages#a", cursor) == "position"
    for scope, tampered in (("messages#b", cursor), ("messages#a", "x" + cursor), ("", "")):
        with pytest.raises(InvalidInputError):
            cursors.open(scope, tampered)
