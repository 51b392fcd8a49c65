"""The audit of a stream whose counters still follow its views."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ayinel_live.audience.audit import Audit, Difference
from local.audit import settled

RIGHT = Audit(3, ())
BEHIND = Audit(3, (Difference("totalViews", 2, 3),))


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What was slept, on a clock that only sleeping moves."""
    sleeps: list[float] = []
    clock = SimpleNamespace(sleep=sleeps.append, monotonic=lambda: sum(sleeps))
    monkeypatch.setattr("local.audit.time", clock)
    return sleeps


def test_what_is_right_is_looked_at_once(slept: list[float]) -> None:
    assert settled(lambda: RIGHT) is RIGHT
    assert slept == []


def test_what_differs_is_looked_at_until_it_has_followed(slept: list[float]) -> None:
    found = iter((BEHIND, BEHIND, RIGHT))
    assert settled(lambda: next(found)) is RIGHT
    assert len(slept) == 2


def test_what_never_follows_is_told_in_the_end(slept: list[float]) -> None:
    assert settled(lambda: BEHIND) is BEHIND
    assert sum(slept) == pytest.approx(20)
