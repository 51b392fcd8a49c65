from __future__ import annotations

import pytest

from ayinel_live.runtime.errors import BusyError, InvalidStateError, UpstreamError
from ayinel_live.streams.model import StreamState
from ayinel_live.video.model import VideoEventKind
from tests.support.house import House
from tests.support.video import video_event


def test_stop_revokes_the_key_before_it_drops_the_encoder(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.calls.clear()
    stopped = house.stop(started.stream)
    assert house.provider.calls == ["revoke_keys", "stop_broadcast"]
    assert stopped.status is StreamState.PROCESSING
    assert house.provider.push(started.key.value) is None
    assert house.provider.channels[session.channel_id].live is None


def test_stopping_twice_changes_nothing(house: House) -> None:
    started = house.start()
    first = house.stop(started.stream)
    house.clock.advance(60)
    house.provider.calls.clear()
    assert house.stop(started.stream) == first
    assert house.provider.calls == []


def test_late_stream_end_does_not_move_the_time_of_the_stop(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.clock.advance(60)
    stopped = house.stop(started.stream)
    house.observer.learn(
        video_event(VideoEventKind.STREAM_ENDED, session, house.clock(), after_seconds=3)
    )
    assert house.streams.get(started.stream.stream_id).end_time == stopped.end_time


def test_stop_that_the_provider_refused_is_written_down_and_finished_later(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.fault = UpstreamError("busy", retry_after_seconds=5)
    with pytest.raises(UpstreamError):
        house.stop(started.stream)
    assert house.streams.get(started.stream.stream_id).is_over
    house.provider.fault = None
    house.tick()
    assert house.working_keys() == []
    assert house.provider.channels[session.channel_id].live is None


@pytest.mark.parametrize("calls", [1, 2])
def test_stop_that_dies_on_the_way_is_finished_by_the_reconciler(house: House, calls: int) -> None:
    started = house.start()
    session = house.go_live(started)
    with house.dying(calls):
        house.stop(started.stream)
    house.tick()
    assert house.working_keys() == []
    assert house.provider.channels[session.channel_id].live is None
    assert house.streams.record(started.stream.stream_id).is_key_revoked


def test_stop_of_an_old_stream_leaves_the_key_of_the_next_alone(house: House) -> None:
    first = house.start()
    with house.dying(1):
        house.stop(first.stream)
    house.clock.advance(60)
    second = house.start()
    house.stop(first.stream)
    house.tick()
    assert house.working_keys() == [second.key.value]


def test_rotated_key_shuts_the_old_encoder_out_and_lets_the_new_one_in(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.calls.clear()
    key = house.ending.rotate_key(started.stream)
    assert house.provider.calls == ["revoke_keys", "stop_broadcast", "create_key"]
    assert house.provider.push(started.key.value) is None
    house.observer.learn(video_event(VideoEventKind.STREAM_ENDED, session, house.clock()))
    house.clock.advance(5)
    again = house.provider.push(key.value)
    assert again is not None
    house.observer.learn(video_event(VideoEventKind.STREAM_STARTED, again))
    stream = house.streams.get(started.stream.stream_id)
    assert stream.status is StreamState.LIVE
    assert stream.start_time == session.started_at


def test_key_of_an_ended_stream_cannot_be_rotated(house: House) -> None:
    started = house.start()
    house.stop(started.stream)
    with pytest.raises(InvalidStateError):
        house.ending.rotate_key(started.stream)
    assert house.working_keys() == []


def test_rotation_waits_for_another_request_of_the_creator(house: House) -> None:
    started = house.start()
    before = house.clock()
    with house.channels.lease("ana"):
        with pytest.raises(BusyError, match="Another request"):
            house.ending.rotate_key(started.stream)
        assert (house.clock() - before).total_seconds() >= 5
    house.ending.rotate_key(started.stream)
