from __future__ import annotations

from datetime import timedelta
from typing import Any

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.model import Actor
from ayinel_live.channels.moderation_log import ModerationLogStore
from ayinel_live.channels.standing import Standing
from ayinel_live.chat.erasure import ChatErasure
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.runtime.ids import new_ulid
from tests.integration.chat.conftest import CountedClient
from tests.support.chat import OTHER_STREAM_ID, OWNER_ID, STREAM_ID, message
from tests.support.clock import START, FixedClock

CREATOR = Actor(OWNER_ID)


def put(**changes: Any) -> None:
    seconds = int(str(changes.pop("seconds", 0)))
    at = START + timedelta(seconds=seconds)
    MessageStore().put(message(message_id=new_ulid(at), **changes), at)


def test_of_an_erased_person_nothing_is_left_and_of_others_everything(
    dynamodb: CountedClient, clock: FixedClock
) -> None:
    standing = Standing(MemberStore(), clock)
    put(user_id="ana-1", display_name="ana-1")
    put(user_id="ana-1", stream_id=OTHER_STREAM_ID, owner_id="another", seconds=1)
    put(user_id="ben", seconds=2)
    standing.time_out(CREATOR, OWNER_ID, "ana-1", "said that ana-1 is rude", 5)
    standing.follow("ana-1", "a-third")

    assert ChatErasure(clock=clock).erase_user("ana-1") == 2

    assert "ana-1" not in dynamodb.everything()
    assert dynamodb.scan(TableName="ChatMessages")["Count"] == 1
    (entry,) = ModerationLogStore().page(OWNER_ID, before=None, limit=5)
    assert (entry.actor_id, entry.target_user_id, entry.reason) == (OWNER_ID, "erased", None)
    assert ChatErasure(clock=clock).erase_user("ana-1") == 0


def test_an_erased_stream_takes_its_messages_and_their_markers_along(
    dynamodb: CountedClient, clock: FixedClock
) -> None:
    for number in range(30):
        put(seconds=number)
    put(stream_id=OTHER_STREAM_ID)

    assert ChatErasure(clock=clock).erase_stream(STREAM_ID) == 30
    assert dynamodb.scan(TableName="ChatMessages")["Count"] == 1
    assert dynamodb.scan(TableName="Idempotency")["Count"] == 1


def test_an_erased_channel_takes_standing_and_log_along(
    dynamodb: CountedClient, clock: FixedClock
) -> None:
    standing = Standing(MemberStore(), clock)
    standing.appoint(CREATOR, OWNER_ID, "mod")
    standing.ban(CREATOR, OWNER_ID, "ana", None)

    assert ChatErasure(clock=clock).erase_channel(OWNER_ID) == 2

    assert OWNER_ID not in dynamodb.everything()
