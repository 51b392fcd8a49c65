from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from ayinel_live.channels.start_bans import StartBans
from ayinel_live.channels.store import ChannelItem
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    UpstreamError,
)
from ayinel_live.streams.deletion import EraseStream, EraseUser, StreamDeletion, erasure_work_from
from ayinel_live.streams.invitation_store import InvitationItem, InvitationStore
from ayinel_live.streams.model import PROCESSING_LIMIT, RECONNECT_GRACE
from ayinel_live.streams.reports import Complaint, ReportItem, ReportReason, Reports
from ayinel_live.video.model import RecordingFacts, VideoEventKind, VideoSession
from functions.erasure_worker.erasing import Eraser, NotDoneYetError, Slices
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.video import video_event


class FakeSlice:
    """A slice that remembers what it was asked to erase, and can be out of reach."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.fault: Exception | None = None

    def _note(self, what: str, whom: str) -> int:
        if self.fault is not None:
            raise self.fault
        self.asked.append((what, whom))
        return 1

    def erase_stream(self, stream_id: str) -> int:
        return self._note("stream", stream_id)

    def erase_user(self, user_id: str) -> int:
        return self._note("user", user_id)

    def erase_channel(self, owner_id: str) -> int:
        return self._note("channel", owner_id)

    def erase_viewer(self, viewer_id: str, at: datetime) -> int:
        return self._note("viewer", viewer_id)


class FakeBucket:
    """A bucket in memory that lists two keys at a time."""

    def __init__(self, *keys: str) -> None:
        self.keys = set(keys)

    def list_objects_v2(self, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803  AWS's name
        found = sorted(key for key in self.keys if key.startswith(Prefix))[:2]
        return {"Contents": [{"Key": key} for key in found]} if found else {}

    def delete_objects(self, Delete: dict[str, Any], **_: Any) -> None:  # noqa: N803  AWS's name
        self.keys -= {entry["Key"] for entry in Delete["Objects"]}


class Bench:
    def __init__(self) -> None:
        self.house = House()
        self.chat, self.audience, self.history = FakeSlice(), FakeSlice(), FakeSlice()
        self.bucket = FakeBucket("rec/1", "rec/2", "rec/3", "recorded-elsewhere/1")
        house = self.house
        self.deletion = StreamDeletion(
            house.streams, house.channels, house.ending, house.erasures, house.clock
        )
        self.eraser = Eraser(
            house.provider,
            house.streams,
            house.channels,
            house.ending,
            self.deletion,
            Slices(self.chat, self.audience, self.history),
            lambda: self.bucket,
            house.clock,
        )

    def on_air(self, user_id: str = "ana") -> tuple[str, VideoSession]:
        """Return a stream that is on air and recorded."""
        started = self.house.start(user_id)
        session = self.house.go_live(started)
        self.tell(VideoEventKind.RECORDING_STARTED, session)
        return started.stream.stream_id, session

    def tell(self, kind: VideoEventKind, session: VideoSession) -> None:
        """Hear of the recording."""
        facts = RecordingFacts("bucket", "rec", 0, "r")
        self.house.observer.learn(replace(video_event(kind, session), recording=facts))

    def recorded(self, user_id: str = "ana") -> str:
        """Return a stream with a recording, deleted."""
        stream_id, session = self.on_air(user_id)
        self.tell(VideoEventKind.RECORDING_ENDED, session)
        self.deletion.delete_stream(self.house.streams.get(stream_id), deleted_by=user_id)
        return stream_id

    def erase_user(self) -> None:
        self.eraser.erase_user("ana", utc_now(), lambda: None)


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    with moto_tables(*STREAM_ITEMS, ReportItem):
        yield


@pytest.fixture
def bench(tables: None) -> Bench:
    empty_tables()
    return Bench()


def test_deleted_stream_goes_with_all_that_belongs_to_it(bench: Bench) -> None:
    stream_id = bench.recorded()
    InvitationStore().put(stream_id, "guest", utc_now(), limit=9)
    bench.eraser.erase_stream(stream_id, lambda: None)
    with pytest.raises(NotFoundError):
        bench.house.streams.record(stream_id)
    assert bench.bucket.keys == {"recorded-elsewhere/1"}
    assert InvitationItem.count() == 0, "neither invitations nor how many there were are left"
    for part in (bench.chat, bench.audience, bench.history):
        assert part.asked == [("stream", stream_id)]


def test_start_repeated_after_its_stream_was_erased_makes_none_and_says_so(bench: Bench) -> None:
    stream = bench.house.start(key="k1").stream
    bench.deletion.delete_stream(stream, deleted_by="ana")
    for _ in range(2):
        with pytest.raises(ConflictError) as caught:
            bench.house.start(key="k1")
        assert caught.value.code == "stream-ended"
        bench.eraser.erase_stream(stream.stream_id, lambda: None)
    assert bench.house.working_keys() == []
    with pytest.raises(NotFoundError):
        bench.house.streams.record(stream.stream_id)
    assert bench.house.start(key="k2").stream.stream_id != stream.stream_id


def test_stream_that_is_not_deleted_is_left_alone(bench: Bench) -> None:
    stream_id = bench.house.start().stream.stream_id
    bench.eraser.erase_stream(stream_id, lambda: None)
    assert bench.house.streams.get(stream_id)
    assert bench.chat.asked == []


def test_recording_that_is_being_finished_is_waited_for_and_then_goes(bench: Bench) -> None:
    stream_id, session = bench.on_air()
    bench.deletion.delete_stream(bench.house.streams.get(stream_id), deleted_by="ana")
    with pytest.raises(BusyError):
        bench.eraser.erase_stream(stream_id, lambda: None)
    assert bench.chat.asked == [("stream", stream_id)], "the rest does not wait"
    bench.bucket.keys.add("rec/the-last-piece")
    bench.tell(VideoEventKind.RECORDING_ENDED, session)
    bench.eraser.erase_stream(stream_id, lambda: None)
    assert bench.bucket.keys == {"recorded-elsewhere/1"}


def test_recording_that_never_ends_is_waited_for_no_longer_than_elsewhere(bench: Bench) -> None:
    stream_id, _ = bench.on_air()
    bench.deletion.delete_stream(bench.house.streams.get(stream_id), deleted_by="ana")
    bench.house.clock.advance((RECONNECT_GRACE + PROCESSING_LIMIT).total_seconds() + 1)
    bench.eraser.erase_stream(stream_id, lambda: None)
    assert bench.bucket.keys == {"recorded-elsewhere/1"}


@pytest.mark.parametrize("checks", range(4))
def test_erasure_that_ran_out_of_time_is_finished_by_the_next_run(
    bench: Bench, checks: int
) -> None:
    stream_id = bench.recorded()
    left = [checks]

    def check_time() -> None:
        if left[0] == 0:
            raise NotDoneYetError
        left[0] -= 1

    with pytest.raises(NotDoneYetError):
        bench.eraser.erase_stream(stream_id, check_time)
    bench.eraser.erase_stream(stream_id, lambda: None)
    assert bench.bucket.keys == {"recorded-elsewhere/1"}
    with pytest.raises(NotFoundError):
        bench.house.streams.record(stream_id)


@pytest.mark.parametrize("part", ["chat", "audience", "history"])
def test_slice_that_was_out_of_reach_is_erased_later(bench: Bench, part: str) -> None:
    stream_id = bench.recorded()
    getattr(bench, part).fault = UpstreamError("down")
    with pytest.raises(UpstreamError):
        bench.eraser.erase_stream(stream_id, lambda: None)
    getattr(bench, part).fault = None
    bench.eraser.erase_stream(stream_id, lambda: None)
    assert ("stream", stream_id) in getattr(bench, part).asked


def test_user_goes_with_streams_channels_and_everything_said(bench: Bench) -> None:
    stream_id = bench.recorded()
    bens = bench.house.start("ben").stream
    InvitationStore().put(bens.stream_id, "ana", utc_now(), limit=9)
    Reports().make(Complaint("ana", bens.stream_id, "ben", None, ReportReason.SPAM, "I say so"))
    bench.erase_user()
    assert bench.chat.asked == [("stream", stream_id), ("user", "ana"), ("channel", "ana")]
    assert bench.audience.asked == [("stream", stream_id), ("viewer", "ana")]
    assert bench.history.asked == [("stream", stream_id), ("user", "ana")]
    assert list(InvitationStore().of_user("ana")) == []
    assert ReportItem.count() == 0
    assert len(bench.house.provider.channels) == 1
    assert bench.house.streams.get(bens.stream_id)
    assert bench.house.channels.get("ana").video == {}


def test_creator_who_is_barred_stays_barred_and_is_named_nowhere(bench: Bench) -> None:
    bench.recorded()
    StartBans().put("ana", utc_now())
    bench.erase_user()
    (left,) = [item.user_id for item in ChannelItem.scan()]
    assert "ana" not in left
    with pytest.raises(ForbiddenError) as caught:
        bench.house.start("ana")
    assert caught.value.code == "start-banned"


def test_user_who_is_on_air_is_taken_off_first(bench: Bench) -> None:
    started = bench.house.start()
    session = bench.house.go_live(started)
    with pytest.raises(BusyError):
        bench.erase_user()
    assert bench.house.provider.push(started.key.value) is None
    assert bench.house.provider.live_sessions() == ()
    bench.tell(VideoEventKind.RECORDING_ENDED, session)
    bench.erase_user()
    assert bench.house.provider.channels == {}


def test_erasing_a_user_twice_does_no_harm(bench: Bench) -> None:
    bench.recorded()
    bench.erase_user()
    assert bench.house.provider.channels == {}
    bench.erase_user()
    assert bench.house.provider.channels == {}


def test_erasure_that_was_never_asked_for_is_asked_for_by_the_reconciler(bench: Bench) -> None:
    started = bench.house.start()
    bench.house.stop(started.stream)
    bench.deletion.mark(started.stream.stream_id)
    for _ in range(10):
        bench.house.tick()
    assert bench.house.erasures.sent == [EraseStream(stream_id=started.stream.stream_id)]


def test_messages_of_the_queue_are_read_or_refused() -> None:
    work = EraseUser(user_id="ana", receipt_id="r", requested_at=utc_now())
    assert isinstance(erasure_work_from(work.model_dump_json(by_alias=True)), EraseUser)
    for body in ("", "{}", '{"work": "erase-all"}', '{"work": "erase-stream", "streamId": "x"}'):
        with pytest.raises(ValueError, match="validation"):
            erasure_work_from(body)
