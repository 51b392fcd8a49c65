"""What comes in from IVS and what goes out on the platform's bus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from jsonschema import Draft202012Validator, FormatChecker

from ayinel_live.streams.domain_events import EVENT_MODELS, StreamEvent, UserErased
from ayinel_live.streams.editing import StreamChanges, StreamEditing
from ayinel_live.streams.records import StreamRecord, item_from
from ayinel_live.streams.revocation import PlaybackRevocation
from ayinel_live.video.ivs_events import DETAIL_TYPES, video_event_from
from ayinel_live.video.model import RecordingFacts, VideoEvent, VideoEventKind, VideoSession
from functions.event_schemas import render_all, stale
from functions.stream_events.publisher import StreamEventPublisher
from local.video.events import EventSender
from tests.contract.schemas import document, event_validator
from tests.support.house import STREAM_ITEMS, House
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.video import video_event

DATA = Path(__file__).parent / "data"
SAMPLES: list[dict[str, Any]] = json.loads((DATA / "ivs_events.json").read_text(encoding="utf-8"))
IVS = Draft202012Validator(
    json.loads((DATA / "ivs_events.schema.json").read_text(encoding="utf-8")),
    format_checker=FormatChecker(formats=["date-time"]),
)


def faults(validator: Draft202012Validator, candidate: object) -> list[str]:
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(candidate)]


def name_of(sample: dict[str, Any]) -> str:
    detail = sample["detail"]
    name = detail.get("event_name") or detail.get("recording_status") or detail["limit_name"]
    return f"{sample['detail-type']}: {name}"


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_sample_keeps_to_its_schema(sample: dict[str, Any]) -> None:
    assert faults(IVS, sample) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_sample_is_understood(sample: dict[str, Any]) -> None:
    told = video_event_from(sample)
    if not sample["resources"]:
        assert told is None, "an event of the whole account is none of a channel"
        return
    assert told is not None
    assert told.channel_id == sample["resources"][0]
    assert told.session_id == sample["detail"].get("stream_id", "")
    assert told.at == datetime.fromisoformat(sample["time"])


def test_samples_hold_every_kind_of_event() -> None:
    assert {sample["detail-type"] for sample in SAMPLES} == set(DETAIL_TYPES)
    understood = {told.kind for told in map(video_event_from, SAMPLES) if told is not None}
    assert understood == set(VideoEventKind)


@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_stand_in_speaks_as_the_samples_do(sample: dict[str, Any]) -> None:
    sender = EventSender("", account_id="123456789012", region="us-west-2")
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    sender.emit(sample["detail-type"], sample["resources"], sample["detail"], moment)
    assert faults(IVS, sender.recent[-1]) == []
    assert set(sender.recent[-1]) == set(sample)


class Bus:
    """A bus and a queue that remember."""

    def __init__(self) -> None:
        self.entries: list[dict[str, str]] = []

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803  AWS's
        self.entries += Entries
        return {"Entries": [{"EventId": "x"} for _ in Entries]}

    def send_message(self, **_: str) -> None:
        return None


class Told:
    """A stream whose every state is told to a bus."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.bus = Bus()
        self._last: StreamRecord | None = None
        self._publish = StreamEventPublisher(
            lambda: self.bus,
            "bus",
            lambda: self.bus,
            "queue",
            PlaybackRevocation(house.streams, house.channels, house.work),
            Logger(service="contract"),
        )

    def note(self, stream_id: str) -> None:
        after = self.house.streams.record(stream_id)
        change: dict[str, Any] = {"SequenceNumber": "1", "NewImage": item_from(after).serialize()}
        if self._last is not None:
            change["OldImage"] = item_from(self._last).serialize()
        self._last = after
        answer = self._publish({"Records": [{"eventName": "MODIFY", "dynamodb": change}]}, None)
        assert answer == {"batchItemFailures": []}

    def kinds(self) -> set[str]:
        return {entry["DetailType"] for entry in self.bus.entries}


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    with moto_tables(*STREAM_ITEMS):
        yield


@pytest.fixture
def told(tables: None) -> Told:
    empty_tables()
    return Told(House())


def whole_life(told: Told, ending: VideoEventKind) -> None:
    """Run a stream from its start over a recording, made or failed, to its deletion."""
    house = told.house
    started = house.start(title="Évènement «ünï»")
    stream_id = started.stream.stream_id
    told.note(stream_id)
    session = house.go_live(started)
    house.observer.learn(recording_event(VideoEventKind.RECORDING_STARTED, session))
    told.note(stream_id)
    StreamEditing(house.streams).change(stream_id, StreamChanges(title="Another title"))
    told.note(stream_id)
    house.clock.advance(90)
    house.stop(house.streams.get(stream_id))
    told.note(stream_id)
    house.observer.learn(recording_event(ending, session, after_seconds=95))
    told.note(stream_id)
    house.streams.change(stream_id, lambda record: replace(record, is_deleted=True))
    told.note(stream_id)


def recording_event(
    kind: VideoEventKind, session: VideoSession, after_seconds: float = 0
) -> VideoEvent:
    facts = RecordingFacts("bucket", "ivs/v1/1/2026/1/2/3/4/x", 90_000, "x")
    return replace(video_event(kind, session, after_seconds=after_seconds), recording=facts)


@pytest.mark.parametrize(
    ("ending", "kind"),
    [
        (VideoEventKind.RECORDING_ENDED, "RecordingReady"),
        (VideoEventKind.RECORDING_END_FAILED, "RecordingFailed"),
    ],
)
def test_what_is_put_on_the_bus_keeps_to_the_published_schemas(
    told: Told, ending: VideoEventKind, kind: str
) -> None:
    whole_life(told, ending)
    told_kinds = {"StreamCreated", "StreamStarted", "StreamUpdated", "StreamEnded"}
    assert told.kinds() == {*told_kinds, kind, "StreamDeleted"}
    for entry in told.bus.entries:
        detail = json.loads(entry["Detail"])
        sent = event_validator(entry["DetailType"], is_strict=True)
        assert faults(sent, detail) == [], entry["DetailType"]
        assert "sk_" not in entry["Detail"]


def test_end_of_a_user_keeps_to_the_published_schema() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    event = UserErased(
        event_id="e", user_id="ana", receipt_id="r", at=moment, backups_expire_at=moment
    )
    detail = json.loads(event.model_dump_json(by_alias=True, exclude_none=True))
    assert faults(event_validator("UserErased", is_strict=True), detail) == []


@pytest.mark.parametrize("model", EVENT_MODELS, ids=lambda model: model.detail_type)
def test_consumer_bears_a_member_that_is_added_and_misses_one_that_is_gone(
    model: type[StreamEvent] | type[UserErased],
) -> None:
    moment = "2026-01-02T03:04:05Z"
    values: dict[str, Any] = {
        "version": 1,
        "eventId": "e",
        "streamId": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "userId": "ana",
        "receiptId": "r",
        "title": "A title",
        "description": "",
        "visibility": "PUBLIC",
        "quality": "720p",
        "duration": 5,
        "isStoppedByOwner": True,
        "isStoppedByOperator": False,
        **dict.fromkeys(("at", "startTime", "endTime", "backupsExpireAt"), moment),
    }
    schema = document(f"events/{model.detail_type}.v1.json")
    detail = {name: value for name, value in values.items() if name in schema["properties"]}
    assert faults(event_validator(model.detail_type), {**detail, "newer": 1}) == []
    assert faults(event_validator(model.detail_type, is_strict=True), {**detail, "newer": 1}) != []
    for name in schema["required"]:
        less = {key: value for key, value in detail.items() if key != name}
        assert faults(event_validator(model.detail_type), less) != [], name


@pytest.mark.parametrize("model", EVENT_MODELS, ids=lambda model: model.detail_type)
def test_every_event_has_a_published_schema_with_an_example_that_keeps_to_it(
    model: type[StreamEvent] | type[UserErased],
) -> None:
    sent = event_validator(model.detail_type, is_strict=True)
    Draft202012Validator.check_schema(sent.schema)
    (example,) = document(f"events/{model.detail_type}.v1.json")["examples"]
    assert faults(sent, example) == []


def test_schema_that_differs_or_is_missing_is_stale(tmp_path: Path) -> None:
    rendered = render_all()
    assert sorted(stale(tmp_path)) == sorted(rendered)
    for name, text in rendered.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "StreamEnded.v0.json").write_text("{}", encoding="utf-8")
    assert stale(tmp_path) == []
    (tmp_path / "StreamEnded.v1.json").write_text("{}", encoding="utf-8")
    assert stale(tmp_path) == ["StreamEnded.v1.json"]
