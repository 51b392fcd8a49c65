"""One person at one stream, at the edges of what makes a view."""

from __future__ import annotations

import pytest

from ayinel_live.audience.viewer import (
    GRACE_MILLISECONDS,
    MAX_CONNECTIONS,
    MAX_VIEWS,
    TooManyConnectionsError,
    View,
    Viewer,
    arrive,
    depart,
)

START = 1_767_323_045_000


def viewer() -> Viewer:
    return Viewer("01KE0000000000000000000000", "ada", START, START)


def visit(before: Viewer, at: int, stay: int = 1000) -> Viewer:
    """Come at a time and go again."""
    there = arrive(before, "c", View(at), is_counted=True)
    return depart(there, "c", at + stay)


@pytest.mark.parametrize(("gap", "views"), [(GRACE_MILLISECONDS, 1), (GRACE_MILLISECONDS + 1, 2)])
def test_return_is_the_same_view_up_to_the_grace_time_and_not_beyond(gap: int, views: int) -> None:
    left = visit(viewer(), START)
    back = visit(left, START + 1000 + gap)
    assert len(back.views) == views
    assert back.views[-1].ended_at == START + 1000 + gap + 1000


def test_whoever_comes_and_goes_all_day_makes_no_more_views_than_an_item_holds() -> None:
    now = viewer()
    for number in range(MAX_VIEWS + 5):
        now = visit(now, START + number * 10 * GRACE_MILLISECONDS)
    assert len(now.views) == MAX_VIEWS
    assert now.views[-1].started_at == START + (MAX_VIEWS - 1) * 10 * GRACE_MILLISECONDS
    assert now.views[-1].ended_at == START + (MAX_VIEWS + 4) * 10 * GRACE_MILLISECONDS + 1000


def test_one_connection_more_than_a_person_may_have_is_refused() -> None:
    now = viewer()
    for number in range(MAX_CONNECTIONS):
        now = arrive(now, f"c{number}", View(START), is_counted=True)
    assert arrive(now, "c0", View(START), is_counted=True) == now
    with pytest.raises(TooManyConnectionsError):
        arrive(now, "one-more", View(START), is_counted=True)
