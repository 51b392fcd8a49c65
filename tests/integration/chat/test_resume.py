from __future__ import annotations

from datetime import timedelta

import pytest

from ayinel_live.channels.model import Actor
from ayinel_live.chat.change_ids import first_of
from ayinel_live.chat.judging import MessageJudge
from ayinel_live.chat.message_store import message_item
from ayinel_live.chat.model import MessageStatus
from ayinel_live.chat.resume import CHANGES_MAX, PAGE_MAX, Resumption
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.ids import new_ulid
from tests.integration.chat.stored_messages import READER, put
from tests.support.chat import OWNER_ID, STREAM_ID, message
from tests.support.clock import START, FixedClock

CREATOR = Actor(OWNER_ID)

pytestmark = pytest.mark.usefixtures("dynamodb")


def resumption(clock: FixedClock) -> Resumption:
    return Resumption(READER, clock, monotonic=lambda: clock().timestamp())


def test_resume_tells_messages_approvals_and_removals(
    judge: MessageJudge, clock: FixedClock
) -> None:
    old = put("old")
    held = put("held", status=MessageStatus.HELD)
    clock.advance(60)
    last_seen = new_ulid(clock())
    clock.advance(1)
    put("new", seconds=61)
    judge.approve(CREATOR, STREAM_ID, held.message_id, None)
    judge.remove(CREATOR, STREAM_ID, old.message_id, None)

    gap = resumption(clock).since(STREAM_ID, last_seen, is_continuation=False)

    assert {(m.message, m.status) for m in gap.changes} == {
        ("new", MessageStatus.SHOWN),
        ("held", MessageStatus.SHOWN),
        ("old", MessageStatus.REMOVED),
    }


def test_resume_reads_ten_seconds_back_for_changes_that_came_late(clock: FixedClock) -> None:
    put("just before", seconds=51)
    put("long before", seconds=40)
    last_seen = new_ulid(clock.advance(60))

    gap = resumption(clock).since(STREAM_ID, last_seen, is_continuation=False)

    assert [m.message for m in gap.changes] == ["just before"]


def test_a_continuation_starts_exactly_where_the_answer_before_ended(clock: FixedClock) -> None:
    one, two = put("one", seconds=1), put("two", seconds=2)
    assert one.changed_at is not None

    gap = resumption(clock).since(STREAM_ID, one.changed_at, is_continuation=True)

    assert [m.message_id for m in gap.changes] == [two.message_id]


def test_continuations_tell_everything_once_however_many_they_take(clock: FixedClock) -> None:
    ids = [new_ulid(START + timedelta(milliseconds=number)) for number in range(2 * PAGE_MAX + 3)]
    with ChatMessageItem.batch_write() as batch:
        for message_id in ids:
            batch.save(message_item(message(message_id=message_id)))

    told: list[str] = []
    has_more = True
    while has_more:
        after = told[-1] if told else first_of(START)
        gap = resumption(clock).since(STREAM_ID, after, is_continuation=True)
        told += [m.message_id for m in gap.changes]
        has_more = gap.has_more

    assert told == ids


def test_a_gap_that_is_too_large_says_so(clock: FixedClock) -> None:
    with ChatMessageItem.batch_write() as batch:
        for number in range(CHANGES_MAX + 1):
            at = START + timedelta(milliseconds=number)
            batch.save(message_item(message(message_id=new_ulid(at))))

    gap = resumption(clock).since(STREAM_ID, first_of(START), is_continuation=False)

    assert gap.is_too_large
    assert gap.changes == ()


def test_the_newest_change_is_one_that_viewers_were_told_of(clock: FixedClock) -> None:
    shown = put("shown", seconds=1)
    put("held", seconds=2, status=MessageStatus.HELD)
    put("on its way", seconds=9)
    clock.advance(10)

    assert resumption(clock).newest(STREAM_ID) == shown.changed_at


def test_the_newest_change_is_asked_for_once_in_a_moment(clock: FixedClock) -> None:
    resuming = resumption(clock)
    assert resuming.newest(STREAM_ID) is None
    put("shown")
    clock.advance(1)
    assert resuming.newest(STREAM_ID) is None
    clock.advance(3)
    assert resuming.newest(STREAM_ID) is not None


@pytest.mark.parametrize("after", ["0" * 26, "7" + "Z" * 25, None])
def test_resume_takes_any_ulid_and_none(clock: FixedClock, after: str | None) -> None:
    put("just now")

    gap = resumption(clock).since(STREAM_ID, after, is_continuation=False)

    assert [m.message for m in gap.changes] == ["just now"]
