"""From what is known of a broadcast to its state: pure, total, and the same in every order.

`next_state` takes any event of the provider, a stop or a tick of time and returns the facts with it
learned; `outcome` says what the facts mean. IVS tells best effort: late, doubled, out of order, or
not at all (EventBridge with Amazon IVS, "delivered on a best-effort basis").
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime

from ayinel_live.runtime.clock import from_milliseconds, to_milliseconds
from ayinel_live.streams.broadcast import (
    Broadcast,
    Push,
    Recording,
    earliest,
    with_push,
    with_recording,
)
from ayinel_live.streams.model import (
    NEVER_PUSHED_LIMIT,
    PROCESSING_LIMIT,
    RECONNECT_GRACE,
    RecordingState,
    StreamState,
)
from ayinel_live.video.model import VideoEvent, VideoEventKind

GRACE_MS = int(RECONNECT_GRACE.total_seconds() * 1000)
NEVER_PUSHED_MS = int(NEVER_PUSHED_LIMIT.total_seconds() * 1000)
PROCESSING_MS = int(PROCESSING_LIMIT.total_seconds() * 1000)
# Event times are whole seconds, and the provider's clock is not ours.
CLOCK_SKEW_MS = 3000
# The end of a push that goes on: later than all others.
_OPEN = sys.maxsize


@dataclass(frozen=True, slots=True)
class StopRequested:
    """The owner or an operator ends the broadcast."""

    at: datetime


@dataclass(frozen=True, slots=True)
class TimePassed:
    """It is now at least this late: limits and the grace time are looked at."""

    at: datetime


@dataclass(frozen=True, slots=True)
class SessionMissed:
    """Two looks at the provider did not find the session that should be on air."""

    session_id: str
    at: datetime


Signal = VideoEvent | StopRequested | TimePassed | SessionMissed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the facts of a broadcast mean.

    Attributes:
        status: Where it stands.
        start_time: When pictures first came.
        end_time: When it ended; None while it has not.
        interrupted_at: On air, but no pictures since then: the encoder may come back.
        recording_state: Where its recording stands.
    """

    status: StreamState
    start_time: datetime | None
    end_time: datetime | None
    interrupted_at: datetime | None
    recording_state: RecordingState


def belongs(broadcast: Broadcast, session_id: str, at: datetime) -> bool:
    """Whether a session may be this broadcast's, by its id and one of its events.

    A known session is; an unknown one only if the event is later than the key that this broadcast
    gave out, and the session is none that the channel had before.

    Args:
        broadcast: The broadcast.
        session_id: The session.
        at: When the event happened.
    """
    if session_id in broadcast.session_ids:
        return True
    if session_id in broadcast.past_session_ids or broadcast.sessions_after is None:
        return False
    return to_milliseconds(at) >= broadcast.sessions_after - CLOCK_SKEW_MS


def next_state(broadcast: Broadcast, signal: Signal) -> Broadcast:
    """Return the broadcast with one more thing known.

    Args:
        broadcast: What was known.
        signal: An event of a session that `belongs` (others change nothing), or one of our own.
    """
    if isinstance(signal, VideoEvent):
        return _learn(broadcast, signal)
    at = to_milliseconds(signal.at)
    seen = broadcast.model_copy(update={"seen_until": max(broadcast.seen_until, at)})
    if isinstance(signal, StopRequested):
        return seen.model_copy(
            update={
                "stop_requested_at": earliest(seen.stop_requested_at, at),
                "closed_at": earliest(seen.closed_at, at),
            }
        )
    if isinstance(signal, SessionMissed):
        if not belongs(broadcast, signal.session_id, signal.at):
            return broadcast
        return with_push(seen, signal.session_id, Push(gone_at=at))
    if _is_over(seen) and seen.closed_at is None:
        return seen.model_copy(update={"closed_at": at})
    return seen


def _learn(broadcast: Broadcast, event: VideoEvent) -> Broadcast:
    if not event.session_id or not belongs(broadcast, event.session_id, event.at):
        return broadcast
    at = to_milliseconds(event.at)
    learned = with_push(broadcast, event.session_id, _push_told(event.kind, at))
    if event.recording is not None:
        told = _recording_told(event, at)
        learned = with_recording(learned, event.recording.recording_id, told)
    return learned.model_copy(update={"seen_until": max(learned.seen_until, at)})


def _push_told(kind: VideoEventKind, at: int) -> Push:
    match kind:
        case VideoEventKind.SESSION_CREATED:
            return Push(created_at=at)
        case VideoEventKind.STREAM_STARTED:
            return Push(first_started_at=at, last_started_at=at)
        case VideoEventKind.STREAM_ENDED:
            return Push(stream_ended_at=at)
        case VideoEventKind.SESSION_ENDED:
            return Push(session_ended_at=at)
        case _:
            return Push()


def _recording_told(event: VideoEvent, at: int) -> Recording:
    assert event.recording is not None
    facts = event.recording
    where = {"bucket": facts.bucket, "prefix": facts.prefix, "duration_ms": facts.duration_ms}
    match event.kind:
        case VideoEventKind.RECORDING_STARTED:
            return Recording.model_validate({**where, "started_at": at})
        case VideoEventKind.RECORDING_ENDED:
            return Recording.model_validate({**where, "ended_at": at})
        case VideoEventKind.RECORDING_START_FAILED | VideoEventKind.RECORDING_END_FAILED:
            return Recording.model_validate({**where, "failed_at": at})
        case _:
            return Recording.model_validate(where)


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int | None


def _span(broadcast: Broadcast) -> _Span | None:
    """Return the broadcast's time on air: pushes within the grace time of each other are one.

    A channel takes one encoder at a time, so that a push whose end was never told ended when the
    next began; of two that began within the same second, which is all that events tell, the open
    one is the later. Pushes that come after the grace time, or after a stop, are not of the
    broadcast.
    """
    pushes = sorted(
        (push.began_at, _OPEN if push.ended_at is None else push.ended_at)
        for push in broadcast.pushes.values()
        if push.began_at is not None and not _is_after_stop(broadcast, push.began_at)
    )
    if not pushes:
        return None
    start, end = pushes[0]
    for begin, finish in pushes[1:]:
        if begin > end + GRACE_MS:
            break
        end = max(begin, finish)
    return _Span(start, None if end == _OPEN else end)


def _is_after_stop(broadcast: Broadcast, instant: int) -> bool:
    return broadcast.stop_requested_at is not None and instant > broadcast.stop_requested_at


def _is_over(broadcast: Broadcast) -> bool:
    if broadcast.stop_requested_at is not None or broadcast.closed_at is not None:
        return True
    span = _span(broadcast)
    if span is None:
        return broadcast.seen_until >= broadcast.created_at + NEVER_PUSHED_MS
    return span.end is not None and broadcast.seen_until >= span.end + GRACE_MS


def outcome(broadcast: Broadcast, now: datetime | None = None) -> Outcome:
    """Say what the facts mean.

    Args:
        broadcast: The facts.
        now: The current time, where a reader must not wait for the next event or tick.
    """
    if now is not None:
        seen_until = max(broadcast.seen_until, to_milliseconds(now))
        broadcast = broadcast.model_copy(update={"seen_until": seen_until})
    span = _span(broadcast)
    if span is None:
        return _outcome_off_air(broadcast)
    start = from_milliseconds(span.start)
    if not _is_over(broadcast):
        recording = RecordingState.RECORDING if broadcast.is_recorded else RecordingState.NONE
        interrupted = None if span.end is None else from_milliseconds(span.end)
        return Outcome(StreamState.LIVE, start, None, interrupted, recording)
    end = earliest(span.end, broadcast.stop_requested_at)
    end_ms = max(span.start, end if end is not None else (broadcast.closed_at or span.start))
    recording = _recording_state(broadcast, end_ms)
    is_finishing = recording is RecordingState.RECORDING
    status = StreamState.PROCESSING if is_finishing else StreamState.ENDED
    return Outcome(status, start, from_milliseconds(end_ms), None, recording)


def _outcome_off_air(broadcast: Broadcast) -> Outcome:
    if not _is_over(broadcast):
        return Outcome(StreamState.OFFLINE, None, None, None, RecordingState.NONE)
    end = earliest(broadcast.stop_requested_at, broadcast.closed_at)
    end_ms = end if end is not None else broadcast.created_at + NEVER_PUSHED_MS
    return Outcome(StreamState.ENDED, None, from_milliseconds(end_ms), None, RecordingState.NONE)


def _recording_state(broadcast: Broadcast, end_ms: int) -> RecordingState:
    recordings = list(broadcast.recordings.values())
    if not recordings and not broadcast.is_recorded:
        return RecordingState.NONE
    is_given_up = broadcast.seen_until >= end_ms + GRACE_MS + PROCESSING_MS
    is_awaited = not recordings or not all(recording.is_finished for recording in recordings)
    if is_awaited and not is_given_up:
        return RecordingState.RECORDING
    is_playable = any(recording.ended_at is not None for recording in recordings)
    return RecordingState.READY if is_playable else RecordingState.FAILED
