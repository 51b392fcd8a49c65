"""Pacing: the plan is kept, a 429 is heeded, and the plan comes back."""

from __future__ import annotations

from ayinel_live.fan_out.pace import Pace


def taken(pace: Pace, begin: float, seconds: float, step: float = 0.001) -> int:
    steps = round(seconds / step)
    return sum(pace.take(begin + number * step) for number in range(steps))


def test_the_rate_is_kept_whatever_the_demand() -> None:
    pace = Pace(400)
    assert 4000 <= taken(pace, 0, 10) <= 4000 + 400 * 0.05 + 1


def test_rest_saves_up_no_more_than_a_moment() -> None:
    pace = Pace(400)
    taken(pace, 0, 1)
    assert pace.allowance(1000) <= 400 * 0.05


def test_a_throttled_pace_gives_way_and_recovers() -> None:
    pace = Pace(1000)
    pace.take(0)
    for number in range(10):
        pace.throttled(number * 0.25)
    assert pace.rate < 400
    pace.allowance(20)
    assert pace.rate == 1000


def test_many_429s_of_one_moment_count_once() -> None:
    pace = Pace(1000)
    pace.take(0)
    for _ in range(50):
        pace.throttled(0.01)
    assert pace.rate >= 690


def test_it_never_stops_altogether() -> None:
    pace = Pace(100)
    for number in range(200):
        pace.throttled(number * 0.2)
    assert pace.rate >= 5
    assert pace.wait_seconds() <= 0.2


def test_without_a_limit_everything_may_go() -> None:
    pace = Pace(0)
    pace.throttled(0)
    assert taken(pace, 0, 1) == 1000
