"""Dashboards read along keys: the planner scans no table whole for any of their queries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ayinel_live.history import queries
from ayinel_live.history.database import Database
from tests.support.history_load import fill

ASK = {
    "owner": "owner-3",
    "stream": "01KE00000000000000000300AA",
    "first": date(2026, 1, 1),
    "last": date(2026, 1, 30),
    "from": datetime(2026, 1, 1, tzinfo=UTC),
    "until": datetime(2026, 1, 31, tzinfo=UTC),
    "limit": 100,
}


@pytest.fixture
def filled(database: Database) -> Database:
    """Enough rows that a planner would not read a table whole for its smallness."""
    fill(database, owners=40, days=60, minutes=20, sessions=4)
    return database


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


@pytest.mark.parametrize("name", sorted(queries.ALL))
def test_no_query_scans_a_whole_table(filled: Database, name: str) -> None:
    rows = filled.run(b"EXPLAIN (FORMAT JSON) " + queries.ALL[name].encode(), ASK)
    plan = rows[0][0] if isinstance(rows[0][0], list) else json.loads(rows[0][0])

    kinds = [node["Node Type"] for node in nodes(plan[0]["Plan"])]

    assert "Seq Scan" not in kinds
    assert any("Index" in kind for kind in kinds)
