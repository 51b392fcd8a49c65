from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from local.video.playback_token import Grant, TokenRefusedError, origin_matches, verify

ARN = "arn:aws:ivs:us-east-1:000000000000:channel/AbCdEfGhIjKl"
NOW = 1_800_000_000
KEY = ec.generate_private_key(ec.SECP384R1())
OTHER_KEY = ec.generate_private_key(ec.SECP384R1())


def signed(**changes: Any) -> str:
    claims = {"aws:channel-arn": ARN, "exp": NOW + 300, **changes}
    kept = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(kept, KEY, algorithm="ES384")


def check(token: str) -> Grant:
    keys: Iterator[ec.EllipticCurvePublicKey] = iter([OTHER_KEY.public_key(), KEY.public_key()])
    return verify(token, ARN, keys, lambda: NOW)


def test_plain_token_grants_and_tracks_nobody() -> None:
    assert check(signed(exp=NOW + 10**6)) == Grant(expires_at=NOW + 10**6)


def test_all_claims_are_read() -> None:
    token = signed(
        **{
            "aws:viewer-id": "v",
            "aws:viewer-session-version": -5,
            "aws:single-use-uuid": "u",
            "aws:access-control-allow-origin": "https://a.example, https://*.b.example",
            "aws:strict-origin-enforcement": True,
            "aws:maximum-resolution": "HD",
        }
    )
    origins = ("https://a.example", "https://*.b.example")
    assert check(token) == Grant("v", -5, origins, True, "u", NOW + 300)


def test_star_origin_restricts_nobody() -> None:
    assert check(signed(**{"aws:access-control-allow-origin": "*"})).origins == ()


@pytest.mark.parametrize(
    "changes",
    [
        {"aws:channel-arn": ARN + "x"},
        {"aws:channel-arn": None},
        {"aws:channel-arn": [ARN]},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": None},
        {"exp": "2099-01-01"},
        {"exp": True},
        {"exp": NOW + 0.5},
        {"aws:viewer-id": "v" * 41},
        {"aws:viewer-id": 7},
        {"aws:viewer-id": "v", "exp": NOW + 601},
        {"aws:single-use-uuid": "u", "exp": NOW + 601},
        {"aws:viewer-session-version": "1"},
        {"aws:viewer-session-version": True},
        {"aws:viewer-session-version": 2**63},
        {"aws:strict-origin-enforcement": "yes"},
        {"aws:access-control-allow-origin": 1},
        {
            "aws:strict-origin-enforcement": True,
            "aws:access-control-allow-origin": ",".join(f"https://{n}.example" for n in range(6)),
        },
    ],
)
def test_bad_claims_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(TokenRefusedError):
        check(signed(**changes))


def test_no_keys_let_nobody_in() -> None:
    with pytest.raises(TokenRefusedError):
        verify(signed(), ARN, [], lambda: NOW)


@pytest.mark.parametrize(
    ("origin", "matches"),
    [
        ("https://a.example", True),
        ("https://A.example", True),
        ("http://a.example", False),
        ("https://a.example:8443", False),
        ("https://a.example.evil", False),
        ("https://x.b.example", True),
        ("https://x.y.b.example", True),
        ("https://.b.example", False),
        ("https://evilb.example", False),
        ("", False),
        ("null", False),
    ],
)
def test_origins_match_exactly_or_by_their_star(origin: str, matches: bool) -> None:
    assert origin_matches(origin, ["https://a.example", "https://*.b.example"]) is matches
