"""Merging: few frames, nothing outdated, nothing lost, order kept."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.fan_out.merge import MAX_FRAME_BYTES, encode, frames_of, newest

STREAM = "01JZ0000000000000000000001"


def message(number: int, version: int = 1, text: str = "hi", kind: str = "message") -> Any:
    return {
        "type": kind,
        "id": f"m{number}",
        "streamId": STREAM,
        "userId": f"u{number % 3}",
        "message": text,
        "version": version,
    }


def count(viewers: int, version: int) -> Any:
    return {
        "type": "viewer-count",
        "streamId": STREAM,
        "viewerCount": viewers,
        "version": version,
    }


def unpacked(frames: Any) -> list[Any]:
    events: list[Any] = []
    for frame in frames:
        content = json.loads(frame.payload.body)
        events.extend(content["events"] if content["type"] == "batch" else [content])
    return events


def test_a_single_event_stands_bare() -> None:
    (frame,) = frames_of([message(1)])
    assert json.loads(frame.payload.body) == message(1)


def test_several_events_share_a_frame_in_order() -> None:
    (frame,) = frames_of([message(number) for number in range(5)])
    content = json.loads(frame.payload.body)
    assert content["type"] == "batch"
    assert [event["id"] for event in content["events"]] == ["m0", "m1", "m2", "m3", "m4"]


def test_no_event_is_no_frame() -> None:
    assert frames_of([]) == ()


def test_of_counts_only_the_newest_leaves() -> None:
    events = newest([count(5, 7), message(1), count(6, 9), count(4, 8)])
    assert events == [count(6, 9), message(1)]


def test_an_older_version_that_comes_late_changes_nothing() -> None:
    removed = message(1, version=2, kind="message-updated")
    assert newest([removed, message(1)]) == [removed]


def test_a_message_removed_before_it_left_is_not_shown() -> None:
    removed = {**message(1, version=2, kind="message-updated"), "status": "removed"}
    del removed["message"]
    assert unpacked(frames_of([message(1, text="bad"), message(2), removed])) == [
        removed,
        message(2),
    ]


def test_counts_of_two_streams_do_not_replace_each_other() -> None:
    other = {**count(1, 1), "streamId": "other"}
    assert len(newest([count(5, 7), other])) == 2


def test_events_without_a_version_all_stay() -> None:
    assert len(newest([{"type": "x"}, {"type": "x"}])) == 2


def test_half_a_surrogate_pair_does_not_stop_the_frame() -> None:
    (frame,) = frames_of([message(1, text="a\ud800b")])
    assert json.loads(frame.payload.body)["message"] == "a?b"


def test_an_event_larger_than_a_frame_is_left_out_and_the_rest_goes() -> None:
    assert unpacked(frames_of([message(1, text="x" * 40_000), message(2)])) == [message(2)]


texts = st.text(st.characters(codec="utf-8"), max_size=3000)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 4), texts), max_size=60))
def test_frames_hold_the_newest_of_everything_once_and_in_order(
    sent: list[tuple[int, int, str]],
) -> None:
    events = [message(*one) for one in sent]
    frames = frames_of(events)
    got = unpacked(frames)
    assert all(len(frame.payload.body) <= MAX_FRAME_BYTES for frame in frames)
    best = {number: max(v for n, v, _ in sent if n == number) for number, _, _ in sent}
    assert {event["id"]: event["version"] for event in got} == {
        f"m{number}": version for number, version in best.items()
    }
    assert len(got) == len(best)
    first = list(dict.fromkeys(f"m{number}" for number, _, _ in sent))
    assert [event["id"] for event in got] == first
    assert [event for frame in frames for event in frame.events] == newest(events)


@settings(deadline=None)
@given(
    st.lists(
        st.builds(str.__mul__, st.sampled_from("xé日🎮"), st.integers(500, 2000)),
        min_size=70,
        max_size=90,
    )
)
def test_no_two_neighbouring_frames_would_have_fitted_into_one(content: list[str]) -> None:
    frames = frames_of([message(place, text=text) for place, text in enumerate(content)])
    assert len(frames) > 1
    for one, next_one in pairwise(frames):
        first_of_next = encode(next_one.events[0])
        assert len(one.payload.body) + len(first_of_next) > MAX_FRAME_BYTES - 64
