"""The broadcaster: whom a batch reaches, what the queue is given, and what happens to poison."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.model import FOR_GOOD
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.shards import VIEWERS_PER_SHARD, pick_shard, shard_key
from ayinel_live.connections.store import ConnectionItem, ConnectionStore
from ayinel_live.fan_out.broadcast import Broadcaster
from ayinel_live.fan_out.gathering import Gathering
from ayinel_live.fan_out.handover import Handover
from ayinel_live.fan_out.lookups import Lookups
from ayinel_live.fan_out.set_aside import SetAsideQueue
from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from tests.support.tables import create_tables
from tests.unit.fan_out.fakes import FakeSqs
from tests.unit.fan_out.records import (
    STREAM,
    TABLES,
    chat_message,
    member,
    record,
    stream,
    totals,
)

POSTS, ASIDE = "posts.fifo", "aside"
OTHER = "01JZ0000000000000000000002"


class Slept:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0
        self.naps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


class House:
    """A broadcaster on mocked tables, with a queue in memory."""

    def __init__(self) -> None:
        self.sqs = FakeSqs()
        self.time = Slept()
        self.broadcaster = self.make()

    def make(self) -> Broadcaster:
        return Broadcaster(
            TABLES,
            Lookups(ConnectionStore()),
            Handover(POSTS, lambda: self.sqs),
            SetAsideQueue(ASIDE, lambda: self.sqs),
            counts=Gathering(lambda: self.time.now, self.time.sleep),
            batches=Gathering(lambda: self.time.now, self.time.sleep),
            posts_per_second=6400,
        )

    def to(self, kind: str) -> list[Any]:
        return [body for body in self.sqs.bodies(POSTS) if kind in body["to"]]

    def connect(self, connection_id: str, viewer_id: str, shard: int = 0, **more: Any) -> None:
        ConnectionItem(
            connection_id,
            stream_id=STREAM,
            stream_shard=shard_key(STREAM, shard),
            owner_id="creator",
            viewer_id=viewer_id,
            role="viewer",
            connected_at="2026-01-02T03:04:05.000Z",
            heartbeat_bucket="b",
            expires_at=2_000_000_000,
            **more,
        ).save()


@pytest.fixture
def house() -> Iterator[House]:
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        items = (AudienceItem, StreamItem, ConnectionItem, ChatterItem, InvitationItem)
        create_tables(client, *items, prefix="live-")
        yield House()


@pytest.fixture(autouse=True)
def _region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")


def test_a_batch_is_one_message_for_each_stream_and_shard(house: House) -> None:
    totals(900, 5, peak_viewers=4 * VIEWERS_PER_SHARD).save()
    messages = [chat_message(message_id=f"01JZ00000000000000000000{n:02}") for n in range(20)]
    summary = house.broadcaster.broadcast(
        [record(None, message) for message in messages]
        + [record(None, chat_message(stream_id=OTHER))]
    )
    assert summary.postings == 5
    sent = house.to("shard")
    assert [(body["to"]["streamId"], body["to"]["shard"]) for body in sent] == [
        *((STREAM, shard) for shard in range(4)),
        (OTHER, 0),
    ]
    assert all(len(body["events"]) == 20 for body in sent[:4])
    groups = {message["MessageGroupId"] for message in house.sqs.messages[POSTS]}
    assert groups == {*(f"{STREAM}#{shard}" for shard in range(4)), f"{OTHER}#0"}


def test_a_batch_that_comes_again_makes_the_same_messages(house: House) -> None:
    records = [record(None, chat_message()), record(totals(1, 1), totals(2, 2))]
    house.broadcaster.broadcast(records)
    before = len(house.sqs.messages[POSTS])
    house.make().broadcast(records)
    assert len(house.sqs.messages[POSTS]) == before


def test_growth_in_mid_stream_leaves_nobody_out(house: House) -> None:
    joined: set[int] = set()
    for peak in (10, 300, 900, 2500, 9000):
        joined.add(pick_shard(f"connection-{peak}", peak))
        totals(peak, peak, peak_viewers=peak).save()
        joined.add(pick_shard(f"after-{peak}", peak))
        house.sqs.messages[POSTS].clear()
        house.broadcaster.broadcast([record(None, chat_message())])
        assert joined <= {body["to"]["shard"] for body in house.to("shard")}


def test_poison_is_set_aside_with_its_reason_and_the_rest_goes_on(house: House) -> None:
    poison = record(None, chat_message(message="words"))
    del poison["dynamodb"]["NewImage"]["status"]
    summary = house.broadcaster.broadcast([poison, record(None, chat_message())])
    assert (summary.set_aside, summary.postings) == (1, 1)
    (kept,) = house.sqs.bodies(ASIDE)
    assert kept["reason"] == "status is missing"
    assert kept["record"]["eventID"] == poison["eventID"]


def test_a_record_too_large_for_a_message_is_kept_by_its_keys(house: House) -> None:
    poison = record(None, chat_message(message="x" * 300_000))
    poison["dynamodb"]["Keys"] = {"messageId": {"S": "m"}}
    house.broadcaster.broadcast([poison])
    (kept,) = house.sqs.bodies(ASIDE)
    assert kept["reason"] == "an event is larger than a frame"
    assert kept["record"]["dynamodb"] == {
        "Keys": {"messageId": {"S": "m"}},
        "SequenceNumber": poison["dynamodb"]["SequenceNumber"],
    }


def test_many_events_are_cut_to_what_a_queue_message_holds_and_stay_in_order(
    house: House,
) -> None:
    records = [
        record(None, chat_message(message_id=f"01JZ0000000000000000000{n:03}", message="x" * 9000))
        for n in range(100)
    ]
    house.broadcaster.broadcast(records)
    sent = house.to("shard")
    assert len(sent) > 4
    ids = [event["id"] for body in sent for event in body["events"]]
    assert ids == sorted(ids)
    assert len(ids) == 100


def test_entries_that_the_queue_refuses_are_sent_again(house: House) -> None:
    house.broadcaster.broadcast([record(None, chat_message())])
    body = house.sqs.messages[POSTS].pop()["MessageBody"]
    house.sqs.refuse_once.add(body)
    house.broadcaster.broadcast([record(None, chat_message())])
    assert len(house.sqs.messages[POSTS]) == 1


def test_a_queue_that_takes_nothing_brings_the_batch_again(house: House) -> None:
    class Refusing(FakeSqs):
        def _take(self, arguments: dict[str, Any]) -> dict[str, Any]:
            return {"Failed": [{"Id": entry["Id"]} for entry in arguments["Entries"]]}

    house.sqs = Refusing()
    with pytest.raises(UpstreamError):
        house.broadcaster.broadcast([record(None, chat_message())])


def test_held_messages_go_to_those_who_are_staff_now(house: House) -> None:
    house.connect("o", "creator", staff_stream_id=STREAM)
    house.connect("m", "mod", staff_stream_id=STREAM)
    house.connect("x", "former-mod", staff_stream_id=STREAM)
    house.connect("v", "viewer")
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    ChatterItem("creator", chatter_id("creator", "former-mod"), role="viewer").save()
    house.broadcaster.broadcast([record(None, chat_message(status="held"))])
    (staff,) = house.to("connectionIds")
    assert sorted(staff["to"]["connectionIds"]) == ["m", "o"]
    (sender,) = house.to("viewerId")
    assert sender["to"]["viewerId"] == "anna"


def test_without_staff_a_held_message_goes_to_its_sender_alone(house: House) -> None:
    house.broadcaster.broadcast([record(None, chat_message(status="held"))])
    assert [body["to"].get("viewerId") for body in house.sqs.bodies(POSTS)] == ["anna"]


def test_a_ban_is_told_at_the_creators_open_streams_and_then_shuts_out(house: House) -> None:
    stream(stream_id=STREAM, created_at="2026-01-02T00:00:00.000Z", status="ENDED").save()
    stream(stream_id=OTHER, created_at="2026-01-03T00:00:00.000Z").save()
    house.broadcaster.broadcast([record(None, member(banned_until=FOR_GOOD))])
    (told,) = house.to("shard")
    assert told["to"]["streamId"] == told["events"][0]["streamId"] == OTHER
    (out,) = house.to("viewerId")
    assert out == {"to": {"viewerId": "anna", "streamId": "", "ownerId": "creator"}, "closes": True}


def test_a_deleted_stream_closes_every_shard(house: House) -> None:
    totals(1, 1, peak_viewers=2 * VIEWERS_PER_SHARD).save()
    house.broadcaster.broadcast([record(stream(), None)])
    assert [(body["to"]["shard"], body["closes"]) for body in house.to("shard")] == [
        (0, True),
        (1, True),
    ]


def test_a_stream_made_private_closes_strangers_alone(house: House) -> None:
    totals(1, 1, peak_viewers=2 * VIEWERS_PER_SHARD).save()
    for place, person in enumerate(("creator", "mod", "guest", *(f"s{n}" for n in range(150)))):
        house.connect(f"c-{person}", person, shard=place % 2)
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    InvitationItem(STREAM, "guest", created_at="2026-01-02T03:04:05.000Z").save()
    house.broadcaster.broadcast(
        [record(stream(visibility="UNLISTED"), stream(visibility="PRIVATE"))]
    )
    closed = [
        connection_id
        for body in house.to("connectionIds")
        for connection_id in body["to"]["connectionIds"]
    ]
    assert sorted(closed) == sorted(f"c-s{n}" for n in range(150))
    assert all(body["closes"] for body in house.to("connectionIds"))


@pytest.mark.parametrize(
    ("visibility", "person", "is_closed"),
    [
        ("PRIVATE", "anna", True),
        ("PUBLIC", "anna", False),
        ("PRIVATE", "creator", False),
        ("PRIVATE", "mod", False),
        ("PRIVATE", "again", False),
    ],
)
def test_a_withdrawn_invitation_shuts_out_who_has_no_other_right(
    house: House, visibility: str, person: str, is_closed: bool
) -> None:
    stream(visibility=visibility).save()
    ChatterItem("creator", chatter_id("creator", "mod"), role="moderator").save()
    at = "2026-01-02T03:04:05.000Z"
    InvitationItem(STREAM, "again", created_at=at).save()
    house.broadcaster.broadcast([record(InvitationItem(STREAM, person, created_at=at), None)])
    assert bool(house.to("viewerId")) is is_closed


def test_counts_go_out_at_most_once_a_second_and_the_last_one_always(house: House) -> None:
    house.broadcaster.broadcast([record(totals(n, n), totals(n + 1, n + 1)) for n in range(5)])
    house.time.now += 0.4
    house.broadcaster.broadcast([record(totals(5, 5), totals(6, 6))])
    house.time.now += 3
    house.broadcaster.broadcast([record(totals(6, 6), totals(7, 7))])
    assert [body["events"][0]["viewerCount"] for body in house.to("shard")] == [5, 6, 7]
    assert house.time.naps == [pytest.approx(0.6)]


def test_messages_do_not_wait_for_counts(house: House) -> None:
    house.broadcaster.broadcast([record(totals(0, 0), totals(1, 1))])
    house.broadcaster.broadcast([record(None, chat_message())])
    assert house.time.naps == []


def test_batches_of_a_crowd_are_spaced_so_that_the_queue_does_not_grow(house: House) -> None:
    totals(64_000, 1, peak_viewers=64_000).save()
    for _ in range(3):
        house.broadcaster.broadcast([record(None, chat_message())])
    assert house.time.naps == [pytest.approx(2.0)] * 2


def test_batches_of_a_small_audience_wait_for_nothing(house: House) -> None:
    totals(100, 1, peak_viewers=100).save()
    for _ in range(3):
        house.broadcaster.broadcast([record(None, chat_message())])
        house.time.now += 0.25
    assert house.time.naps == []


class Screen:
    """A client behind its filter: of everything the newest version."""

    def __init__(self) -> None:
        self.shown: dict[str, tuple[int, Any]] = {}

    def take(self, events: list[Any]) -> None:
        for event in events:
            subject = event.get("id", event["type"])
            known = self.shown.get(subject)
            if known is None or event["version"] > known[0]:
                self.shown[subject] = (event["version"], event)


@settings(
    deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_one_streams_records_dealt_over_concurrent_invocations_end_on_the_same_screen(
    house: House, data: st.DataObject
) -> None:
    house.sqs.messages.clear()
    records: list[Any] = []
    newest: defaultdict[str, int] = defaultdict(int)
    for number in data.draw(st.lists(st.integers(0, 4), min_size=1, max_size=25)):
        key = f"01JZ000000000000000000000{number}"
        version = newest[key] + 1
        newest[key] = version
        change = f"01JZ00000000000000000001{version:02}"
        old = chat_message(message_id=key, version=version - 1)
        new = chat_message(message_id=key, version=version, changed_at=change)
        records.append(record(old if version > 1 else None, new))
    dealt: defaultdict[int, list[Any]] = defaultdict(list)
    for one in records:
        dealt[data.draw(st.integers(0, 3))].append(one)
    lanes = list(dealt.values())
    lanes += data.draw(st.lists(st.sampled_from(lanes), max_size=2))
    screen = Screen()
    for lane in data.draw(st.permutations(lanes)):
        assert house.make().broadcast(lane).set_aside == 0
    for body in house.sqs.bodies(POSTS):
        screen.take(body["events"])
    assert {key: version for key, (version, _) in screen.shown.items()} == newest
