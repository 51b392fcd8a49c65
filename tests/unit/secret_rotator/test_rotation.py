from __future__ import annotations

import copy
import json
from datetime import timedelta
from functools import partial
from typing import Any

from ayinel_live.identity.rotation import ROTATE_AFTER, SecretRotation, SharedSecret
from ayinel_live.runtime.clock import to_rfc3339
from functions.secret_rotator.front_door import KNOWN_AFTER, FrontDoor
from tests.support.clock import START, FixedClock


class SecretsManager:
    """Keeps one secret, as Secrets Manager does."""

    def __init__(self, text: dict[str, str]) -> None:
        self.text = json.dumps(text)
        self.writes = 0

    def get_secret_value(self, **_: str) -> dict[str, Any]:
        return {"SecretString": self.text, "CreatedDate": START}

    def put_secret_value(self, SecretString: str, **_: str) -> None:  # noqa: N803  boto3's name
        self.text = SecretString
        self.writes += 1


class CloudFront:
    """Keeps one distribution's configuration, and refuses a write over what it has not read."""

    def __init__(self, value: str) -> None:
        header = {"HeaderName": "X-Origin-Verify", "HeaderValue": value}
        self.config: dict[str, Any] = {
            "Origins": {
                "Items": [
                    {"Id": "pages"},
                    {"Id": "api", "CustomHeaders": {"Quantity": 1, "Items": [dict(header)]}},
                    {"Id": "chat", "CustomHeaders": {"Quantity": 1, "Items": [dict(header)]}},
                ]
            }
        }
        self.updates = 0

    def get_distribution_config(self, **_: str) -> dict[str, Any]:
        tag = f"v{self.updates}"
        return {"ETag": tag, "DistributionConfig": copy.deepcopy(self.config)}

    def update_distribution(self, **arguments: Any) -> None:
        assert arguments["IfMatch"] == f"v{self.updates}"
        self.config = arguments["DistributionConfig"]
        self.updates += 1

    def shown(self) -> set[str]:
        return {
            header["HeaderValue"]
            for origin in self.config["Origins"]["Items"]
            for header in origin.get("CustomHeaders", {}).get("Items", [])
        }


def the_same(store: SecretsManager) -> SecretsManager:
    return store


def rotation(store: SecretsManager, clock: FixedClock) -> SecretRotation:
    return SecretRotation(lambda: store, clock, make=lambda: "fresh")


def test_a_young_secret_stays() -> None:
    store, clock = SecretsManager({"current": "first"}), FixedClock()
    clock.advance(ROTATE_AFTER.total_seconds() - 1)
    assert rotation(store, clock).rotate("arn").current == "first"
    assert store.writes == 0


def test_an_old_secret_is_replaced_and_its_value_stays_good() -> None:
    store, clock = SecretsManager({"current": "first"}), FixedClock()
    now = clock.advance(ROTATE_AFTER.total_seconds())
    assert rotation(store, clock).rotate("arn") == SharedSecret("fresh", "first", now)
    assert json.loads(store.text) == {
        "current": "fresh",
        "previous": "first",
        "rotatedAt": to_rfc3339(now),
    }


def test_the_next_look_finds_nothing_to_do() -> None:
    store, clock = SecretsManager({"current": "first"}), FixedClock()
    clock.advance(ROTATE_AFTER.total_seconds())
    for _ in range(2):
        rotation(store, clock).rotate("arn")
    assert store.writes == 1


def test_a_made_value_is_long_and_never_the_same() -> None:
    made = set()
    for _ in range(2):
        store, clock = SecretsManager({"current": "first"}), FixedClock()
        clock.advance(ROTATE_AFTER.total_seconds())
        made.add(SecretRotation(partial(the_same, store), clock).rotate("arn").current)
    assert len(made) == 2
    assert {len(value) for value in made} == {64}


def test_no_value_shows_in_the_text_of_a_secret() -> None:
    assert "fresh" not in repr(SharedSecret("fresh", "first", START))


def test_cloudfront_shows_the_new_value_only_when_every_function_knows_it() -> None:
    clock, cloudfront = FixedClock(), CloudFront("first")
    door = FrontDoor(lambda: cloudfront, "E1", clock)
    secret = SharedSecret("fresh", "first", START)
    clock.advance((KNOWN_AFTER - timedelta(seconds=1)).total_seconds())
    assert not door.show(secret)
    assert cloudfront.shown() == {"first"}
    clock.advance(1)
    assert door.show(secret)
    assert cloudfront.shown() == {"fresh"}


def test_cloudfront_is_left_alone_when_it_shows_the_current_value() -> None:
    clock, cloudfront = FixedClock(), CloudFront("fresh")
    clock.advance(KNOWN_AFTER.total_seconds())
    assert not FrontDoor(lambda: cloudfront, "E1", clock).show(SharedSecret("fresh", "", START))
    assert cloudfront.updates == 0
