from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.model import Actor, NotModeratorError
from ayinel_live.channels.moderation_log import LogAction, ModerationLogStore
from ayinel_live.channels.standing import Standing
from ayinel_live.chat.judging import MessageJudge
from ayinel_live.chat.message_store import PutOutcome
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.moderation.model import Category, Decision, Tier, Verdict
from ayinel_live.runtime.errors import InvalidStateError, NotFoundError
from ayinel_live.runtime.ids import new_ulid
from tests.integration.chat.conftest import CountedClient
from tests.integration.chat.stored_messages import READER, STORE, put
from tests.support.chat import OWNER_ID, STREAM_ID, message
from tests.support.clock import START, FixedClock

CREATOR = Actor(OWNER_ID)
TOXIC = Verdict(
    decision=Decision.HOLD,
    categories=(Category.THREAT, Category.HARASSMENT),
    scores={Category.THREAT: 0.8125, Category.HARASSMENT: 0.5},
    tier=Tier.CLASSIFIER,
)

pytestmark = pytest.mark.usefixtures("dynamodb")


def status_of(one: ChatMessage) -> MessageStatus:
    return READER.get(one.stream_id, one.message_id).status


def test_a_message_reads_back_as_it_was_put() -> None:
    one = put(
        "ẑ̰a͒l̪g̥o 🏳️‍🌈 漢字 \u202eabc",
        status=MessageStatus.HELD,
        verdict=TOXIC.decision,
        categories=tuple(TOXIC.categories),
        scores=dict(TOXIC.scores),
        tier="classifier",
    )

    assert READER.get(STREAM_ID, one.message_id) == one


def test_a_redelivery_changes_nothing(dynamodb: CountedClient) -> None:
    one = put("hello")
    before = dynamodb.scan(TableName="ChatMessages")["Items"]

    changed = one.model_copy(update={"status": MessageStatus.REJECTED})
    assert STORE.put(changed, START) is PutOutcome.KNOWN

    assert dynamodb.scan(TableName="ChatMessages")["Items"] == before


def test_a_redelivery_after_a_removal_does_not_bring_the_message_back(judge: MessageJudge) -> None:
    one = put()
    judge.remove(CREATOR, STREAM_ID, one.message_id, None)

    STORE.put(one, START)

    assert status_of(one) is MessageStatus.REMOVED


def test_a_repeat_under_another_id_is_not_stored() -> None:
    one = put(client_message_id="same")
    again = message(client_message_id="same", message_id=new_ulid(START + timedelta(days=80)))

    assert STORE.put(again, START + timedelta(days=80)) is PutOutcome.REPEAT
    with pytest.raises(NotFoundError):
        READER.get(STREAM_ID, again.message_id)
    assert status_of(one) is MessageStatus.SHOWN


PEOPLE = count()


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deliveries=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=25))
def test_whatever_is_delivered_how_often_each_message_is_stored_once(
    dynamodb: CountedClient, deliveries: list[tuple[int, int]]
) -> None:
    person = f"user-{next(PEOPLE)}"
    attempts = {
        (own_id, attempt): message(
            user_id=person,
            client_message_id=f"c{own_id}",
            message_id=new_ulid(START + timedelta(seconds=attempt)),
        )
        for own_id in range(4)
        for attempt in range(3)
    }
    for delivery in deliveries:
        STORE.put(attempts[delivery], START)

    items = dynamodb.query(
        TableName="ChatMessages",
        IndexName="user",
        KeyConditionExpression="userId = :user",
        ExpressionAttributeValues={":user": {"S": person}},
    )["Items"]
    firsts = dict(reversed(deliveries))
    stored = {item["messageId"]["S"] for item in items}
    assert stored == {attempts[pair].message_id for pair in firsts.items()}


def test_a_retraction_is_told_once_and_keeps_the_verdict() -> None:
    one = put(verdict=None)

    assert STORE.retract(STREAM_ID, one.message_id, TOXIC, MessageStatus.HELD, new_ulid(START))
    assert not STORE.retract(STREAM_ID, one.message_id, TOXIC, MessageStatus.HELD, new_ulid(START))

    stored = READER.get(STREAM_ID, one.message_id)
    assert (stored.status, stored.version, stored.is_moderated) == (MessageStatus.HELD, 2, True)
    assert stored.scores == dict(TOXIC.scores)
    assert stored.categories == ("threat", "harassment")
    assert stored.tier == "classifier"
    assert [m.message_id for m in READER.held(STREAM_ID, after=None, limit=5)] == [one.message_id]


def test_a_verdict_that_lets_a_shown_message_stand_is_no_change() -> None:
    one = put(verdict=None)

    STORE.retract(STREAM_ID, one.message_id, Verdict(), MessageStatus.SHOWN, new_ulid(START))

    stored = READER.get(STREAM_ID, one.message_id)
    assert (stored.version, stored.changed_at) == (1, one.changed_at)
    assert stored.verdict is Decision.ALLOW


def test_a_delayed_message_is_revealed_once_and_not_after_its_removal(judge: MessageJudge) -> None:
    one, two = (put(status=MessageStatus.PENDING, changed_at=None, seconds=s) for s in (0, 1))
    judge.remove(CREATOR, STREAM_ID, two.message_id, None)

    assert STORE.reveal(STREAM_ID, one.message_id, new_ulid(START))
    assert not STORE.reveal(STREAM_ID, one.message_id, new_ulid(START))
    assert not STORE.reveal(STREAM_ID, two.message_id, new_ulid(START))
    assert status_of(one) is MessageStatus.SHOWN
    assert not READER.get(STREAM_ID, one.message_id).is_moderated


def test_a_removal_is_kept_with_who_when_and_why(judge: MessageJudge, clock: FixedClock) -> None:
    one = put(user_id="ana")

    judge.remove(CREATOR, STREAM_ID, one.message_id, "spoiler")

    stored = READER.get(STREAM_ID, one.message_id)
    assert stored.status is MessageStatus.REMOVED
    assert (stored.decided_by, stored.decided_at, stored.reason) == (OWNER_ID, START, "spoiler")
    (entry,) = ModerationLogStore().page(OWNER_ID, before=None, limit=10)
    assert (entry.action, entry.actor_id, entry.target_user_id) == (
        LogAction.REMOVE_MESSAGE,
        OWNER_ID,
        "ana",
    )
    assert (entry.message_id, entry.reason, entry.at) == (one.message_id, "spoiler", clock())


def test_removing_twice_is_removing_once(judge: MessageJudge) -> None:
    one = put()
    judge.remove(CREATOR, STREAM_ID, one.message_id, "first")
    judge.remove(CREATOR, STREAM_ID, one.message_id, "second")

    assert READER.get(STREAM_ID, one.message_id).reason == "first"
    assert len(ModerationLogStore().page(OWNER_ID, before=None, limit=10)) == 1


def test_one_may_remove_ones_own_message_and_nobody_elses(judge: MessageJudge) -> None:
    one, two = put(user_id="ana"), put(user_id="ben", seconds=1)

    judge.remove(Actor("ana"), STREAM_ID, one.message_id, None)
    with pytest.raises(NotModeratorError):
        judge.remove(Actor("ana"), STREAM_ID, two.message_id, None)

    assert (status_of(one), status_of(two)) == (MessageStatus.REMOVED, MessageStatus.SHOWN)


def test_a_moderator_decides_until_the_moment_of_dismissal(
    judge: MessageJudge, clock: FixedClock
) -> None:
    standing = Standing(MemberStore(), clock)
    one, two = (put(status=MessageStatus.HELD, seconds=s) for s in (0, 1))
    standing.appoint(CREATOR, OWNER_ID, "mod")
    judge.approve(Actor("mod"), STREAM_ID, one.message_id, None)
    standing.dismiss(CREATOR, OWNER_ID, "mod")

    with pytest.raises(NotModeratorError):
        judge.approve(Actor("mod"), STREAM_ID, two.message_id, None)
    assert (status_of(one), status_of(two)) == (MessageStatus.SHOWN, MessageStatus.HELD)


def test_of_two_moderators_the_first_decides(judge: MessageJudge) -> None:
    one = put(status=MessageStatus.HELD)
    judge.deny(CREATOR, STREAM_ID, one.message_id, None)

    with pytest.raises(InvalidStateError) as caught:
        judge.approve(CREATOR, STREAM_ID, one.message_id, None)

    assert caught.value.code == "message-rejected"
    assert status_of(one) is MessageStatus.REJECTED
    assert READER.held(STREAM_ID, after=None, limit=5) == []


def test_an_operator_may_remove_anywhere(judge: MessageJudge) -> None:
    one = put()
    judge.remove(Actor("op", is_operator=True), STREAM_ID, one.message_id, "law")

    assert status_of(one) is MessageStatus.REMOVED


def test_an_unknown_message_is_not_found(judge: MessageJudge) -> None:
    with pytest.raises(NotFoundError):
        judge.remove(CREATOR, STREAM_ID, new_ulid(START), None)


def test_a_rejected_message_cannot_be_removed_since_nobody_saw_it(judge: MessageJudge) -> None:
    one = put(status=MessageStatus.REJECTED)

    with pytest.raises(NotFoundError):
        judge.remove(CREATOR, STREAM_ID, one.message_id, None)


def test_history_has_shown_messages_only_newest_first(judge: MessageJudge) -> None:
    texts = [put(str(n), seconds=n) for n in range(6)]
    put("held", seconds=7, status=MessageStatus.HELD)
    judge.remove(CREATOR, STREAM_ID, texts[4].message_id, None)

    first = READER.shown(STREAM_ID, before=None, limit=3)
    rest = READER.shown(STREAM_ID, before=first[-1].message_id, limit=3)

    assert [m.message for m in first] == ["5", "3", "2"]
    assert [m.message for m in rest] == ["1", "0"]
