"""The analytics API by its handler: who may see what, and what bad input is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import Visibility
from functions.analytics_api import routes
from tests.support.audience import AUDIENCE_ITEMS, World
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.presence import STREAM_ID
from tests.support.streams import put_stream

SIX = {
    "streamId",
    "peakViewers",
    "totalViews",
    "averageWatchTime",
    "topRegions",
    "deviceTypes",
}


@pytest.fixture(scope="module")
def handler() -> Iterator[Any]:
    with (
        moto_tables(*AUDIENCE_ITEMS, InvitationItem, MemberItem, StreamItem),
        pytest.MonkeyPatch.context() as patch,
    ):
        for item in (AudienceItem, InvitationItem, MemberItem, StreamItem):
            patch.setenv(f"{item.logical_name.upper()}_TABLE", item.logical_name)
        patch.setenv("STAGE", "test")
        yield import_module("functions.analytics_api.handler").handler


@pytest.fixture
def world(handler: Any) -> World:
    """One live stream of `ana` with three viewers over two minutes, one of them gone."""
    empty_tables()
    world = World()
    put_stream(STREAM_ID, "ana", started_at=world.clock())
    world.join("c1", "v1", country="DE", device_class="desktop")
    world.join("c2", "v2", country="FR", device_class="mobile", referrer_host="blog.example")
    world.clock.advance(60)
    world.join("c3", "v3", country="DE", device_class="tv")
    world.clock.advance(60)
    world.leave("c1", "v1")
    world.count()
    return world


def call(handler: Any, key: str, caller: str = "ana", **parameters: str) -> tuple[int, Any]:
    path = {name: parameters.pop(name) for name in ("streamId",) if name in parameters}
    answer = handler(
        {
            "routeKey": key,
            "headers": {},
            "pathParameters": path,
            "queryStringParameters": parameters,
            "requestContext": {
                "authorizer": {"jwt": {"claims": {"sub": caller, "exp": "1900000000"}}},
                "http": {"sourceIp": "127.0.0.1"},
                "requestId": "r",
            },
        },
        None,
    )
    return answer["statusCode"], json.loads(answer["body"])


def end_stream(world: World) -> None:
    put_stream(
        STREAM_ID,
        "ana",
        started_at=world.clock() - timedelta(seconds=120),
        ended_at=world.clock(),
    )
    world.ends[STREAM_ID] = to_milliseconds(world.clock())


def test_every_route_has_an_endpoint(handler: Any) -> None:
    assert handler.route_keys == {route.key for route in routes.ROUTES}


def test_owner_sees_the_six_figures(handler: Any, world: World) -> None:
    end_stream(world)

    status, body = call(handler, routes.ANALYTICS.key, streamId=STREAM_ID)

    assert status == 200
    assert set(body) == SIX
    assert (body["peakViewers"], body["totalViews"]) == (3, 3)
    assert body["averageWatchTime"] == 100.0
    assert body["topRegions"] == [
        {"region": "DE", "views": 2, "share": 0.6667},
        {"region": "FR", "views": 1, "share": 0.3333},
    ]
    assert body["deviceTypes"] == {"desktop": 1, "mobile": 1, "tv": 1}


def test_what_else_is_asked_for_sums_to_the_six(handler: Any, world: World) -> None:
    end_stream(world)

    _, body = call(
        handler,
        routes.ANALYTICS.key,
        streamId=STREAM_ID,
        include="totals,series,retention,referrers",
    )

    series = body["series"]
    assert sum(point["joins"] for point in series) == body["totalViews"]
    assert max(point["viewersMax"] for point in series) == body["peakViewers"]
    watched = body["averageWatchTime"] * body["totalViews"]
    assert body["totals"]["watchSeconds"] == pytest.approx(watched)
    assert sum(referrer["views"] for referrer in body["referrers"]) == body["totalViews"]
    assert body["retention"][0]["share"] == 1.0
    assert sum(entry["views"] for entry in body["totals"]["watchTimes"]) == 1


@pytest.mark.parametrize(
    ("caller", "parameters", "status", "code"),
    [
        ("eve", {"streamId": STREAM_ID}, 403, "not-the-owner"),
        ("ana", {"streamId": "01KE0000000000000000000099"}, 404, "not-found"),
        ("ana", {"streamId": "not-a-stream"}, 400, "invalid-input"),
        ("ana", {"streamId": STREAM_ID, "include": "everything"}, 400, "invalid-input"),
    ],
)
def test_bad_request_gets_its_problem(
    handler: Any, world: World, caller: str, parameters: dict[str, str], status: int, code: str
) -> None:
    found, problem = call(handler, routes.ANALYTICS.key, caller, **parameters)

    assert (found, problem["status"], problem["code"]) == (status, status, code)


def test_private_stream_of_somebody_else_does_not_exist(handler: Any, world: World) -> None:
    put_stream(STREAM_ID, "ana", started_at=world.clock(), visibility=Visibility.PRIVATE)

    assert call(handler, routes.ANALYTICS.key, "eve", streamId=STREAM_ID)[0] == 404


@pytest.mark.parametrize(
    "period",
    [
        {"from": "2026-02-01", "to": "2026-01-01"},
        {"from": "2999-01-01", "to": "2999-01-02"},
        {"from": "2999-01-01"},
        {"from": "2020-01-01", "to": "2026-01-01"},
        {"from": "0001-01-01", "to": "0001-01-02"},
        {"to": "0001-01-02"},
        {"from": "yesterday"},
        {"from": "2026-13-01"},
        {"format": "xlsx"},
    ],
)
def test_impossible_period_is_refused(handler: Any, period: dict[str, str]) -> None:
    status, problem = call(handler, routes.HISTORY.key, **period)

    assert (status, problem["status"]) == (400, 400)


def test_installation_without_a_database_says_that_it_keeps_no_history(handler: Any) -> None:
    status, problem = call(handler, routes.HISTORY.key)

    assert (status, problem["code"]) == (422, "no-history")
