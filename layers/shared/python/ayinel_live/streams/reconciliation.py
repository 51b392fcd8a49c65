"""Once a minute: what the provider shows against what the table says, and what time has ended.

A difference is first written down as a doubt and mended only when a later pass finds the same, so
that an event under way is never overtaken. What depends on time alone needs no second look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from ayinel_live.runtime.clock import Clock, from_milliseconds, to_milliseconds, utc_now
from ayinel_live.runtime.errors import LiveError, NotFoundError
from ayinel_live.runtime.outages import outage_from
from ayinel_live.streams.deletion import EraseStream, ErasureQueue
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.streams.records import StreamRecord, UnreadableStreamError
from ayinel_live.streams.state import (
    SessionMissed,
    Signal,
    TimePassed,
    belongs,
    next_state,
    outcome,
)
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import VideoWorkQueue
from ayinel_live.video.model import (
    VideoEvent,
    VideoEventKind,
    VideoProvider,
    VideoSession,
)

# A start makes a stream ready within one request; one that is older died on the way.
UNREADY_LIMIT = timedelta(minutes=2)
# An erasure of a stream with much chat takes some runs; only then is it asked for again.
ERASURE_PATIENCE_MINUTES = 10
# Two passes that run together, or one that runs twice, are one look.
SECOND_LOOK_AFTER = timedelta(seconds=30)


@dataclass(slots=True)
class Report:
    """What one pass did: stream ids by what was done about them.

    Attributes:
        doubted: Found to differ, for the first time.
        mended: Brought in line.
        closed: Ended by time.
        wound_down: Their keys revoked and their encoders thrown off.
        failed: To be tried again by the next pass.
        unreadable: Passed over, since their items in the table cannot be read.
    """

    doubted: list[str] = field(default_factory=list)
    mended: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    wound_down: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)


Look = Callable[[Report, StreamRecord], None]


class Reconciler:
    """Compares and mends.

    Args:
        provider: Who carries the video.
        streams: Where streams are kept.
        observer: Finds whose a push is.
        ending: Ends what is over.
        video_work: Takes background calls to the provider.
        erasures: Takes erasures that were never asked for, or got lost.
        clock: Tells the time.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        observer: StreamObserver,
        ending: StreamEnding,
        video_work: VideoWorkQueue,
        erasures: ErasureQueue,
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._observer = observer
        self._ending = ending
        self._video_work = video_work
        self._erasures = erasures
        self._clock = clock

    def run(self) -> Report:
        """Make one pass.

        One stream's fault does not keep the others waiting; it is in the report.

        Raises:
            UpstreamError: The provider's list could not be had; time has been looked at anyway.
        """
        report = Report()
        open_records: list[StreamRecord] = []
        for record in self._streams.unfinished(report.unreadable.append):
            if record.is_deleted:
                self._guard(report, record, self._look_at_erasure)
            else:
                open_records.append(record)
        for record in open_records:
            self._guard(report, record, self._look_at_time)
        live = self._provider.live_sessions()
        by_channel = {session.channel_id: session for session in live}
        for record in open_records:
            session = by_channel.get(record.channel_id)
            self._guard(report, record, partial(self._look_at_push, session=session))
        on_offer = {r.channel_id for r in open_records if r.broadcast.closed_at is None}
        for session in live:
            if session.channel_id not in on_offer:
                self._look_at_stray(report, session)
        return report

    def _guard(self, report: Report, record: StreamRecord, look: Look) -> None:
        try:
            look(report, record)
        except UnreadableStreamError as error:
            report.unreadable.append(error.stream_id)
        except Exception as error:
            if not isinstance(error, LiveError) and outage_from(error) is None:
                raise
            report.failed.append(record.stream.stream_id)

    def _look_at_time(self, report: Report, record: StreamRecord) -> None:
        now = self._clock()
        stream_id = record.stream.stream_id
        is_stillborn = not record.is_ready and now - record.stream.created_at > UNREADY_LIMIT
        if is_stillborn and record.broadcast.closed_at is None:
            record = self._ending.close(record)
            if record.broadcast.closed_at is not None:
                report.closed.append(stream_id)
        elif _is_changed(record, TimePassed(now)):
            before, record = self._apply(record, TimePassed(now))
            if before.broadcast.closed_at is None and record.broadcast.closed_at is not None:
                report.closed.append(stream_id)
        if record.broadcast.closed_at is not None and not record.is_key_revoked:
            self._ending.wind_down(record)
            report.wound_down.append(stream_id)

    def _look_at_erasure(self, _: Report, record: StreamRecord) -> None:
        """Ask again for an erasure that is not done; once in a while, by the clock's minutes."""
        now = self._clock()
        minutes = int((now - record.stream.updated_at).total_seconds() // 60)
        if minutes and minutes % ERASURE_PATIENCE_MINUTES == 0:
            self._erasures.send(EraseStream(stream_id=record.stream.stream_id))

    def _look_at_push(
        self, report: Report, record: StreamRecord, session: VideoSession | None
    ) -> None:
        try:
            record = self._streams.record(record.stream.stream_id)
        except NotFoundError:
            return  # Erased since this pass began.
        signal = self._difference(record, session)
        if signal is None:
            if record.doubt is not None:
                self._doubt(record, None)
            if session is not None:
                self._ask_what_is_unknown(record, session)
            return
        if self._is_confirmed(record, signal):
            self._apply(record, signal)
            report.mended.append(record.stream.stream_id)
        elif _doubt_name(record.doubt) != _name(signal):
            self._doubt(record, f"{_name(signal)}@{to_milliseconds(self._clock())}")
            report.doubted.append(record.stream.stream_id)

    def _ask_what_is_unknown(self, record: StreamRecord, session: VideoSession) -> None:
        stream_id, now = record.stream.stream_id, self._clock()
        is_known = session.session_id in record.broadcast.session_ids
        if is_known and record.health.ingest is None:
            self._video_work.ask_for_ingest(stream_id, record.channel_id, session.session_id, now)
        if record.latest_picture is None:
            for recording in record.broadcast.recordings.values():
                self._video_work.ask_for_pictures(
                    stream_id, recording.bucket, recording.prefix, now
                )

    def _difference(self, record: StreamRecord, session: VideoSession | None) -> Signal | None:
        on_air = [sid for sid, push in record.broadcast.pushes.items() if push.is_on_air]
        live_id = session.session_id if session is not None else ""
        missed = sorted(sid for sid in on_air if sid != live_id)
        if missed and record.broadcast.closed_at is None:
            return SessionMissed(missed[0], self._clock())
        if session is None or live_id in on_air:
            return None
        found = _beginning_of(session)
        if record.broadcast.closed_at is not None:
            return None
        return found if belongs(record.broadcast, live_id, session.started_at) else None

    def _look_at_stray(self, report: Report, session: VideoSession) -> None:
        """Stop a push onto a creator's channel on which no broadcast is open."""
        try:
            record = self._observer.newest_of(session.channel_id)
        except UnreadableStreamError as error:
            if error.stream_id not in report.unreadable:
                report.unreadable.append(error.stream_id)
            return
        if record is None or not record.is_key_revoked:
            return
        name = f"stray:{session.session_id}"
        if _doubt_name(record.doubt) != name:
            self._doubt(record, f"{name}@{to_milliseconds(self._clock())}")
            report.doubted.append(record.stream.stream_id)
        elif self._is_old(record.doubt):
            try:
                self._ending.wind_down(record)
            except LiveError:
                report.failed.append(record.stream.stream_id)
            else:
                report.wound_down.append(record.stream.stream_id)

    def _is_confirmed(self, record: StreamRecord, signal: Signal) -> bool:
        return _doubt_name(record.doubt) == _name(signal) and self._is_old(record.doubt)

    def _is_old(self, doubt: str | None) -> bool:
        since = from_milliseconds(int((doubt or "@0").rpartition("@")[2]))
        return self._clock() - since >= SECOND_LOOK_AFTER

    def _doubt(self, record: StreamRecord, doubt: str | None) -> None:
        self._streams.change(record.stream.stream_id, lambda fresh: replace(fresh, doubt=doubt))

    def _apply(self, record: StreamRecord, signal: Signal) -> tuple[StreamRecord, StreamRecord]:
        def learn(fresh: StreamRecord) -> StreamRecord:
            return replace(fresh.with_broadcast(next_state(fresh.broadcast, signal)), doubt=None)

        return self._streams.change(record.stream.stream_id, learn)


def _is_changed(record: StreamRecord, signal: TimePassed) -> bool:
    after = next_state(record.broadcast, signal)
    is_closed = after.closed_at != record.broadcast.closed_at
    return is_closed or outcome(after) != outcome(record.broadcast)


def _beginning_of(session: VideoSession) -> VideoEvent:
    return VideoEvent(
        event_id=f"reconciler-{session.session_id}",
        kind=VideoEventKind.STREAM_STARTED,
        at=session.started_at,
        channel_id=session.channel_id,
        session_id=session.session_id,
    )


def _name(signal: Signal) -> str:
    match signal:
        case SessionMissed(session_id=session_id):
            return f"missed:{session_id}"
        case VideoEvent(session_id=session_id):
            return f"found:{session_id}"
    return ""


def _doubt_name(doubt: str | None) -> str:
    return (doubt or "").rpartition("@")[0]
