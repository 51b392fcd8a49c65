"""Keys of recordings come and go without a viewer's noticing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.runtime.kept_secrets import CACHE_SECONDS
from ayinel_live.streams.recording_keys import (
    KNOWN_AFTER,
    RETIRE_AFTER,
    ROTATE_AFTER,
    RecordingKeys,
    RecordingKeySecret,
)
from ayinel_live.streams.signed_addresses import SIGNATURE_LIFE, AddressKey, sign, with_query
from functions.recording_key_rotator.deployment import answer, is_of_deployment
from functions.recording_key_rotator.key_group import CloudFrontKeyGroup
from tests.support.clock import FixedClock
from tests.unit.recording_key_rotator.cloudfront import (
    GROUP,
    STAND_IN,
    CloudFront,
    SecretsManager,
)

ADDRESS = "https://live.example/ivs/v1/a/b/r"
PREFIX = "ayinel-live-dev-recordings-"


class House:
    """A deployment's keys."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.secrets = SecretsManager()
        self.cloudfront = CloudFront()
        self.secret = RecordingKeySecret(lambda: self.secrets, "arn")
        group = CloudFrontKeyGroup(lambda: self.cloudfront, GROUP)
        self.keys = RecordingKeys(self.secret, group, PREFIX, self.clock)

    def pass_time(self, time: timedelta) -> str:
        """Let time pass and look."""
        self.clock.advance(time.total_seconds())
        return self.keys.rotate()

    def signed(self) -> str:
        """Return an address signed with what signs now."""
        key = self.secret.read().current
        assert key is not None
        signing = AddressKey(key.key_pair_id, key.private_key)
        signature = sign(signing, f"{ADDRESS}/*", self.clock())
        return with_query(f"{ADDRESS}/media/hls/master.m3u8", signature)

    def admits(self, address: str) -> bool:
        """Say whether CloudFront would serve an address now."""
        return self.cloudfront.admits(address, self.clock())


@pytest.fixture
def house() -> House:
    return House()


def test_first_look_makes_a_pair_in_place_of_the_stand_in(house: House) -> None:
    assert house.keys.rotate() == "made"
    assert house.keys.rotate() == "kept"
    assert STAND_IN not in house.cloudfront.group["Items"]
    assert house.admits(house.signed())


def test_no_signature_is_refused_while_keys_change(house: House) -> None:
    house.keys.rotate()
    house.pass_time(ROTATE_AFTER)
    signed, outcomes = [(house.clock(), house.signed())], ["announced"]
    for _ in range(48):
        outcomes.append(house.pass_time(timedelta(hours=1)))
        signed.append((house.clock(), house.signed()))
        fresh = [a for at, a in signed if house.clock() - at < SIGNATURE_LIFE]
        assert all(map(house.admits, fresh))
    assert [outcome for outcome in outcomes if outcome != "kept"] == [
        "announced",
        "changed",
        "retired",
    ]
    assert len(house.cloudfront.group["Items"]) == 1


def test_a_new_pair_signs_only_when_the_edges_know_it(house: House) -> None:
    house.keys.rotate()
    before = house.secret.read().current
    assert house.pass_time(ROTATE_AFTER) == "announced"
    assert house.secret.read().current == before
    assert len(house.cloudfront.group["Items"]) == 2
    assert house.pass_time(KNOWN_AFTER) == "changed"
    assert house.secret.read().current != before


def test_a_retired_pair_opens_nothing_any_more(house: House) -> None:
    house.keys.rotate()
    house.pass_time(ROTATE_AFTER)
    old = house.secret.read().current
    assert old is not None
    house.pass_time(KNOWN_AFTER)
    assert house.pass_time(RETIRE_AFTER) == "retired"
    stolen = AddressKey(old.key_pair_id, old.private_key)
    signature = sign(stolen, f"{ADDRESS}/*", house.clock())
    assert not house.admits(with_query(f"{ADDRESS}/a.ts", signature))
    assert old.key_pair_id not in house.cloudfront.keys


def test_pair_that_was_never_written_down_is_removed_at_the_next_look(house: House) -> None:
    house.secrets.is_out_of_reach = True
    with pytest.raises(ConnectionError):
        house.keys.rotate()
    house.secrets.is_out_of_reach = False
    house.clock.advance(60)
    assert house.keys.rotate() == "made"
    assert len(house.cloudfront.keys) == 2
    assert house.admits(house.signed())


def test_keys_of_another_deployment_are_left_alone(house: House) -> None:
    house.cloudfront.keys["K9"] = {"Name": "ayinel-live-prod-recordings-1", "EncodedKey": ""}
    house.keys.rotate()
    house.keys.discard(STAND_IN)
    assert set(house.cloudfront.keys) == {STAND_IN, "K9"}
    assert house.cloudfront.group["Items"] == [STAND_IN]
    assert house.keys.rotate() == "made"


def test_a_group_that_was_set_back_is_mended(house: House) -> None:
    house.keys.rotate()
    house.cloudfront.group["Items"] = [STAND_IN]
    assert not house.admits(house.signed())
    house.keys.rotate()
    assert house.admits(house.signed())


def test_private_halves_are_shown_nowhere(house: House) -> None:
    house.keys.rotate()
    ring = house.secret.read()
    assert "PRIVATE" in house.secrets.text
    assert "PRIVATE" not in repr(ring)
    assert "PRIVATE" not in json.dumps(house.cloudfront.keys)


def test_functions_learn_of_a_new_key_within_minutes() -> None:
    house, seconds = House(), [0.0]
    reader = RecordingKeySecret(lambda: house.secrets, "arn", lambda: seconds[0])
    assert reader.remembered().current is None
    house.keys.rotate()
    first = reader.remembered().current
    assert first is not None
    house.pass_time(ROTATE_AFTER)
    house.pass_time(KNOWN_AFTER)
    assert reader.remembered().current == first
    seconds[0] += CACHE_SECONDS
    assert reader.remembered().current == house.secret.read().current != first


def test_key_outlasts_an_outage_of_the_secret() -> None:
    from botocore.exceptions import EndpointConnectionError

    class Gone:
        def get_secret_value(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://secrets.invalid")

    house, seconds = House(), [0.0]
    house.keys.rotate()
    clients: list[Any] = [house.secrets]
    reader = RecordingKeySecret(lambda: clients[-1], "arn", lambda: seconds[0])
    known = reader.remembered().current
    clients.append(Gone())
    seconds[0] += CACHE_SECONDS
    assert reader.remembered().current == known is not None
    with pytest.raises(UpstreamError):
        RecordingKeySecret(Gone, "arn").remembered()


@contextmanager
def cloudformation() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Listen as CloudFormation does; yields the address and what comes."""
    told: list[dict[str, str]] = []

    class Answers(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/answer?signature=s", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def request_to(url: str) -> dict[str, Any]:
    return {
        "RequestType": "Create",
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "RecordingKeys",
        "ResourceProperties": {"StandInKeyId": STAND_IN},
    }


def test_deployment_hears_that_its_key_is_there(house: House) -> None:
    outcomes: list[str] = []
    with cloudformation() as (url, told):
        answer(request_to(url), lambda _: outcomes.append(house.keys.rotate()))
    assert outcomes == ["made"]
    assert is_of_deployment(request_to(url))
    assert not is_of_deployment({"source": "aws.events"})
    assert (told[0]["Status"], told[0]["PhysicalResourceId"]) == ("SUCCESS", "RecordingKeys")


def test_deployment_fails_at_once_and_hears_no_secret() -> None:
    def fail(_: object) -> None:
        raise RuntimeError("BEGIN PRIVATE KEY")

    with cloudformation() as (url, told), pytest.raises(RuntimeError):
        answer(request_to(url), fail)
    assert told[0]["Status"] == "FAILED"
    assert "PRIVATE" not in json.dumps(told)
