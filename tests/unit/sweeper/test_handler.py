"""The sweeper by its handler: departures from the queue, the sweep from the schedule."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from ayinel_live.audience.presence_store import PresenceStore
from tests.support.audience import AUDIENCE_ITEMS, World
from tests.support.moto_tables import empty_tables, moto_tables


@pytest.fixture(scope="module")
def handler() -> Iterator[Any]:
    with moto_tables(*AUDIENCE_ITEMS), pytest.MonkeyPatch.context() as patch:
        patch.setenv("STAGE", "test")
        patch.setenv("CONNECTIONS_TABLE", "Connections")
        patch.setenv("VIEWERS_TABLE", "Viewers")
        patch.setenv("AUDIENCE_MARKERS_TABLE", "AudienceMarkers")
        yield import_module("functions.sweeper.handler").handler


@pytest.fixture
def world(handler: Any) -> World:
    empty_tables()
    return World()


def departure(connection_id: str, at: str = "2026-01-02T03:05:00.000Z") -> dict[str, str]:
    body = {"connectionId": connection_id, "streamId": "s", "viewerId": "v", "at": at}
    return {"messageId": f"m-{connection_id}", "body": json.dumps(body)}


def test_connection_that_a_post_found_gone_leaves_and_no_other(handler: Any, world: World) -> None:
    world.join("c1", "ada")
    world.join("c2", "bob")

    answer = handler({"Records": [departure("c1"), departure("c1"), departure("unknown")]}, None)

    assert answer == {"batchItemFailures": []}
    assert PresenceStore().connection("c1") is None
    assert PresenceStore().connection("c2") is not None


def test_connection_that_was_just_being_opened_is_not_taken_for_gone(
    handler: Any, world: World
) -> None:
    world.join("c1", "ada")

    handler({"Records": [departure("c1", at="2026-01-02T03:04:09.000Z")]}, None)

    assert PresenceStore().connection("c1") is not None


@pytest.mark.parametrize("body", ["", "{}", '{"connectionId": "c", "at": "yesterday"}', "[1]"])
def test_unreadable_departure_comes_back_and_the_rest_is_taken(
    handler: Any, world: World, body: str
) -> None:
    world.join("c1", "ada")

    answer = handler({"Records": [{"messageId": "bad", "body": body}, departure("c1")]}, None)

    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
    assert PresenceStore().connection("c1") is None


def test_schedule_sweeps_whoever_is_silent(handler: Any, world: World) -> None:
    answer = handler({"source": "aws.scheduler"}, None)

    assert answer == {"closed": 0, "failed": 0}
