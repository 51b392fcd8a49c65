"""The history's endpoints on a real PostgreSQL, as JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from ayinel_live.history.database import Database
from ayinel_live.history.store import HistoryStore
from functions.analytics_api import routes
from local.history import HistoryDatabase
from tests.support.history import past_stream

STREAM = "01KE0000000000000000000001"
PERIOD = {"from": "2026-01-01", "to": "2026-01-31"}
PARTS = ("api", "endpoints", "handler", "wiring")
MODULES = tuple(f"functions.analytics_api.{part}" for part in PARTS)


@pytest.fixture
def handler(
    postgres: HistoryDatabase, database: Database, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """The function as it is deployed, with two streams of `ada` in its history."""
    for name in ("Streams", "Audience", "Members", "Invitations"):
        monkeypatch.setenv(f"{name.upper()}_TABLE", name)
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.setenv("HISTORY_KIND", "postgres")
    monkeypatch.setenv("HISTORY_ENDPOINT", postgres.dsn())
    # Settings are read at import, and another test may have imported with others.
    for module in MODULES:
        monkeypatch.delitem(sys.modules, module, raising=False)
    store = HistoryStore(database)
    store.write(past_stream(STREAM, viewers=("v1", "v2"), title="=first, stream"))
    api = import_module("functions.analytics_api.handler").handler
    yield api
    import_module("functions.analytics_api.wiring").history()._database.close()
    for module in MODULES:
        sys.modules.pop(module, None)


def call(handler: Any, key: str, caller: str = "ada", **parameters: str) -> dict[str, Any]:
    path = {name: parameters.pop(name) for name in ("streamId",) if name in parameters}
    answer: dict[str, Any] = handler(
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
    return answer


def test_owner_sees_totals_growth_best_stream_retention_and_peak_hours(handler: Any) -> None:
    body = json.loads(call(handler, routes.HISTORY.key, **PERIOD)["body"])

    assert (body["from"], body["to"]) == ("2026-01-01", "2026-01-31")
    assert body["totals"]["totalViews"] == 2
    assert body["totals"]["watchSeconds"] == 2 * 90 * 60
    assert body["growth"] == {}
    assert body["bestStream"]["streamId"] == STREAM
    assert body["retention"] == {"returningVisits": 0, "returningShare": 0.0}
    assert [hour["hour"] for hour in body["peakHours"]] == [20, 21]
    assert [stream["streamId"] for stream in body["streams"]] == [STREAM]
    assert sum(day["totalViews"] for day in body["days"]) == 2


def test_one_stream_is_shown_with_its_minutes_and_groups(handler: Any) -> None:
    body = json.loads(call(handler, routes.PAST_STREAM.key, streamId=STREAM)["body"])

    assert body["stream"]["totalViews"] == 2
    assert len(body["series"]) == 90
    assert sum(minute["joins"] for minute in body["series"]) == 2
    assert body["regions"] == [{"name": "DE", "views": 2}]
    assert body["devices"] == [{"name": "mobile", "views": 2}]


def test_csv_is_a_file_that_a_spreadsheet_opens_safely(handler: Any) -> None:
    answer = call(handler, routes.HISTORY.key, format="csv", **PERIOD)

    assert answer["headers"]["content-type"].startswith("text/csv")
    assert "history-2026-01-01-2026-01-31.csv" in answer["headers"]["content-disposition"]
    [row] = list(csv.DictReader(io.StringIO(answer["body"])))
    assert (row["streamId"], row["title"], row["totalViews"]) == (STREAM, "'=first, stream", "2")
    minutes = call(handler, routes.PAST_STREAM.key, streamId=STREAM, format="csv")
    assert len(list(csv.DictReader(io.StringIO(minutes["body"])))) == 90


def test_somebody_elses_history_does_not_exist(handler: Any) -> None:
    assert call(handler, routes.PAST_STREAM.key, "eve", streamId=STREAM)["statusCode"] == 404
    body = json.loads(call(handler, routes.HISTORY.key, "eve", **PERIOD)["body"])
    assert body["totals"]["streams"] == 0


def test_database_that_is_away_is_a_clear_problem(handler: Any, postgres: HistoryDatabase) -> None:
    postgres.stop()

    answer = call(handler, routes.HISTORY.key, **PERIOD)

    postgres.start()
    assert answer["statusCode"] == 503
    assert json.loads(answer["body"])["code"] == "upstream"
    assert call(handler, routes.HISTORY.key, **PERIOD)["statusCode"] == 200


def test_history_is_empty_before_the_first_stream_made_its_tables(
    handler: Any, database: Database
) -> None:
    database.run("DROP SCHEMA public CASCADE")
    database.run("CREATE SCHEMA public")

    overview = call(handler, routes.HISTORY.key, **PERIOD)
    assert overview["statusCode"] == 200
    assert json.loads(overview["body"])["totals"]["streams"] == 0
    assert call(handler, routes.HISTORY.key, format="csv", **PERIOD)["statusCode"] == 200
    assert call(handler, routes.PAST_STREAM.key, streamId=STREAM)["statusCode"] == 404
