from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.streams.broadcast import MAX_PUSHES, Broadcast, Push, with_push
from ayinel_live.streams.model import (
    NEVER_PUSHED_LIMIT,
    PROCESSING_LIMIT,
    RECONNECT_GRACE,
    RecordingState,
    StreamState,
)
from ayinel_live.streams.state import (
    SessionMissed,
    Signal,
    StopRequested,
    TimePassed,
    belongs,
    next_state,
    outcome,
)
from ayinel_live.video.model import RecordingFacts, VideoEvent, VideoEventKind

T0 = datetime(2026, 1, 2, 3, 0, tzinfo=UTC)
KEY_MADE = T0 + timedelta(seconds=1)
GRACE = RECONNECT_GRACE.total_seconds()
K = VideoEventKind


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def fresh(*, is_recorded: bool = True, past: frozenset[str] = frozenset()) -> Broadcast:
    return Broadcast(
        created_at=to_milliseconds(T0),
        is_recorded=is_recorded,
        sessions_after=to_milliseconds(KEY_MADE),
        past_session_ids=past,
    )


def event(kind: VideoEventKind, seconds: float, session: str = "st-1") -> VideoEvent:
    recording = None
    if kind.value.startswith("recording"):
        length = int(seconds * 1000) if kind is K.RECORDING_ENDED else 0
        recording = RecordingFacts("bucket", "prefix", length, "rec-1")
    return VideoEvent(
        event_id=f"{kind.value}-{session}-{seconds}",
        kind=kind,
        at=at(seconds),
        channel_id="arn",
        session_id=session,
        recording=recording,
    )


def after(broadcast: Broadcast, *signals: Signal) -> Broadcast:
    for signal in signals:
        broadcast = next_state(broadcast, signal)
    return broadcast


# As IVS told it of one broadcast whose encoder lost its line for twelve seconds.
RECORDED_SESSION = [
    event(K.SESSION_CREATED, 10),
    event(K.STREAM_STARTED, 12),
    event(K.RECORDING_STARTED, 13),
    event(K.STARVATION_STARTED, 60),
    event(K.STARVATION_ENDED, 66),
    event(K.STREAM_ENDED, 100),
    event(K.SESSION_ENDED, 101),
    event(K.SESSION_CREATED, 110, "st-2"),
    event(K.STREAM_STARTED, 112, "st-2"),
    event(K.LIMIT_BREACHED, 150, "st-2"),
    event(K.STREAM_ENDED, 300, "st-2"),
    event(K.SESSION_ENDED, 302, "st-2"),
    event(K.RECORDING_ENDED, 300 + GRACE + 5, "st-2"),
]


def test_encoder_that_goes_on_air_makes_the_stream_live() -> None:
    known = after(fresh(), event(K.SESSION_CREATED, 10))
    assert outcome(known).status is StreamState.OFFLINE
    known = after(known, event(K.STREAM_STARTED, 12))
    assert outcome(known).status is StreamState.LIVE
    assert outcome(known).start_time == at(12)


def test_reconnect_within_the_grace_time_is_the_same_broadcast() -> None:
    known = after(fresh(), *RECORDED_SESSION[:9])
    meaning = outcome(known)
    assert (meaning.status, meaning.start_time) == (StreamState.LIVE, at(12))
    assert meaning.interrupted_at is None
    assert known.session_ids == {"st-1", "st-2"}


@pytest.mark.parametrize("first", ["st-1", "st-9"])
def test_reconnect_within_the_same_second_is_on_air(first: str) -> None:
    broadcast = after(
        fresh(),
        event(VideoEventKind.STREAM_STARTED, 10, first),
        event(VideoEventKind.STREAM_ENDED, 10, first),
        event(VideoEventKind.STREAM_STARTED, 10, "st-5"),
    )

    assert outcome(broadcast).status is StreamState.LIVE
    assert outcome(broadcast).interrupted_at is None


def test_interruption_shows_until_the_encoder_is_back() -> None:
    known = after(fresh(), *RECORDED_SESSION[:7])
    meaning = outcome(known)
    assert (meaning.status, meaning.interrupted_at) == (StreamState.LIVE, at(100))


def test_grace_time_over_ends_the_broadcast_when_the_pictures_ended() -> None:
    known = after(fresh(), *RECORDED_SESSION[:7], TimePassed(at(100 + GRACE)))
    meaning = outcome(known)
    assert (meaning.status, meaning.end_time) == (StreamState.PROCESSING, at(100))
    assert known.closed_at is not None


def test_reader_sees_the_end_of_the_grace_time_without_a_tick() -> None:
    known = after(fresh(), *RECORDED_SESSION[:7])
    assert outcome(known, at(100 + GRACE - 1)).status is StreamState.LIVE
    assert outcome(known, at(100 + GRACE)).status is StreamState.PROCESSING


def test_stop_ends_at_once_and_recording_end_finishes() -> None:
    known = after(fresh(), *RECORDED_SESSION[:3], StopRequested(at(50)))
    meaning = outcome(known)
    assert (meaning.status, meaning.end_time) == (StreamState.PROCESSING, at(50))
    known = after(known, event(K.STREAM_ENDED, 51), event(K.RECORDING_ENDED, 90))
    meaning = outcome(known)
    assert (meaning.status, meaning.end_time) == (StreamState.ENDED, at(50))
    assert meaning.recording_state is RecordingState.READY


def test_stop_without_recording_ends_for_good() -> None:
    known = after(fresh(is_recorded=False), event(K.STREAM_STARTED, 12), StopRequested(at(50)))
    assert outcome(known).status is StreamState.ENDED


def test_stop_before_anybody_pushed_ends_without_a_start() -> None:
    meaning = outcome(after(fresh(), StopRequested(at(50))))
    assert (meaning.status, meaning.start_time, meaning.end_time) == (
        StreamState.ENDED,
        None,
        at(50),
    )


def test_push_after_the_stop_is_not_of_the_broadcast() -> None:
    known = after(fresh(), StopRequested(at(50)), event(K.STREAM_STARTED, 51))
    assert outcome(known).status is StreamState.ENDED
    assert outcome(known).start_time is None


def test_session_of_an_earlier_broadcast_never_touches_a_newer_one() -> None:
    newer = fresh(past=frozenset({"st-old"}))
    for kind in VideoEventKind:
        assert next_state(newer, event(kind, 5000, "st-old")) == newer
        assert next_state(newer, event(kind, -60, "st-unheard-of")) == newer


def test_session_belongs_by_its_id_or_by_coming_after_the_key() -> None:
    broadcast = with_push(fresh(past=frozenset({"st-old"})), "st-1", Push())
    assert belongs(broadcast, "st-1", at(-1000))
    assert belongs(broadcast, "st-new", at(1))
    assert not belongs(broadcast, "st-new", at(-3))
    assert not belongs(broadcast, "st-old", at(500))
    keyless = broadcast.model_copy(update={"sessions_after": None})
    assert not belongs(keyless, "st-new", at(500))


def test_never_pushed_stream_expires() -> None:
    limit = NEVER_PUSHED_LIMIT.total_seconds()
    assert outcome(after(fresh(), TimePassed(at(limit - 1)))).status is StreamState.OFFLINE
    assert outcome(after(fresh(), TimePassed(at(limit)))).status is StreamState.ENDED


def test_recording_that_never_ends_is_given_up() -> None:
    known = after(fresh(), *RECORDED_SESSION[:7], TimePassed(at(200)))
    assert outcome(known).status is StreamState.PROCESSING
    late = at(100 + GRACE) + PROCESSING_LIMIT
    meaning = outcome(after(known, TimePassed(late)))
    assert (meaning.status, meaning.recording_state) == (StreamState.ENDED, RecordingState.FAILED)


def test_recording_that_could_not_start_ends_without_one() -> None:
    known = after(
        fresh(),
        event(K.STREAM_STARTED, 12),
        event(K.RECORDING_START_FAILED, 13),
        StopRequested(at(50)),
    )
    meaning = outcome(known)
    assert (meaning.status, meaning.recording_state) == (StreamState.ENDED, RecordingState.FAILED)


def test_session_that_the_provider_lost_is_off_air_and_ends() -> None:
    known = after(fresh(), event(K.STREAM_STARTED, 12), SessionMissed("st-1", at(120)))
    assert outcome(known).interrupted_at == at(120)
    known = after(known, TimePassed(at(120 + GRACE)))
    assert outcome(known).end_time == at(120)


def test_true_end_told_late_corrects_the_time_at_which_it_was_missed() -> None:
    known = after(
        fresh(),
        event(K.STREAM_STARTED, 12),
        SessionMissed("st-1", at(120)),
        TimePassed(at(120 + GRACE)),
        event(K.STREAM_ENDED, 70),
    )
    assert outcome(known).end_time == at(70)


def test_closed_broadcast_never_comes_back_on_air() -> None:
    closed = after(fresh(), *RECORDED_SESSION[:7], TimePassed(at(140)))
    for kind in VideoEventKind:
        for seconds in (105, 120, 130, 141, 9000):
            told = after(closed, event(kind, seconds, "st-late"))
            assert outcome(told).status in (StreamState.PROCESSING, StreamState.ENDED)


def test_next_state_is_total_over_kinds_and_leaves_its_argument_alone() -> None:
    for kind in VideoEventKind:
        before = after(fresh(), *RECORDED_SESSION[:4])
        copy = before.model_copy(deep=True)
        next_state(before, event(kind, 70))
        assert before == copy
    nameless = replace(event(K.STREAM_STARTED, 12), session_id="")
    assert next_state(fresh(), nameless) == fresh()


@settings(max_examples=300, deadline=None)
@given(st.permutations(RECORDED_SESSION), st.data())
def test_any_order_with_repeats_comes_to_the_same(
    events: list[VideoEvent], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(RECORDED_SESSION), max_size=8))
    told = list(events)
    for repeat in again:
        told.insert(data.draw(st.integers(0, len(told))), repeat)
    assert after(fresh(), *told) == after(fresh(), *RECORDED_SESSION)
    meaning = outcome(after(fresh(), *told))
    assert meaning.status is StreamState.ENDED
    assert meaning.recording_state is RecordingState.READY
    assert (meaning.start_time, meaning.end_time) == (at(12), at(300))


@settings(max_examples=300, deadline=None)
@given(st.permutations(RECORDED_SESSION), st.sets(st.sampled_from(range(13))), st.data())
def test_whatever_is_lost_nothing_stays_on_air_and_times_stay_in_order(
    events: list[VideoEvent], lost: set[int], data: st.DataObject
) -> None:
    kept = [e for e in events if RECORDED_SESSION.index(e) not in lost]
    known = fresh()
    started: datetime | None = None
    for told in kept:
        if data.draw(st.booleans()):
            known = next_state(known, TimePassed(at(data.draw(st.integers(0, 400)))))
        was_closed = known.closed_at is not None
        known = next_state(known, told)
        meaning = outcome(known)
        if was_closed:
            assert meaning.status is not StreamState.LIVE
        if started is not None and told.kind is not K.STREAM_STARTED:
            # Only the true start, told late, replaces what was inferred by something later.
            assert meaning.start_time is not None
            assert meaning.start_time <= started
        started = meaning.start_time
        if meaning.end_time is not None and meaning.start_time is not None:
            assert meaning.end_time >= meaning.start_time
    # What the reconciler adds: sessions that are not on air there, and time.
    for session_id, push in known.pushes.items():
        if push.is_on_air:
            known = next_state(known, SessionMissed(session_id, at(420)))
    known = next_state(known, TimePassed(at(400) + timedelta(days=1)))
    assert outcome(known).status is StreamState.ENDED


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(VideoEventKind)),
            st.integers(0, 2000),
            st.sampled_from(["st-1", "st-2", "st-3"]),
        ),
        max_size=15,
    ),
    st.integers(0, 2**32),
)
def test_any_events_at_all_commute(told: list[tuple[VideoEventKind, int, str]], seed: int) -> None:
    events = [event(kind, 10 + seconds, session) for kind, seconds, session in told]
    shuffled = list(events)
    random.Random(seed).shuffle(shuffled)
    assert after(fresh(), *events) == after(fresh(), *shuffled)


def test_encoder_that_flaps_for_days_does_not_grow_without_bound() -> None:
    known = fresh()
    for place in range(MAX_PUSHES * 3):
        start = 10 + place * 10
        known = after(
            known,
            event(K.STREAM_STARTED, start, f"st-{place}"),
            event(K.STREAM_ENDED, start + 5, f"st-{place}"),
        )
    assert len(known.pushes) <= MAX_PUSHES
    end = 10 + (MAX_PUSHES * 3 - 1) * 10 + 5
    meaning = outcome(after(known, TimePassed(at(end + GRACE))))
    assert (meaning.start_time, meaning.end_time) == (at(10), at(end))
    assert after(known, event(K.STREAM_STARTED, 10, "st-0")).pushes == known.pushes


@pytest.mark.parametrize("is_recorded", [True, False])
def test_takeover_whose_end_was_lost_does_not_leave_the_first_push_open(
    *, is_recorded: bool
) -> None:
    known = after(
        fresh(is_recorded=is_recorded),
        event(K.STREAM_STARTED, 12, "st-1"),
        event(K.STREAM_STARTED, 40, "st-2"),
        event(K.STREAM_ENDED, 80, "st-2"),
        TimePassed(at(80 + GRACE)),
    )
    assert outcome(known).end_time == at(80)


def finished(place: int) -> Push:
    """A push that began after this many tens of seconds and went on for five."""
    began = to_milliseconds(at(10 * place))
    return Push(
        created_at=began,
        first_started_at=began,
        last_started_at=began,
        stream_ended_at=began + 5000,
        session_ended_at=began + 6000,
    )


def test_pushes_beyond_the_bound_are_kept_whole_but_for_the_two_oldest_that_are_over() -> None:
    on_air = Push(created_at=0, first_started_at=1, last_started_at=1)
    told = {f"st-{place}": finished(place) for place in range(1, MAX_PUSHES)}
    # Neither the order of telling nor that of the ids is that of time.
    order = random.Random(7).sample(sorted(told), len(told))
    known = with_push(fresh(), "st-on-air", on_air)
    for session_id in order:
        known = with_push(known, session_id, told[session_id])
    assert known.pushes == {"st-on-air": on_air, **told}, "at the bound all are kept"

    newest = f"st-{MAX_PUSHES}"
    known = with_push(known, newest, finished(MAX_PUSHES))

    first, second = told.pop("st-1"), told.pop("st-2")
    assert known.pushes.pop("st-1") == Push(
        created_at=first.created_at,
        first_started_at=first.first_started_at,
        last_started_at=second.last_started_at,
        stream_ended_at=second.stream_ended_at,
        session_ended_at=first.session_ended_at,
    )
    assert known.pushes == {"st-on-air": on_air, **told, newest: finished(MAX_PUSHES)}
