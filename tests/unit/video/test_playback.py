from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ayinel_live.runtime.errors import BusyError, UpstreamError
from ayinel_live.runtime.idempotency import Claim, IdempotencyStore
from ayinel_live.runtime.kept_secrets import CACHE_SECONDS
from ayinel_live.video.playback_keys import (
    RETIRE_AFTER,
    ROTATE_AFTER,
    PlaybackKeys,
    PlaybackKeySecret,
    make_key_pair,
)
from ayinel_live.video.playback_tokens import (
    TOKEN_LIFE,
    PlaybackGrant,
    session_version,
    sign_playback,
    viewer_tag,
)
from tests.support.clock import FixedClock

CHANNEL = "arn:aws:ivs:us-east-1:123456789012:channel/AbCdef1G2hij"


class FakeSecrets:
    """Secrets Manager with one secret, as the stack makes it."""

    def __init__(self) -> None:
        self.text: str | None = "{}"
        self.reads = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803  AWS's name
        self.reads += 1
        if self.text is None:
            error = {"Error": {"Code": "ResourceNotFoundException"}}
            raise ClientError(error, "GetSecretValue")
        return {"SecretString": self.text}

    def put_secret_value(self, SecretId: str, SecretString: str) -> None:  # noqa: N803  AWS's name
        self.text = SecretString


class FakeRegistry:
    """A provider's key pairs."""

    def __init__(self) -> None:
        self.pairs: dict[str, str] = {}

    def import_playback_key(self, name: str, public_key_pem: str) -> str:
        self.pairs[name] = public_key_pem
        return name

    def playback_keys(self) -> dict[str, str]:
        return {name: name for name in self.pairs}

    def delete_playback_key(self, key_pair_arn: str) -> None:
        del self.pairs[key_pair_arn]


class FakeClaims(IdempotencyStore):
    """Claims in memory; expired ones are taken over."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}

    def claim(self, key: str, result_id: str, **rest: Any) -> Claim:
        known = self.claims.get(key)
        if known is not None and known[1] >= rest["now"]:
            return Claim(is_first=False, result_id=known[0], fingerprint="")
        self.claims[key] = (result_id, rest["expires_at"])
        return Claim(is_first=True, result_id=result_id, fingerprint="")


class Bench:
    def __init__(self) -> None:
        self.clock = FixedClock()
        self.secrets = FakeSecrets()
        self.registry = FakeRegistry()
        self.claims = FakeClaims()
        self.now = 0.0
        self.secret = self.new_secret()
        self.keys = self.new_keys(self.secret)

    def new_secret(self) -> PlaybackKeySecret:
        return PlaybackKeySecret(lambda: self.secrets, "arn", lambda: self.now)

    def new_keys(self, secret: PlaybackKeySecret) -> PlaybackKeys:
        return PlaybackKeys(secret, self.registry, self.claims, stage="test", clock=self.clock)


@pytest.fixture
def bench() -> Bench:
    return Bench()


def accepts(registry: FakeRegistry, token: str) -> bool:
    for pem in registry.pairs.values():
        try:
            jwt.decode(
                token,
                load_pem_public_key(pem.encode()),  # type: ignore[arg-type]  # a P-384 key
                algorithms=["ES384"],
                options={"verify_exp": False},
            )
        except jwt.InvalidSignatureError:
            continue
        return True
    return False


def test_token_says_what_ivs_asks_for() -> None:
    clock = FixedClock()
    private, public = make_key_pair()
    grant = PlaybackGrant(CHANNEL, viewer_tag("ana"), "https://live.example")
    token = sign_playback(grant, private, clock())
    assert jwt.get_unverified_header(token) == {"alg": "ES384", "typ": "JWT"}
    claims = jwt.decode(token, public, algorithms=["ES384"], options={"verify_exp": False})
    assert claims == {
        "aws:channel-arn": CHANNEL,
        "exp": int((clock() + TOKEN_LIFE).timestamp()),
        "aws:viewer-id": viewer_tag("ana"),
        "aws:viewer-session-version": session_version(clock()),
        "aws:access-control-allow-origin": "https://live.example",
    }


def test_viewer_in_a_token_is_nobody_who_can_be_recognised() -> None:
    assert len(viewer_tag("ana" * 100)) == 40
    assert "ana" not in viewer_tag("ana")
    assert viewer_tag("ana") != viewer_tag("ben")


def test_key_pair_is_made_on_first_need_and_then_kept(bench: Bench) -> None:
    first = bench.keys.ensure()
    assert bench.keys.ensure() == first
    assert bench.new_keys(bench.new_secret()).ensure() == first
    assert len(bench.registry.pairs) == 1
    assert "BEGIN PRIVATE KEY" in str(bench.secrets.text)
    assert "PRIVATE" not in repr(first) + repr(bench.secret.remembered())


def test_secret_that_was_never_filled_counts_as_empty(bench: Bench) -> None:
    for text in (None, "{}", "random characters", '{"current": "x"}'):
        bench.secrets.text = text
        assert bench.new_secret().remembered().current is None


def test_two_who_need_the_first_key_pair_make_one(bench: Bench) -> None:
    other = bench.new_keys(bench.new_secret())
    true_write = bench.secret.write

    def write_later(content: Any) -> None:
        with pytest.raises(BusyError):
            other.ensure()
        true_write(content)

    bench.secret.write = write_later  # type: ignore[method-assign]  # the other one comes now
    made = bench.keys.ensure()
    assert other.ensure() == made
    assert len(bench.registry.pairs) == 1


def test_secret_is_read_once_in_a_while(bench: Bench) -> None:
    bench.keys.ensure()
    secret = bench.new_secret()
    reads = bench.secrets.reads
    for _ in range(10):
        secret.remembered()
    assert bench.secrets.reads == reads + 1
    bench.now += CACHE_SECONDS + 1
    secret.remembered()
    assert bench.secrets.reads == reads + 2


def test_key_that_was_good_stays_good_while_the_secret_cannot_be_read(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = bench.keys.ensure()

    def refuse(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://secrets")

    monkeypatch.setattr(bench.secrets, "get_secret_value", refuse)
    bench.now += CACHE_SECONDS + 1
    assert bench.secret.remembered().current == made
    with pytest.raises(UpstreamError):
        bench.new_secret().remembered()


def test_rotation_cuts_nobody_off(bench: Bench) -> None:
    bench.keys.ensure()
    slow = bench.new_secret()
    old_key = slow.remembered().current
    assert old_key is not None
    bench.clock.advance(ROTATE_AFTER.total_seconds() + 1)
    assert bench.keys.rotate() == "rotated"
    # A function that still has the old key in memory goes on signing with it.
    assert slow.remembered().current == old_key
    grant = PlaybackGrant(CHANNEL, "x")
    assert accepts(bench.registry, sign_playback(grant, old_key.private_key, bench.clock()))
    new_key = bench.secret.read().current
    assert new_key is not None
    assert accepts(bench.registry, sign_playback(grant, new_key.private_key, bench.clock()))
    assert bench.keys.rotate() == "kept"
    bench.clock.advance(RETIRE_AFTER.total_seconds())
    assert bench.keys.rotate() == "retired"
    assert not accepts(bench.registry, sign_playback(grant, old_key.private_key, bench.clock()))
    assert bench.secret.read().previous is None
    assert bench.keys.rotate() == "kept"
    # By then no function has the old key in memory, and no token that it signed is good.
    assert timedelta(seconds=CACHE_SECONDS) + TOKEN_LIFE < RETIRE_AFTER


def test_rotation_of_an_empty_secret_makes_the_first_pair(bench: Bench) -> None:
    assert bench.keys.rotate() == "made"
    assert json.loads(str(bench.secrets.text))["current"]["key_pair_id"] in bench.registry.pairs
