from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from botocore.exceptions import EndpointConnectionError

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.deletion import EraseStream, StreamDeletion
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import (
    NEVER_PUSHED_LIMIT,
    PROCESSING_LIMIT,
    RECONNECT_GRACE,
    RecordingState,
    StreamState,
)
from ayinel_live.streams.reconciliation import ERASURE_PATIENCE_MINUTES, UNREADY_LIMIT
from ayinel_live.streams.start_request import StartedStream
from ayinel_live.streams.video_work import ReadIngest
from ayinel_live.video.model import VideoEventKind, VideoSession
from tests.support.house import House
from tests.support.video import video_event


def status(house: House, started: StartedStream) -> StreamState:
    return house.streams.record(started.stream.stream_id).stream.status


def push_untold(house: House, started: StartedStream) -> VideoSession:
    house.clock.advance(2)
    session = house.provider.push(started.key.value)
    assert session is not None
    return session


def test_live_there_but_not_here_is_mended_on_the_second_look(house: House) -> None:
    started = house.start()
    session = push_untold(house, started)
    house.tick()
    assert status(house, started) is StreamState.OFFLINE
    assert house.tick().mended == [started.stream.stream_id]
    stream = house.streams.get(started.stream.stream_id)
    assert (stream.status, stream.start_time) == (StreamState.LIVE, session.started_at)


def test_live_here_but_not_there_ends_on_the_second_look_and_after_the_grace_time(
    house: House,
) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.drop(session.channel_id)
    house.tick()
    assert status(house, started) is StreamState.LIVE
    house.tick()
    assert house.streams.record(started.stream.stream_id).stream.interrupted_at is not None
    house.tick()
    assert status(house, started) is StreamState.PROCESSING
    assert house.working_keys() == []


def test_two_looks_at_the_same_moment_are_one(house: House) -> None:
    started = house.start()
    push_untold(house, started)
    house.tick()
    house.tick(1)
    assert status(house, started) is StreamState.OFFLINE


def test_doubt_that_an_event_clears_is_dropped(house: House) -> None:
    started = house.start()
    session = push_untold(house, started)
    house.tick()
    house.observer.learn(video_event(VideoEventKind.STREAM_STARTED, session))
    house.tick()
    record = house.streams.record(started.stream.stream_id)
    assert record.doubt is None
    house.provider.drop(session.channel_id)
    assert house.tick().mended == []


def test_stream_that_runs_undisturbed_is_not_written(house: House) -> None:
    started = house.start()
    house.go_live(started)
    house.tick()
    version = house.streams.get(started.stream.stream_id).version
    for _ in range(3):
        house.tick()
    assert house.streams.get(started.stream.stream_id).version == version


def test_stream_that_an_old_index_shows_unready_is_left_open(house: House) -> None:
    started = house.start()
    record = house.streams.record(started.stream.stream_id)
    stale = [replace(record, is_ready=False)]
    with patch.object(house.streams, "unfinished", lambda _: iter(stale)):
        report = house.tick(UNREADY_LIMIT.total_seconds() + 1)
    assert (report.closed, report.wound_down) == ([], [])
    assert house.working_keys() == [started.key.value]


def test_stream_that_was_closed_is_not_closed_later(house: House) -> None:
    started = house.start()
    record = house.streams.record(started.stream.stream_id)
    closed = house.ending.close(record)
    house.clock.advance(5)
    assert house.ending.close(record) == closed


def test_never_pushed_stream_expires_and_its_key_dies(house: House) -> None:
    started = house.start()
    house.tick(NEVER_PUSHED_LIMIT.total_seconds() + 1)
    assert status(house, started) is StreamState.ENDED
    assert house.provider.push(started.key.value) is None
    assert list(house.streams.unfinished()) == []


def test_encoder_that_stays_away_ends_the_broadcast_and_finds_its_key_dead(house: House) -> None:
    started = house.start()
    session = house.go_live(started)
    house.provider.drop(session.channel_id)
    house.observer.learn(video_event(VideoEventKind.STREAM_ENDED, session, house.clock()))
    house.tick(RECONNECT_GRACE.total_seconds() + 1)
    assert status(house, started) is StreamState.PROCESSING
    assert house.provider.push(started.key.value) is None


def test_processing_that_is_stuck_ends(house: House) -> None:
    started = house.start()
    house.go_live(started)
    house.stop(started.stream)
    assert status(house, started) is StreamState.PROCESSING
    house.tick((PROCESSING_LIMIT + RECONNECT_GRACE + timedelta(seconds=1)).total_seconds())
    record = house.streams.record(started.stream.stream_id)
    assert record.stream.status is StreamState.ENDED
    assert record.stream.recording_state is RecordingState.FAILED


def test_push_onto_a_channel_without_an_open_broadcast_is_thrown_off(house: House) -> None:
    started = house.start()
    house.stop(started.stream)
    channel = next(iter(house.provider.channels.values()))
    stray = VideoSession("st-stray", house.clock(), channel.channel.channel_id)
    channel.key = "sk_leaked"
    channel.sessions.append(stray)
    house.tick()
    assert house.provider.live_sessions() == (stray,)
    house.tick()
    assert house.provider.live_sessions() == ()
    assert house.working_keys() == []


def test_channel_that_is_not_a_creators_is_left_alone(house: House) -> None:
    started = house.start()
    channel = next(iter(house.provider.channels.values()))
    house.provider.channels["arn:house"] = type(channel)(
        channel.channel, "house", channel.quality, key="sk_house"
    )
    house.provider.channels["arn:house"].sessions.append(
        VideoSession("st-house", house.clock(), "arn:house")
    )
    house.tick()
    house.tick()
    assert any(s.session_id == "st-house" for s in house.provider.live_sessions())
    assert house.working_keys() == [started.key.value, "sk_house"]


def test_one_creator_in_the_middle_of_a_request_does_not_keep_the_others_waiting(
    house: House,
) -> None:
    ana, ben = house.start("ana"), house.start("ben")
    house.clock.advance(NEVER_PUSHED_LIMIT.total_seconds() + 1)
    with house.channels.lease("ana"):
        report = house.reconciler.run()
    assert report.failed == [ana.stream.stream_id]
    assert report.wound_down == [ben.stream.stream_id]
    assert house.tick().wound_down == [ana.stream.stream_id]


def test_stream_that_is_erased_during_a_pass_does_not_keep_the_others_waiting(
    house: House,
) -> None:
    ana, ben = house.start("ana"), house.start("ben")
    push_untold(house, ben)
    house.tick()
    live_sessions = house.provider.live_sessions

    def erase_and_list() -> tuple[VideoSession, ...]:
        house.stop(ana.stream)
        StreamItem(ana.stream.stream_id).delete()
        return live_sessions()

    with patch.object(house.provider, "live_sessions", erase_and_list):
        report = house.tick()
    assert report.mended == [ben.stream.stream_id]
    assert report.failed == []


def test_queue_of_erasures_that_is_away_does_not_keep_the_others_waiting(house: House) -> None:
    ana, ben = house.start("ana"), house.start("ben")
    house.stop(ana.stream)
    deletion = StreamDeletion(
        house.streams, house.channels, house.ending, house.erasures, house.clock
    )
    deletion.mark(ana.stream.stream_id)
    push_untold(house, ben)
    house.tick(ERASURE_PATIENCE_MINUTES * 60 - 62)

    def refuse(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://queue")

    with patch.object(house.erasures, "send", refuse):
        report = house.tick()
    assert (report.failed, report.mended) == ([ana.stream.stream_id], [ben.stream.stream_id])
    house.tick(ERASURE_PATIENCE_MINUTES * 60)
    assert house.erasures.sent == [EraseStream(stream_id=ana.stream.stream_id)]


def test_time_is_looked_at_though_the_provider_does_not_answer(house: House) -> None:
    started = house.start()
    house.clock.advance(NEVER_PUSHED_LIMIT.total_seconds() + 1)
    house.provider.fault = UpstreamError("down")
    with pytest.raises(UpstreamError):
        house.reconciler.run()
    assert status(house, started) is StreamState.ENDED


def test_settings_of_an_encoder_that_are_not_known_yet_are_asked_for_in_the_background(
    house: House,
) -> None:
    started = house.start()
    session = house.go_live(started)
    house.tick()
    (work,) = house.work.sent
    assert isinstance(work, ReadIngest)
    assert (work.stream_id, work.session_id) == (started.stream.stream_id, session.session_id)
