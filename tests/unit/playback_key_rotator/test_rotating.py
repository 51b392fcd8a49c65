from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.video.playback_keys import RETIRE_AFTER, ROTATE_AFTER
from tests.support.moto_tables import REGION, empty_tables, moto_tables

MODULE = "functions.playback_key_rotator.handler"
SECRET = "keys"


class Registry:
    """The provider's public keys, in memory."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.made = 0

    @property
    def pairs(self) -> list[str]:
        return list(self.names.values())

    def import_playback_key(self, name: str, public_pem: str) -> str:
        assert "PUBLIC KEY" in public_pem
        assert name.startswith("ayinel-test-")
        self.made += 1
        self.names[name] = f"pair-{self.made}"
        return self.names[name]

    def playback_keys(self) -> dict[str, str]:
        return dict(self.names)

    def delete_playback_key(self, key_pair_id: str) -> None:
        (name,) = [name for name, known in self.names.items() if known == key_pair_id]
        del self.names[name]


class Rotator:
    """The function over a registry and a clock that the test moves."""

    def __init__(self, module: Any, registry: Registry) -> None:
        self._module = module
        self.registry = registry
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def tick(self, after: timedelta = timedelta(0)) -> tuple[str | None, str | None]:
        """Let time pass and call it; returns the ids of the current pair and the one before."""
        self.now += after
        self._module.handler({"source": "aws.events"}, None)
        client = boto3.client("secretsmanager", region_name=REGION)
        kept = json.loads(client.get_secret_value(SecretId=SECRET)["SecretString"])
        current, previous = kept.get("current"), kept.get("previous")
        return _id_of(current), _id_of(previous)


def _id_of(key: dict[str, str] | None) -> str | None:
    return None if key is None else next(v for v in key.values() if v.startswith("pair-"))


@pytest.fixture(scope="module")
def loaded() -> Iterator[Any]:
    with moto_tables(IdempotencyItem), pytest.MonkeyPatch.context() as environment:
        boto3.client("secretsmanager", region_name=REGION).create_secret(
            Name=SECRET, SecretString="{}"
        )
        environment.setenv("STAGE", "test")
        environment.setenv("IDEMPOTENCY_TABLE", IdempotencyItem.logical_name)
        environment.setenv("PLAYBACK_KEY_SECRET_ARN", SECRET)
        sys.modules.pop(MODULE, None)
        with patch("ayinel_live.video.providers.make_provider", return_value=Registry()):
            yield importlib.import_module(MODULE)
        sys.modules.pop(MODULE, None)


@pytest.fixture
def rotator(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> Rotator:
    empty_tables()
    client = boto3.client("secretsmanager", region_name=REGION)
    client.put_secret_value(SecretId=SECRET, SecretString="{}")
    registry = Registry()
    made = Rotator(loaded, registry)
    monkeypatch.setattr(loaded.keys, "_registry", registry)
    monkeypatch.setattr(loaded.keys, "_clock", lambda: made.now)
    return made


def test_first_tick_makes_a_pair_and_the_next_keeps_it(rotator: Rotator) -> None:
    assert rotator.tick() == ("pair-1", None)
    assert rotator.tick(timedelta(minutes=5)) == ("pair-1", None)
    assert rotator.registry.pairs == ["pair-1"]


def test_old_pair_is_replaced_but_holds_until_its_tokens_are_over(rotator: Rotator) -> None:
    rotator.tick()
    assert rotator.tick(ROTATE_AFTER) == ("pair-2", "pair-1")
    assert rotator.registry.pairs == ["pair-1", "pair-2"]
    assert rotator.tick(RETIRE_AFTER - timedelta(seconds=1)) == ("pair-2", "pair-1")
    assert rotator.tick(timedelta(seconds=1)) == ("pair-2", None)
    assert rotator.registry.pairs == ["pair-2"]


def test_pair_whose_maker_died_before_the_secret_was_written_goes_with_the_next(
    rotator: Rotator, loaded: Any
) -> None:
    rotator.tick()
    lost = patch.object(loaded.keys._secret, "write", side_effect=UpstreamError("lost"))
    # Telemetry may put its own error, which names the fault's type, in the fault's place.
    with lost, pytest.raises(Exception, match=r"UpstreamError|lost"):
        rotator.tick(ROTATE_AFTER)
    assert rotator.registry.pairs == ["pair-1", "pair-2"]
    assert rotator.tick(timedelta(minutes=5)) == ("pair-3", "pair-1")
    assert rotator.registry.pairs == ["pair-1", "pair-3"]


def test_pairs_of_others_are_left_alone(rotator: Rotator) -> None:
    others = {
        "ayinel-test-blue-01KE0000000000000000000000": "pair-of-another-stage",
        "ayinel-prod-01KE0000000000000000000000": "pair-of-prod",
        "somebody's": "pair-of-somebody",
    }
    rotator.registry.names.update(others)
    rotator.tick()
    rotator.tick(ROTATE_AFTER)
    assert rotator.registry.pairs == [*others.values(), "pair-1", "pair-2"]


def test_two_at_once_make_one_pair(rotator: Rotator, loaded: Any) -> None:
    rotator.tick()
    client = boto3.client("secretsmanager", region_name=REGION)
    client.put_secret_value(SecretId=SECRET, SecretString="{}")
    # The other has claimed the work and not written yet.
    # Telemetry may put its own error, which names the fault's type, in the fault's place.
    with pytest.raises(Exception, match=r"BusyError|being made"):
        rotator.tick()
    assert rotator.registry.pairs == ["pair-1"]


def test_no_private_key_is_logged(rotator: Rotator, caplog: pytest.LogCaptureFixture) -> None:
    rotator.tick()
    rotator.tick(ROTATE_AFTER)
    written = str([vars(record) for record in caplog.records])
    assert "rotated" in written
    assert "PRIVATE" not in written
