from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from ayinel_live.identity.callers import caller_from_claims, groups_of
from ayinel_live.identity.tokens import (
    KEY_LIFE_SECONDS,
    MAX_TOKEN_CHARACTERS,
    REFETCH_PAUSE_SECONDS,
    KeySet,
    TokenVerifier,
)
from ayinel_live.runtime.errors import UnauthenticatedError, UpstreamError
from tests.support.tokens import AUDIENCE, ISSUER, Issuer


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


def verifier(
    issuer: Issuer, seconds: Callable[[], float] | None = None, **changes: Any
) -> TokenVerifier:
    keys = KeySet("https://issuer.example/jwks", issuer.jwks, seconds or Seconds())
    return TokenVerifier(
        ISSUER, "unused", [AUDIENCE], operator_group="operators", keys=keys, **changes
    )


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def test_no_token_is_nobody(issuer: Issuer) -> None:
    assert verifier(issuer).caller({}) is None


def test_access_token_names_its_caller(issuer: Issuer) -> None:
    caller = verifier(issuer).caller(bearer(issuer.token()))
    assert caller is not None
    assert (caller.user_id, caller.display_name, caller.is_operator) == ("ana", "Ana", False)


def test_operator_group_makes_an_operator(issuer: Issuer) -> None:
    caller = verifier(issuer).caller(bearer(issuer.token(groups=["operators"])))
    assert caller is not None
    assert caller.is_operator


def test_audience_may_stand_in_aud(issuer: Issuer) -> None:
    token = issuer.token(client_id=None, token_use=None, aud=["other", AUDIENCE])
    assert verifier(issuer).caller(bearer(token)) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        {"exp": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "a b"},
        {"sub": "x" * 256},
        {"client_id": "other"},
        {"client_id": None},
        {"client_id": None, "aud": "other"},
        {"aud": "other"},
        {"token_use": "id"},
        {"nbf": 99999999999},
    ],
)
def test_token_that_is_not_for_us_is_refused(issuer: Issuer, changes: dict[str, Any]) -> None:
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer(issuer.token(**changes)))


def test_alg_none_is_refused(issuer: Issuer) -> None:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    for alg in ("none", "None", "nOnE"):
        header = part({"alg": alg, "kid": issuer.kid})
        with pytest.raises(UnauthenticatedError):
            verifier(issuer).caller(bearer(f"{header}.{part(issuer.claims())}."))


def test_public_key_used_as_a_shared_secret_is_refused(issuer: Issuer) -> None:
    import hashlib
    import hmac

    pem = issuer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def part(value: bytes) -> str:
        return base64.urlsafe_b64encode(value).decode().rstrip("=")

    header = part(json.dumps({"alg": "HS256", "kid": issuer.kid}).encode())
    signed = f"{header}.{part(json.dumps(issuer.claims()).encode())}"
    mac = part(hmac.new(pem, signed.encode(), hashlib.sha256).digest())
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer(f"{signed}.{mac}"))


def test_signature_of_another_key_is_refused(issuer: Issuer) -> None:
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer(Issuer().token()))


def test_tampered_claims_are_refused(issuer: Issuer) -> None:
    header, _, signature = issuer.token().split(".")
    claims = base64.urlsafe_b64encode(json.dumps(issuer.claims(sub="ben")).encode()).decode()
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer(f"{header}.{claims.rstrip('=')}.{signature}"))


@pytest.mark.parametrize(
    "header",
    ["Basic YTpi", "Bearer", "Bearer ", "Bearer a.b", "Bearer a.b.c", "x", "Bearer \x00"],
)
def test_header_that_holds_no_token_is_refused(issuer: Issuer, header: str) -> None:
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller({"authorization": header})


def test_token_that_is_too_long_is_not_even_decoded(issuer: Issuer) -> None:
    before = issuer.fetches
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer("a" * (MAX_TOKEN_CHARACTERS + 1)))
    assert issuer.fetches == before


def test_fault_never_shows_the_token(issuer: Issuer) -> None:
    token = issuer.token(client_id="other")
    with pytest.raises(UnauthenticatedError) as caught:
        verifier(issuer).caller(bearer(token))
    assert token not in repr(caught.value)


def test_keys_are_fetched_once_while_they_are_fresh() -> None:
    issuer, seconds = Issuer(), Seconds()
    checks = verifier(issuer, seconds)
    for _ in range(5):
        checks.caller(bearer(issuer.token()))
    assert issuer.fetches == 1
    seconds.now += KEY_LIFE_SECONDS + 1
    checks.caller(bearer(issuer.token()))
    assert issuer.fetches == 2


def test_rotated_key_is_fetched_when_it_is_first_met() -> None:
    issuer, seconds = Issuer(), Seconds()
    checks = verifier(issuer, seconds)
    checks.caller(bearer(issuer.token()))
    issuer.kid = "key-2"
    seconds.now += REFETCH_PAUSE_SECONDS + 1
    assert checks.caller(bearer(issuer.token())) is not None


def test_forged_key_ids_make_one_request_a_while() -> None:
    issuer, seconds = Issuer(), Seconds()
    checks = verifier(issuer, seconds)
    checks.caller(bearer(issuer.token()))
    for number in range(50):
        seconds.now += 0.1
        with pytest.raises(UnauthenticatedError):
            checks.caller(bearer(issuer.token(kid=f"forged-{number}")))
    assert issuer.fetches == 1


def test_known_keys_stay_good_while_the_issuer_is_out_of_reach() -> None:
    issuer, seconds = Issuer(), Seconds()
    is_down: list[bool] = []

    def fetch(url: str) -> bytes:
        if is_down:
            raise UpstreamError("down")
        return issuer.jwks()

    checks = TokenVerifier(ISSUER, "", [AUDIENCE], keys=KeySet("", fetch, seconds))
    checks.caller(bearer(issuer.token()))
    is_down.append(True)
    seconds.now += KEY_LIFE_SECONDS + 1
    assert checks.caller(bearer(issuer.token())) is not None


def test_issuer_that_was_never_reached_is_a_fault_that_passes() -> None:
    issuer = Issuer()
    answers: list[bytes | None] = [None, b"<html>", b'{"keys": [1]}', issuer.jwks()]

    def fetch(url: str) -> bytes:
        answer = answers.pop(0)
        if answer is None:
            raise UpstreamError("down")
        return answer

    checks = TokenVerifier(ISSUER, "", [AUDIENCE], keys=KeySet("", fetch, Seconds()))
    for _ in range(3):
        with pytest.raises(UpstreamError):
            checks.caller(bearer(issuer.token()))
    assert checks.caller(bearer(issuer.token())) is not None


def test_gateways_text_form_of_groups_is_read() -> None:
    assert groups_of({"cognito:groups": "[operators eu-west]"}) == {"operators", "eu-west"}
    assert groups_of({"groups": ["a", 1]}) == {"a"}
    assert groups_of({"cognito:groups": "operators"}) == {"operators"}
    assert groups_of({}) == frozenset()


def test_group_whose_name_only_contains_the_operators_is_not_theirs() -> None:
    claims = {"sub": "x", "exp": "1", "cognito:groups": "[not-operators operators2]"}
    assert not caller_from_claims(claims, "operators").is_operator
    assert not caller_from_claims({**claims, "cognito:groups": "[]"}, "").is_operator


def test_display_name_is_cleaned_and_never_empty() -> None:
    def name(**claims: str) -> str:
        return caller_from_claims({"sub": "0123456789", "exp": "1", **claims}).display_name

    assert name(name=" Ana \u202e\x00 B\n") == "Ana B"
    assert name(name="\u2066", username="ana") == "ana"
    assert name() == "01234567"
    assert len(name(name="x" * 500)) == 64


def test_claims_of_the_gateway_are_text() -> None:
    caller = caller_from_claims({"sub": "ana", "exp": "1700000000"})
    assert caller.token_expires_at.timestamp() == 1700000000
    with pytest.raises(UnauthenticatedError):
        caller_from_claims({"sub": "ana", "exp": "soon"})


def test_library_refuses_an_unpinned_algorithm(issuer: Issuer) -> None:
    token = jwt.encode(issuer.claims(), issuer.key, algorithm="RS512", headers={"kid": issuer.kid})
    with pytest.raises(UnauthenticatedError):
        verifier(issuer).caller(bearer(token))
