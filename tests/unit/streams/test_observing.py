from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayinel_live.streams.model import RECONNECT_GRACE, StreamState
from ayinel_live.video.model import VideoEvent, VideoEventKind, VideoSession
from tests.support.house import House
from tests.support.moto_tables import empty_tables
from tests.support.video import video_event

QUIET = RECONNECT_GRACE.total_seconds() + 5
K = VideoEventKind


def test_stream_start_makes_the_stream_live_and_listed(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    stream = house.streams.get(started.stream.stream_id)
    assert (stream.status, stream.start_time) == (StreamState.LIVE, session.started_at)


def test_repeat_of_an_event_writes_nothing(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    version = house.streams.get(started.stream.stream_id).version
    house.observer.learn(video_event(K.STREAM_STARTED, session))
    assert house.streams.get(started.stream.stream_id).version == version


def test_event_of_an_unknown_channel_is_nobodys(house: House) -> None:
    stranger = VideoSession("st-x", house.clock(), "arn:aws:ivs:us-east-1:1:channel/house")
    assert house.observer.learn(video_event(K.STREAM_STARTED, stranger)) is None


def test_event_without_a_session_is_nobodys(house: House) -> None:
    started = house.start()
    channel_id = house.streams.record(started.stream.stream_id).channel_id
    nameless = VideoSession("", house.clock(), channel_id)
    assert house.observer.learn(video_event(K.LIMIT_BREACHED, nameless)) is None


def test_events_of_the_last_broadcast_never_touch_the_next_however_late(house: House) -> None:
    first = house.start()
    old = house.go_live(first)
    house.clock.advance(60)
    house.stop(first.stream)
    house.clock.advance(QUIET)
    second = house.start()
    before = house.streams.record(second.stream.stream_id)
    for kind in VideoEventKind:
        house.observer.learn(video_event(kind, old, house.clock(), after_seconds=3600))
    assert house.streams.record(second.stream.stream_id) == before


def test_session_that_was_never_told_of_stays_with_the_broadcast_it_was_pushed_to(
    house: House,
) -> None:
    first = house.start()
    house.clock.advance(2)
    old = house.provider.push(first.key.value)
    assert old is not None
    house.clock.advance(60)
    house.stop(first.stream)
    house.clock.advance(QUIET)
    second = house.start()
    # All that was ever told of it comes now, later than the new key.
    learned = house.observer.learn(
        video_event(K.RECORDING_ENDED, old, house.clock(), after_seconds=60)
    )
    assert learned is not None
    assert learned[1].stream.stream_id == first.stream.stream_id
    assert not house.streams.record(second.stream.stream_id).broadcast.session_ids


def test_newest_stream_is_found_before_the_index_knows_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = house.start()
    house.stop(first.stream)
    stale = house.streams.of_channel(house.streams.record(first.stream.stream_id).channel_id, 25)
    second = house.start()
    monkeypatch.setattr(house.streams, "of_channel", lambda *_: stale)
    house.go_live(second)
    assert house.streams.get(second.stream.stream_id).status is StreamState.LIVE
    assert house.streams.get(first.stream.stream_id).status is StreamState.ENDED


def test_lost_race_is_tried_again_on_fresh_data(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = house.start()
    session = house.go_live(started)
    true_write = house.streams._write
    raced: list[bool] = []

    def race(item: object, after: object) -> bool:
        if not raced:
            raced.append(True)
            house.observer.learn(video_event(K.STARVATION_STARTED, session, after_seconds=5))
        return true_write(item, after)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(house.streams, "_write", race)
    house.observer.learn(video_event(K.STREAM_ENDED, session, after_seconds=9))
    record = house.streams.record(started.stream.stream_id)
    assert record.stream.interrupted_at == session.started_at + timedelta(seconds=9)
    assert [entry.kind for entry in record.health.entries][-2:] == [
        K.STARVATION_STARTED,
        K.STREAM_ENDED,
    ]


def _story(first: VideoSession, second: VideoSession) -> list[VideoEvent]:
    kinds = (K.SESSION_CREATED, K.STREAM_STARTED, K.STREAM_ENDED, K.SESSION_ENDED)
    return [
        video_event(kind, session, after_seconds=place * 10)
        for session in (first, second)
        for place, kind in enumerate(kinds)
    ]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.data())
def test_two_broadcasts_on_one_channel_keep_their_events_apart_in_any_order(
    house: House, data: st.DataObject
) -> None:
    empty_tables()
    house.__init__()  # type: ignore[misc]  # a fresh house for each example
    first = house.start()
    house.clock.advance(2)
    one = house.provider.push(first.key.value)
    house.clock.advance(40)
    house.stop(first.stream)
    house.clock.advance(QUIET)
    second = house.start()
    house.clock.advance(2)
    two = house.provider.push(second.key.value)
    assert one is not None
    assert two is not None
    story = _story(one, two)
    for event in data.draw(st.permutations(story)):
        house.observer.learn(event)
    records = [house.streams.record(s.stream.stream_id) for s in (first, second)]
    assert [set(r.broadcast.session_ids) for r in records] == [{one.session_id}, {two.session_id}]
    assert [r.stream.start_time for r in records] == [
        one.started_at + timedelta(seconds=10),
        two.started_at + timedelta(seconds=10),
    ]
