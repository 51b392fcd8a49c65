from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ayinel_live.channels.chat_settings import Participants
from ayinel_live.channels.model import Actor
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.chat.admission import BURST_MESSAGES, INTERVAL_MILLISECONDS
from ayinel_live.chat.send import Accepted, Rejected
from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.errors import ForbiddenError, RateLimitedError, UpstreamError
from tests.integration.chat.conftest import CountedClient
from tests.integration.chat.send_path import Chat
from tests.support.chat import (
    OTHER_STREAM_ID,
    OWNER_ID,
    sender,
)
from tests.support.clock import START

CREATOR = Actor(OWNER_ID)
PEOPLE = count()


@pytest.fixture
def chat(dynamodb: CountedClient) -> Chat:
    return Chat(dynamodb)


def test_a_message_at_its_time_costs_one_write_and_one_queueing(chat: Chat) -> None:
    outcome = chat.send("hello")

    assert chat.dynamodb.requests == ["update_item"]
    ((key, queued),) = chat.queue.messages
    assert isinstance(outcome, Accepted)
    assert queued.message_id == outcome.message_id
    assert (queued.message, queued.user_id, queued.role) == ("hello", "ana", "viewer")
    assert len(key) == 64


def test_a_message_in_a_burst_costs_two_writes(chat: Chat) -> None:
    chat.send(own_id="c1")
    chat.dynamodb.requests.clear()
    chat.send(own_id="c2")

    assert chat.dynamodb.requests == ["update_item", "update_item"]
    assert len(chat.queue.messages) == 2


def test_a_flood_is_refused_and_told_when_to_come_back(chat: Chat) -> None:
    for number in range(BURST_MESSAGES):
        chat.send(own_id=f"c{number}")

    refused = chat.refusal("too much", "c99")

    assert isinstance(refused, RateLimitedError)
    assert refused.code == "rate-limited"
    assert refused.retry_after_seconds == INTERVAL_MILLISECONDS / 1000
    chat.clock.advance(refused.retry_after_seconds)
    assert isinstance(chat.send(own_id="c99"), Accepted)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(gaps=st.lists(st.integers(0, 4000), min_size=1, max_size=20))
def test_the_rate_limit_is_the_cell_rate_algorithm(chat: Chat, gaps: list[int]) -> None:
    person = sender(f"user-{next(PEOPLE)}")
    tolerance = (BURST_MESSAGES - 1) * INTERVAL_MILLISECONDS
    now = tat = 0
    chat.clock.now = START
    for number, gap in enumerate(gaps):
        chat.clock.advance(gap / 1000)
        now += gap
        is_conforming = tat - now <= tolerance
        if is_conforming:
            tat = max(now, tat) + INTERVAL_MILLISECONDS
            assert isinstance(chat.send(own_id=f"c{number}", who=person), Accepted)
        else:
            refused = chat.refusal("hello", f"c{number}", person)
            assert refused.code == "rate-limited"
            assert isinstance(refused, RateLimitedError)
            assert refused.retry_after_seconds == (tat - tolerance - now) / 1000


def test_a_repeat_is_one_message_under_one_id(chat: Chat) -> None:
    first = chat.send(own_id="c1")
    again = chat.send(own_id="c1")

    assert first == again
    assert len({key for key, _ in chat.queue.messages}) == 1


def test_a_repeat_after_a_queue_that_failed_reaches_the_queue(chat: Chat) -> None:
    chat.queue.fault = UpstreamError("down")
    assert chat.refusal("hello", "c1").code == "upstream"
    chat.queue.fault = None

    again = chat.send("hello", "c1")

    assert isinstance(again, Accepted)
    assert [message.message_id for _, message in chat.queue.messages] == [again.message_id]


def test_a_repeat_spends_nothing_of_the_rate_limit(chat: Chat) -> None:
    for _ in range(BURST_MESSAGES * 3):
        chat.send(own_id="c1")

    assert isinstance(chat.send(own_id="c2"), Accepted)


def test_a_very_late_repeat_is_one_message(chat: Chat) -> None:
    first = chat.send("hello", "c1")
    chat.work_off_queue()
    for number in range(40):
        chat.clock.advance(10)
        chat.send(f"other {number}", f"other-{number}")
    chat.work_off_queue()
    chat.clock.advance(3600)

    again = chat.send("hello", "c1")
    chat.work_off_queue()

    assert isinstance(first, Accepted)
    assert isinstance(again, Accepted)
    stored = chat.dynamodb.scan(TableName="ChatMessages")["Items"]
    assert [i["messageId"]["S"] for i in stored if i["message"]["S"] == "hello"] == [
        first.message_id
    ]


def test_a_late_repeat_is_accepted_though_nothing_new_would_be(chat: Chat) -> None:
    first = chat.send("hello", "c1")
    chat.work_off_queue()
    for number in range(40):
        chat.clock.advance(10)
        chat.send(f"other {number}", f"other-{number}")
    chat.settings.set(slow_mode_seconds=60)

    assert chat.refusal("new", "c-new").code == "slow-mode"
    assert chat.send("hello", "c1") == first


def test_two_people_with_one_id_do_not_collide(chat: Chat) -> None:
    one = chat.send("from ana", "same", sender("ana"))
    two = chat.send("from ben", "same", sender("ben"))
    chat.work_off_queue()

    assert one != two
    stored = chat.dynamodb.scan(TableName="ChatMessages")["Items"]
    assert {item["message"]["S"] for item in stored} == {"from ana", "from ben"}


def test_one_id_on_two_streams_is_two_messages(chat: Chat) -> None:
    chat.send("here", "same")
    chat.send("there", "same", sender(stream_id=OTHER_STREAM_ID))
    chat.work_off_queue()

    assert chat.dynamodb.scan(TableName="ChatMessages")["Count"] == 2


def test_a_ban_holds_on_the_open_connection_and_on_every_stream(chat: Chat) -> None:
    chat.send()
    chat.standing.ban(CREATOR, OWNER_ID, "ana", "spam")

    for stream_id in ("01JG00000000000000000000S1", OTHER_STREAM_ID):
        chat.clock.advance(60)
        refused = chat.refusal("again", "c2", sender(stream_id=stream_id))
        assert isinstance(refused, ForbiddenError)
        assert refused.code == "banned"


def test_a_ban_written_before_the_first_message_holds(chat: Chat) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana", None)

    assert chat.refusal().code == "banned"
    assert chat.dynamodb.requests == ["update_item"]


def test_a_ban_stays_in_its_channel(chat: Chat) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana", None)

    assert isinstance(chat.send(who=sender(owner_id="somebody-else")), Accepted)


def test_a_time_out_says_how_long_and_ends_by_itself(chat: Chat) -> None:
    chat.standing.time_out(CREATOR, OWNER_ID, "ana", "calm down", 30)
    chat.clock.advance(10)

    refused = chat.refusal()

    assert isinstance(refused, RateLimitedError)
    assert refused.code == "timed-out"
    assert refused.retry_after_seconds == 20
    assert refused.extra["until"] == to_rfc3339(START + timedelta(seconds=30))
    chat.clock.advance(20)
    assert isinstance(chat.send(), Accepted)


def test_a_lifted_ban_lets_back_in_at_once(chat: Chat) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana", None)
    chat.standing.lift(CREATOR, OWNER_ID, "ana", None)

    assert isinstance(chat.send(), Accepted)


def test_slow_mode_holds_viewers_but_not_moderators_nor_the_creator(chat: Chat) -> None:
    chat.settings.set(slow_mode_seconds=30)
    chat.standing.appoint(CREATOR, OWNER_ID, "mod")
    for who in ("ana", "mod", OWNER_ID):
        chat.send("one", "c1", sender(who))
    chat.clock.advance(12)

    refused = chat.refusal("two", "c2", sender("ana"))

    assert isinstance(refused, RateLimitedError)
    assert (refused.code, refused.retry_after_seconds) == ("slow-mode", 18)
    assert refused.extra == {"slowModeSeconds": 30}
    assert isinstance(chat.send("two", "c2", sender("mod")), Accepted)
    assert isinstance(chat.send("two", "c2", sender(OWNER_ID)), Accepted)
    chat.clock.advance(18)
    assert isinstance(chat.send("two", "c2", sender("ana")), Accepted)


def test_a_dismissed_moderator_is_a_viewer_at_once(chat: Chat) -> None:
    chat.settings.set(participants=Participants.MODERATORS)
    chat.standing.appoint(CREATOR, OWNER_ID, "mod")
    chat.send("one", "c1", sender("mod"))
    chat.standing.dismiss(CREATOR, OWNER_ID, "mod")
    chat.clock.advance(60)

    assert chat.refusal("two", "c2", sender("mod")).code == "moderators-only"


def test_messages_carry_the_role_that_the_table_has(chat: Chat) -> None:
    chat.standing.appoint(CREATOR, OWNER_ID, "mod")
    for who in ("ana", "mod", OWNER_ID):
        chat.send("one", "c1", sender(who))

    assert [m.role for _, m in chat.queue.messages] == ["viewer", "moderator", "owner"]


@pytest.mark.parametrize(
    ("participants", "viewer_id", "code"),
    [
        (Participants.SIGNED_IN, "anon_01JG0000000000000000000000", "signed-in-only"),
        (Participants.FOLLOWERS, "anon_01JG0000000000000000000000", "signed-in-only"),
        (Participants.FOLLOWERS, "ana", "followers-only"),
        (Participants.MODERATORS, "ana", "moderators-only"),
    ],
)
def test_who_is_not_among_the_participants_is_told_so(
    chat: Chat, participants: Participants, viewer_id: str, code: str
) -> None:
    chat.settings.set(participants=participants)

    assert chat.refusal("hello", "c1", sender(viewer_id)).code == code
    assert isinstance(chat.send(who=sender(OWNER_ID)), Accepted)


def test_followers_write_once_they_have_followed_for_long_enough(chat: Chat) -> None:
    chat.settings.set(participants=Participants.FOLLOWERS, follower_age_seconds=600)
    chat.standing.follow("ana", OWNER_ID)
    chat.clock.advance(200)

    refused = chat.refusal()

    assert isinstance(refused, RateLimitedError)
    assert (refused.code, refused.retry_after_seconds) == ("followers-only", 400)
    chat.clock.advance(400)
    assert isinstance(chat.send(), Accepted)


def test_what_the_rules_reject_goes_nowhere_and_counts(chat: Chat) -> None:
    for number in range(BURST_MESSAGES):
        assert isinstance(chat.send("rejected", f"c{number}"), Rejected)

    assert chat.queue.messages == []
    assert chat.refusal("rejected", "c99").code == "rate-limited"


def test_the_rules_are_given_the_senders_latest_texts_but_not_a_repeats_own(chat: Chat) -> None:
    chat.send("first", "c1")
    chat.clock.advance(2)
    chat.send("second", "c2")
    chat.send("second", "c2")

    assert [m.recent for _, m in chat.queue.messages] == [(), ("first",), ("first",)]


def test_the_chatter_item_stays_within_one_write_unit(chat: Chat) -> None:
    person = sender("8f14e45f-ceea-467f-a0e6-1234567890ab", owner_id="o" * 36)
    chat.standing.time_out(Actor("o" * 36), "o" * 36, person.viewer_id, "why", 1)
    for number in range(60):
        chat.clock.advance(10)
        chat.send("漢" * 500, f"c{number}", person)

    item = chat.dynamodb.get_item(
        TableName="Chatters",
        Key={
            "ownerId": {"S": "o" * 36},
            "chatterId": {"S": chatter_id("o" * 36, person.viewer_id)},
        },
    )["Item"]
    size = sum(
        len(name) + sum(len(str(part).encode()) for part in value.values())
        for name, value in item.items()
    )
    assert size <= 1024


def test_the_raw_names_are_those_of_the_item_class(chat: Chat) -> None:
    chat.standing.appoint(CREATOR, OWNER_ID, "ana")
    chat.standing.follow("ana", OWNER_ID)
    chat.standing.time_out(CREATOR, OWNER_ID, "ana", None, 1)
    chat.clock.advance(5)
    chat.send()

    item = ChatterItem.get(OWNER_ID, chatter_id(OWNER_ID, "ana"))
    assert item.role == "moderator"
    assert item.tat == item.last_sent_at + INTERVAL_MILLISECONDS
    assert item.following_since is not None
    assert item.muted_until is not None
