from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from ayinel_live.streams.domain_events import EVENT_MODELS
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.model import PROCESSING_LIMIT, RECONNECT_GRACE, Visibility
from ayinel_live.streams.playback import everybody_tag
from ayinel_live.streams.recordings import Recordings
from ayinel_live.streams.records import StreamRecord, item_from
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.streams.video_work import RevokeViewer
from ayinel_live.video.model import RecordingFacts, VideoEventKind
from functions.event_schemas import render_all
from functions.stream_events.publisher import StreamEventPublisher
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.video import video_event

DOCS = Path(__file__).parents[3] / "docs" / "events"


# Milliseconds of the parts of one recording.
PARTS = {"first": 40_000, "second": 90_000, "third": 8_000}


class FakeBus:
    """A bus and a queue that remember; `refuse` names detail types that are refused."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []
        self.messages: list[dict[str, Any]] = []
        self.refuse: set[str] = set()

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  AWS's
        assert len(Entries) <= 10
        results = []
        for entry in Entries:
            if entry["DetailType"] in self.refuse:
                results.append({"ErrorCode": "ThrottlingException"})
            else:
                self.entries.append(entry)
                results.append({"EventId": "x"})
        return {"Entries": results}

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803  AWS's names
        self.messages.append(json.loads(MessageBody))

    def names(self) -> list[str]:
        return [entry["DetailType"] for entry in self.entries]


class Bench:
    """A house whose every stored state is told."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.bus = FakeBus()
        revocation = PlaybackRevocation(house.streams, house.channels, house.work)
        self.publish = StreamEventPublisher(
            lambda: self.bus, "bus", lambda: self.bus, "queue", revocation, Logger(service="t")
        )
        self.states: list[StreamRecord] = []
        self.numbers = 0

    def note(self, stream_id: str) -> None:
        """Remember the stream as it is now."""
        self.states.append(self.house.streams.record(stream_id))

    def record(self, before: StreamRecord | None, after: StreamRecord | None) -> dict[str, Any]:
        """Return a record of the table's stream."""
        self.numbers += 1
        change: dict[str, Any] = {"SequenceNumber": str(self.numbers)}
        if before is not None:
            change["OldImage"] = item_from(before).serialize()
        if after is not None:
            change["NewImage"] = item_from(after).serialize()
        return {"eventName": "MODIFY", "dynamodb": change}

    def tell(self, *records: dict[str, Any]) -> list[dict[str, str]]:
        """Hand a batch over; returns what is asked for again."""
        return self.publish({"Records": list(records)}, None)["batchItemFailures"]

    def tell_states(self) -> list[dict[str, str]]:
        """Tell the remembered states as one batch."""
        befores: list[StreamRecord | None] = [None, *self.states]
        return self.tell(*(self.record(b, a) for b, a in zip(befores, self.states, strict=False)))


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    with moto_tables(*STREAM_ITEMS):
        yield


@pytest.fixture
def bench(tables: None) -> Bench:
    empty_tables()
    return Bench(House(can_record=False))


def live_and_over(bench: Bench) -> str:
    started = bench.house.start()
    stream_id = started.stream.stream_id
    bench.note(stream_id)
    bench.house.go_live(started)
    bench.note(stream_id)
    bench.house.clock.advance(90)
    bench.house.stop(started.stream)
    bench.note(stream_id)
    return stream_id


def test_life_of_a_stream_is_told_and_its_end_goes_to_the_history(bench: Bench) -> None:
    stream_id = live_and_over(bench)
    assert bench.tell_states() == []
    assert bench.bus.names() == ["StreamCreated", "StreamStarted", "StreamEnded"]
    ended = json.loads(bench.bus.entries[-1]["Detail"])
    assert (ended["duration"], ended["isStoppedByOwner"]) == (90, True)
    assert [message["streamId"] for message in bench.bus.messages] == [stream_id]


def test_told_again_the_events_have_the_same_ids(bench: Bench) -> None:
    live_and_over(bench)
    bench.tell_states()
    bench.tell_states()
    ids = [json.loads(entry["Detail"])["eventId"] for entry in bench.bus.entries]
    assert len(ids) == 6
    assert len(set(ids)) == 3


def test_end_by_an_operator_is_told_as_such(bench: Bench) -> None:
    started = bench.house.start()
    bench.note(started.stream.stream_id)
    bench.house.ending.stop(started.stream, stopped_by="op")
    bench.note(started.stream.stream_id)
    bench.tell_states()
    ended = json.loads(bench.bus.entries[-1]["Detail"])
    assert (ended["isStoppedByOwner"], ended["isStoppedByOperator"]) == (False, True)
    assert bench.bus.messages == []


def test_reconnect_is_neither_an_end_nor_a_start(bench: Bench) -> None:
    started = bench.house.start()
    stream_id = started.stream.stream_id
    bench.note(stream_id)
    session = bench.house.go_live(started)
    bench.note(stream_id)
    bench.house.provider.drop(session.channel_id)
    told = video_event(VideoEventKind.STREAM_ENDED, session, bench.house.clock())
    bench.house.observer.learn(told)
    bench.note(stream_id)
    bench.house.go_live(started)
    bench.note(stream_id)
    bench.tell_states()
    assert bench.bus.names() == ["StreamCreated", "StreamStarted"]


def test_better_known_end_goes_to_the_history_again_but_is_told_once(bench: Bench) -> None:
    started = bench.house.start()
    stream_id = started.stream.stream_id
    session = bench.house.go_live(started)
    bench.note(stream_id)
    bench.house.provider.drop(session.channel_id)
    told = video_event(VideoEventKind.SESSION_ENDED, session, after_seconds=60)
    bench.house.observer.learn(told)
    bench.house.tick(RECONNECT_GRACE.total_seconds() + 70)
    bench.note(stream_id)
    late = video_event(VideoEventKind.STREAM_ENDED, session, after_seconds=55)
    bench.house.observer.learn(late)
    bench.note(stream_id)
    bench.tell_states()
    assert bench.bus.names().count("StreamEnded") == 1
    assert len({message["endedAt"] for message in bench.bus.messages}) == 2


def test_recording_that_was_split_is_told_with_the_length_that_is_played(tables: None) -> None:
    empty_tables()
    bench = Bench(House())
    started = bench.house.start()
    session = bench.house.go_live(started)
    kinds = (VideoEventKind.RECORDING_STARTED, VideoEventKind.RECORDING_ENDED)
    for kind, part, milliseconds in [(k, p, d) for p, d in PARTS.items() for k in kinds]:
        length = milliseconds if kind is VideoEventKind.RECORDING_ENDED else 0
        facts = RecordingFacts("bucket", part, length, part)
        bench.house.observer.learn(replace(video_event(kind, session), recording=facts))
    bench.note(started.stream.stream_id)
    bench.house.stop(started.stream)
    bench.house.tick((RECONNECT_GRACE + PROCESSING_LIMIT).total_seconds() + 1)
    bench.note(started.stream.stream_id)
    bench.tell(bench.record(*bench.states))
    (told,) = [e["Detail"] for e in bench.bus.entries if e["DetailType"] == "RecordingReady"]
    stream = bench.house.streams.get(started.stream.stream_id)
    shown = Recordings(bench.house.streams, "https://recordings.example").view(stream)
    assert json.loads(told)["duration"] == shown.duration_seconds == 90


def test_refused_event_is_asked_for_again_from_there_on(bench: Bench) -> None:
    live_and_over(bench)
    bench.bus.refuse = {"StreamStarted"}
    assert bench.tell_states() == [{"itemIdentifier": "2"}]
    assert bench.bus.messages == []


def test_poison_record_is_set_aside_and_the_others_are_told(bench: Bench) -> None:
    live_and_over(bench)
    good = bench.record(None, bench.states[0])
    poison = {"dynamodb": {"SequenceNumber": "p", "NewImage": {"facts": {"S": "no JSON"}}}}
    assert bench.tell(poison, good) == []
    assert bench.bus.names() == ["StreamCreated"]


def test_many_records_are_put_in_parts(bench: Bench) -> None:
    live_and_over(bench)
    assert bench.tell(*(bench.record(None, bench.states[0]) for _ in range(25))) == []
    assert len(bench.bus.entries) == 25


def test_unlisted_stream_made_private_shuts_out_all_who_had_its_id(bench: Bench) -> None:
    started = bench.house.start(visibility=Visibility.UNLISTED)
    before = bench.house.streams.record(started.stream.stream_id)
    after = before.with_stream(
        visibility=Visibility.PRIVATE, updated_at=before.stream.updated_at + timedelta(seconds=1)
    )
    bench.tell(bench.record(before, after))
    (work,) = bench.house.work.sent
    assert isinstance(work, RevokeViewer)
    assert work.viewer_id == everybody_tag(started.stream.stream_id)


def test_deletion_is_told_and_the_removal_that_follows_is_not(bench: Bench) -> None:
    stream_id = live_and_over(bench)
    before = bench.house.streams.record(stream_id)
    deleted = replace(before, is_deleted=True)
    bench.tell(bench.record(before, deleted), bench.record(deleted, None))
    assert bench.bus.names() == ["StreamDeleted"]


def test_no_key_is_in_any_event(bench: Bench) -> None:
    started = bench.house.start()
    bench.note(started.stream.stream_id)
    bench.tell_states()
    images = json.dumps(item_from(bench.states[0]).serialize(), default=str)
    for text in (images, json.dumps(bench.bus.entries)):
        assert started.key.value not in text
    assert "key" not in {name.lower() for name in StreamItem.get_attributes()}


def test_schemas_in_the_docs_are_those_of_the_code() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in DOCS.glob("*.json")}
    assert kept == render_all()
    assert len(kept) == len(EVENT_MODELS)
