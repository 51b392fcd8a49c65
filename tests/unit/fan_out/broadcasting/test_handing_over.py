"""What the queue is given, and what happens to records that nobody can read."""

from __future__ import annotations

from typing import Any

import pytest

from ayinel_live.connections.shards import VIEWERS_PER_SHARD, pick_shard
from ayinel_live.runtime.errors import UpstreamError
from tests.unit.fan_out.broadcasting.house import ASIDE, OTHER, POSTS, House
from tests.unit.fan_out.fakes import FakeSqs
from tests.unit.fan_out.records import (
    STREAM,
    chat_message,
    record,
    totals,
)


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
