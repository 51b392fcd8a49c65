"""Delivery: everyone once, in order, and only those again who have not got it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ayinel_live.fan_out.delivery import MAX_ATTEMPTS, Delivery, Outcome, QueueMessage
from ayinel_live.fan_out.outbox import Outbox
from ayinel_live.fan_out.postings import Posting, Recipient, ToConnections, ToPerson, ToShard
from ayinel_live.fan_out.recipients import ConnectionFinder
from tests.unit.fan_out.fakes import FakeDynamoDb, FakePoster, FakeSqs

STREAM = "01JZ0000000000000000000001"
SHARD = ToShard(STREAM, 0)
POSTS, DEPARTURES, ASIDE = "posts.fifo", "departures", "aside"


def message(number: int, **more: Any) -> Any:
    return {"type": "message", "id": f"m{number}", "streamId": STREAM, "version": 1, **more}


class House:
    """Everything around a delivery, in memory."""

    def __init__(self) -> None:
        self.sqs = FakeSqs()
        self.poster = FakePoster()
        self.dynamodb = FakeDynamoDb()
        self.sequence = 0
        self.delivery = Delivery(
            ConnectionFinder(self.dynamodb, "Connections"),
            self.poster,
            Outbox(self.sqs, POSTS, DEPARTURES, ASIDE),
            lambda: "2026-01-02T03:04:05.000Z",
        )

    def queued(self, posting: Posting) -> QueueMessage:
        self.sequence += 1
        return QueueMessage(
            f"id{self.sequence}",
            posting.recipient.group,
            str(10**18 + self.sequence),
            posting.to_body(),
        )

    def tell(self, recipient: Recipient, *events: Any, closes: bool = False) -> QueueMessage:
        return self.queued(Posting(recipient, events, closes))

    def requeued(self) -> list[QueueMessage]:
        """What the delivery gave back to the queue, as the queue would give it out."""
        taken = [Posting.from_body(json.dumps(body)) for body in self.sqs.bodies(POSTS)]
        self.sqs.messages[POSTS].clear()
        return [self.queued(posting) for posting in taken]

    async def deliver(self, *messages: QueueMessage) -> Outcome:
        return await self.delivery.deliver(messages, 5)

    def got(self, connection_id: str) -> list[str]:
        return [event["id"] for event in self.poster.received[connection_id]]


@pytest.fixture
def house() -> House:
    return House()


async def test_all_pages_of_a_shard_get_one_merged_frame(house: House) -> None:
    for number in range(7):
        house.dynamodb.connect(f"c{number}", f"{STREAM}#0")
    house.dynamodb.connect("other", f"{STREAM}#1")
    outcome = await house.deliver(*(house.tell(SHARD, message(number)) for number in range(10)))
    assert house.dynamodb.queries == 4
    assert outcome.report.delivered == 7
    assert (outcome.frames, outcome.events) == (1, 10)
    assert house.got("c6") == [f"m{number}" for number in range(10)]
    assert house.got("other") == []


async def test_a_person_gets_what_is_meant_for_that_person_at_that_stream_alone(
    house: House,
) -> None:
    house.dynamodb.connect("mine", f"{STREAM}#0", "anna", streamId=STREAM)
    house.dynamodb.connect("mine-too", f"{STREAM}#0", "anna", streamId=STREAM)
    house.dynamodb.connect("elsewhere", "other#0", "anna", streamId="other")
    house.dynamodb.connect("theirs", f"{STREAM}#0", "bert", streamId=STREAM)
    await house.deliver(house.tell(ToPerson("anna", stream_id=STREAM), message(1)))
    assert sorted(house.poster.received) == ["mine", "mine-too"]


async def test_a_ban_closes_the_persons_connections_at_all_streams_of_the_creator(
    house: House,
) -> None:
    house.dynamodb.connect("a", "s1#0", "anna", ownerId="creator")
    house.dynamodb.connect("b", "s2#0", "anna", ownerId="creator")
    house.dynamodb.connect("c", "s3#0", "anna", ownerId="somebody")
    house.dynamodb.connect("d", "s1#0", "bert", ownerId="creator")
    await house.deliver(house.tell(ToPerson("anna", owner_id="creator"), closes=True))
    assert sorted(house.poster.closed) == ["a", "b"]


async def test_a_gone_connection_is_reported_and_nothing_else_happens_to_it(house: House) -> None:
    for number in range(3):
        house.dynamodb.connect(f"c{number}", f"{STREAM}#0")
    house.poster.gone.add("c1")
    outcome = await house.deliver(house.tell(SHARD, message(1)))
    assert outcome.failed_message_ids == []
    assert house.sqs.bodies(DEPARTURES) == [
        {"connectionId": "c1", "streamId": STREAM, "at": "2026-01-02T03:04:05.000Z"}
    ]
    assert house.sqs.bodies(POSTS) == []
    assert house.got("c0") == house.got("c2") == ["m1"]


async def test_what_is_left_goes_back_for_those_alone_who_have_not_got_it(house: House) -> None:
    for number in range(4):
        house.dynamodb.connect(f"c{number}", f"{STREAM}#0")
    house.poster.stuck["c2"] = 0
    outcome = await house.deliver(house.tell(SHARD, message(1)), house.tell(SHARD, message(2)))
    assert outcome.failed_message_ids == []
    (back,) = house.sqs.bodies(POSTS)
    assert back["to"] == {"connectionIds": ["c2"], "streamId": STREAM, "lane": f"{STREAM}#0"}
    assert [event["id"] for event in back["events"]] == ["m1", "m2"]
    house.poster.stuck.clear()
    await house.deliver(*house.requeued())
    assert all(house.got(f"c{number}") == ["m1", "m2"] for number in range(4))


async def test_a_frame_that_was_got_is_not_sent_again(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.poster.stuck["c"] = 1
    large = "x" * 20_000
    await house.deliver(house.tell(SHARD, message(1, t=large), message(2, t=large)))
    (back,) = house.sqs.bodies(POSTS)
    assert [event["id"] for event in back["events"]] == ["m2"]


async def test_a_large_rest_comes_back_in_parts_and_in_order(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.poster.stuck["c"] = 0
    events = [message(number, t="x" * 20_000) for number in range(20)]
    batch = [house.tell(SHARD, *events[start : start + 5]) for start in range(0, 20, 5)]
    await house.deliver(*batch, house.tell(SHARD, closes=True))
    assert len(house.sqs.bodies(POSTS)) == 4
    house.poster.stuck.clear()
    await house.deliver(*house.requeued())
    assert house.got("c") == [f"m{number}" for number in range(20)]
    assert house.poster.closed == ["c"]


async def test_what_comes_back_takes_its_old_place_before_newer_messages(house: House) -> None:
    for number in range(3):
        house.dynamodb.connect(f"c{number}", f"{STREAM}#0")
    house.poster.stuck["c1"] = 0
    first = house.tell(SHARD, message(1))
    newer = [house.tell(SHARD, message(number)) for number in (2, 3)]
    await house.deliver(first)
    house.poster.stuck.clear()
    outcome = await house.deliver(*newer, *house.requeued())
    assert house.got("c0") == house.got("c1") == house.got("c2") == ["m1", "m2", "m3"]
    assert outcome.frames == 2


async def test_a_connection_that_takes_nothing_is_given_up_after_some_tries(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.poster.stuck["c"] = 0
    outcome = await house.deliver(house.tell(SHARD, message(1)))
    tries = 1
    while messages := house.requeued():
        outcome = await house.deliver(*messages)
        tries += 1
    assert tries == MAX_ATTEMPTS
    assert outcome.given_up == 1


async def test_when_what_is_left_cannot_be_handed_on_the_group_comes_again(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.dynamodb.connect("d", "other#0")
    house.poster.stuck["c"] = 0
    house.sqs.is_down = True
    mine = [house.tell(SHARD, message(1)), house.tell(SHARD, message(2))]
    other = house.tell(ToShard("other", 0), message(3))
    outcome = await house.deliver(mine[0], other, mine[1])
    assert outcome.failed_message_ids == [mine[0].message_id, mine[1].message_id]


async def test_when_nobody_knows_who_is_connected_the_group_comes_again(house: House) -> None:
    house.dynamodb.is_down = True
    direct = house.tell(ToConnections(STREAM, ("c",), "lane"), message(2))
    shard = house.tell(SHARD, message(1))
    outcome = await house.deliver(shard, direct)
    assert outcome.failed_message_ids == [shard.message_id]
    assert house.got("c") == ["m2"]


async def test_a_group_that_comes_again_does_so_soon_and_later_with_each_time(
    house: House,
) -> None:
    house.dynamodb.is_down = True
    first, fifth, twentieth = (
        house.tell(SHARD, message(number))._replace(receipt_handle=f"h{times}", deliveries=times)
        for number, times in enumerate((1, 5, 20))
    )
    well = house.tell(ToConnections(STREAM, ("c",), "lane"), message(4))
    await house.deliver(first, fifth, twentieth, well._replace(receipt_handle="well"))
    assert house.sqs.hidden_seconds == {"h1": 1, "h5": 16, "h20": 30}


async def test_departures_that_cannot_be_told_fail_nothing(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.poster.gone.add("c")
    house.sqs.is_down = True
    outcome = await house.deliver(house.tell(SHARD, message(1)))
    assert outcome.failed_message_ids == []
    assert outcome.faults


async def test_a_message_that_is_no_posting_is_set_aside_and_holds_up_nobody(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    poison = QueueMessage("bad", f"{STREAM}#0", "1", "{not json")
    outcome = await house.deliver(poison, house.tell(SHARD, message(1)))
    assert outcome.failed_message_ids == []
    assert house.sqs.bodies(ASIDE) == [
        {"source": "posts", "reason": "JSONDecodeError", "body": "{not json"}
    ]
    assert house.got("c") == ["m1"]


async def test_entries_that_the_queue_refuses_are_sent_again_alone(house: House) -> None:
    house.dynamodb.connect("c", f"{STREAM}#0")
    house.dynamodb.connect("d", f"{STREAM}#0")
    house.poster.gone |= {"c", "d"}
    house.sqs.refuse_once.add(
        json.dumps({"connectionId": "c", "streamId": STREAM, "at": "2026-01-02T03:04:05.000Z"})
    )
    await house.deliver(house.tell(SHARD, message(1)))
    assert [body["connectionId"] for body in house.sqs.bodies(DEPARTURES)] == ["d", "c"]


@settings(deadline=None)
@given(st.data())
async def test_whatever_gets_stuck_everyone_has_everything_once_and_in_order(
    data: st.DataObject,
) -> None:
    house = House()
    people = [f"c{number}" for number in range(data.draw(st.integers(1, 5)))]
    for person in people:
        house.dynamodb.connect(person, f"{STREAM}#0")
    waiting: list[QueueMessage] = []
    sent = 0
    for _ in range(data.draw(st.integers(1, 6))):
        for _ in range(data.draw(st.integers(1, 3))):
            waiting.append(house.tell(SHARD, message(sent), message(sent + 1)))
            sent += 2
        house.poster.stuck = data.draw(
            st.dictionaries(st.sampled_from(people), st.integers(0, 1), max_size=3)
        )
        # What is not in this batch stays behind it in the queue, and so does what comes back.
        await house.deliver(*waiting)
        waiting = house.requeued()
        if any(Posting.from_body(one.body).attempt >= MAX_ATTEMPTS - 1 for one in waiting):
            break
    house.poster.stuck = {}
    await house.deliver(*waiting)
    for person in people:
        assert house.got(person) == [f"m{number}" for number in range(sent)]
