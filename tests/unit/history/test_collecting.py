"""A person's views as history keeps them: cut at the stream's end, under a pseudonym."""

from __future__ import annotations

from datetime import timedelta

from ayinel_live.audience.viewer import View, Viewer
from ayinel_live.history.collecting import sessions_of
from ayinel_live.history.model import viewer_key
from ayinel_live.runtime.clock import from_milliseconds, to_milliseconds
from tests.support.history import START

END = START + timedelta(minutes=10)
BEGUN, LIMIT = to_milliseconds(START), to_milliseconds(END)


def test_views_are_cut_at_the_end_and_what_began_after_it_is_none() -> None:
    views = (
        View(BEGUN, BEGUN + 1000, "DE", "tv", "blog.example"),
        View(BEGUN + 60_000, LIMIT + 5000),
        View(LIMIT - 1, None),
        View(LIMIT, LIMIT + 1000),
        View(LIMIT + 60_000, None),
    )
    viewer = Viewer("01KE0000000000000000000000", "ada", BEGUN, LIMIT, views=views)

    sessions = list(sessions_of(viewer, END))

    assert [(s.number, s.started_at, s.ended_at) for s in sessions] == [
        (0, START, START + timedelta(seconds=1)),
        (1, START + timedelta(minutes=1), END),
        (2, from_milliseconds(LIMIT - 1), END),
    ]
    assert {s.viewer_key for s in sessions} == {viewer_key("ada")}
    assert (sessions[0].country, sessions[0].device_class) == ("DE", "tv")
    assert sessions[0].referrer_host == "blog.example"
