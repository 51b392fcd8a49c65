from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ayinel_live.channels.chat_settings_reader import ChatSettingsReader
from ayinel_live.channels.chat_settings_store import ChatSettingsWriter
from ayinel_live.channels.kept_sanctions import KeptSanctions
from ayinel_live.channels.member_store import MemberStore, StandingChange
from ayinel_live.channels.model import FOR_GOOD, Actor, Member, NotModeratorError
from ayinel_live.channels.moderation_log import LogAction, ModerationLogStore
from ayinel_live.channels.pseudonyms import chatter_id, erased_id, is_erased
from ayinel_live.channels.service import ChannelChat
from ayinel_live.chat.erasure import ChatErasure
from ayinel_live.identity.cursors import Cursors
from ayinel_live.identity.signatures import FixedSecrets
from ayinel_live.runtime import transactions
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    RateLimitedError,
    UnauthenticatedError,
)
from ayinel_live.streams.access import StoredRights
from tests.integration.chat.conftest import CountedClient
from tests.integration.chat.door import Door
from tests.integration.chat.send_path import Chat
from tests.support.chat import OWNER_ID, sender
from tests.support.clock import START

CREATOR = Actor(OWNER_ID)
KEPT = erased_id(OWNER_ID, "ana-1")


@pytest.fixture
def chat(dynamodb: CountedClient) -> Chat:
    return Chat(dynamodb)


def erase(chat: Chat, user_id: str = "ana-1") -> None:
    ChatErasure(clock=chat.clock).erase_user(user_id)


def sanctioned(chat: Chat) -> list[Member]:
    channel = ChannelChat(
        ChatSettingsReader("Channels", lambda: chat.dynamodb),
        ChatSettingsWriter(),
        MemberStore(),
        ModerationLogStore(),
        chat.standing,
        Cursors(FixedSecrets("secret")),
        chat.clock,
    )
    return list(channel.sanctioned(CREATOR, OWNER_ID, None, 50).members)


def left_behind(dynamodb: CountedClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for table in ("Members", "Chatters"):
        found += dynamodb.scan(TableName=table)["Items"]
    return found


def test_whoever_was_banned_is_banned_still_after_an_erasure(
    chat: Chat, dynamodb: CountedClient
) -> None:
    chat.send("first", "c1", sender("ana-1"))
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", "ana-1 was rude")
    erase(chat)
    door = Door(dynamodb)
    dynamodb.requests.clear()

    refused = chat.refusal("back again", "c2", sender("ana-1"))
    assert (refused.code, dynamodb.requests) == ("banned", ["update_item"])
    with pytest.raises(ForbiddenError) as caught:
        door.knock("ana-1")
    assert caught.value.code == "banned"
    with pytest.raises(ConflictError):
        chat.standing.follow("ana-1", OWNER_ID)
    with pytest.raises(ConflictError):
        chat.standing.appoint(CREATOR, OWNER_ID, "ana-1")
    assert StoredRights(chat.clock).is_banned(OWNER_ID, "ana-1")


def test_of_whoever_was_banned_only_the_end_stays_under_a_digest_of_this_channel(
    chat: Chat, dynamodb: CountedClient
) -> None:
    chat.send("some words", "c1", sender("ana-1"))
    chat.standing.follow("ana-1", OWNER_ID)
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", "ana-1 was rude")
    erase(chat)

    everything = dynamodb.everything()
    assert "ana-1" not in everything
    assert "some words" not in everything
    member, chatter = left_behind(dynamodb)
    end = {"N": str(FOR_GOOD)}
    assert member == {
        "ownerId": {"S": OWNER_ID},
        "userId": {"S": KEPT},
        "notableOwnerId": {"S": OWNER_ID},
        "bannedUntil": end,
        "role": {"S": "viewer"},
        "version": {"N": "1"},
    }
    assert chatter == {
        "ownerId": {"S": OWNER_ID},
        "chatterId": {"S": chatter_id(OWNER_ID, "ana-1")},
        "bannedUntil": end,
    }
    assert chatter_id("another-creator", "ana-1") != chatter_id(OWNER_ID, "ana-1")


def test_a_running_time_out_outlasts_an_erasure_until_it_ends(
    chat: Chat, dynamodb: CountedClient
) -> None:
    chat.standing.time_out(CREATOR, OWNER_ID, "ana-1", None, 90)
    chat.clock.advance(30)
    erase(chat)

    refused = chat.refusal("already?", "c1", sender("ana-1"))
    assert isinstance(refused, RateLimitedError)
    assert (refused.code, refused.retry_after_seconds) == ("timed-out", 60)
    until = to_milliseconds(START + timedelta(seconds=90))
    for item in left_behind(dynamodb):
        assert int(item["mutedUntil"]["N"]) == until
        assert until / 1000 < int(item["expiresAt"]["N"]) <= until / 1000 + 60
    chat.clock.advance(60)
    chat.send("now", "c2", sender("ana-1"))


@pytest.mark.parametrize("was", ["over", "lifted"])
def test_of_a_sanction_that_is_over_nothing_stays(
    chat: Chat, dynamodb: CountedClient, was: str
) -> None:
    chat.standing.time_out(CREATOR, OWNER_ID, "ana-1", None, 5)
    if was == "lifted":
        chat.standing.lift(CREATOR, OWNER_ID, "ana-1", None)
    else:
        chat.clock.advance(5)
    erase(chat)

    assert left_behind(dynamodb) == []


def test_moderators_see_that_somebody_erased_is_banned_and_may_lift_it(chat: Chat) -> None:
    chat.standing.appoint(CREATOR, OWNER_ID, "mod")
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", "rude")
    erase(chat)

    (member,) = sanctioned(chat)
    assert (member.user_id, member.banned_until, member.reason) == (KEPT, FOR_GOOD, None)
    with pytest.raises(NotModeratorError):
        chat.standing.lift(Actor("ben"), OWNER_ID, KEPT, None)
    chat.standing.lift(Actor("mod"), OWNER_ID, KEPT, "a second chance")

    assert sanctioned(chat) == []
    chat.send("thanks", "c1", sender("ana-1"))
    assert not MemberStore().get(OWNER_ID, "ana-1").is_banned(chat.clock())
    (entry, *_) = ModerationLogStore().page(OWNER_ID, before=None, limit=1)
    assert (entry.action, entry.actor_id, entry.target_user_id) == (LogAction.LIFT, "mod", KEPT)


def test_a_kept_ban_is_lifted_by_the_persons_own_id_too(
    chat: Chat, dynamodb: CountedClient
) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", None)
    erase(chat)

    chat.standing.lift(CREATOR, OWNER_ID, "ana-1", None)

    chat.send("thanks", "c1", sender("ana-1"))
    assert Door(dynamodb).knock("ana-1").viewer_id == "ana-1"
    assert sanctioned(chat) == []


def test_a_ban_that_was_given_anew_is_not_lifted_by_what_was_kept_before(chat: Chat) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", None)
    erase(chat)
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", "again")
    before = ModerationLogStore().page(OWNER_ID, before=None, limit=9)

    chat.standing.lift(CREATOR, OWNER_ID, KEPT, None)

    assert chat.refusal("again", "c1", sender("ana-1")).code == "banned"
    assert [member.user_id for member in sanctioned(chat)] == ["ana-1"]
    assert ModerationLogStore().page(OWNER_ID, before=None, limit=9) == before


def test_a_ban_outlasts_any_number_of_erasures(chat: Chat) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", None)
    for _ in range(3):
        erase(chat)
        # Something new leads the erasure to the channel again.
        MemberStore().change(StandingChange(OWNER_ID, "ana-1", {"following_since": 1}))

    erase(chat)
    assert chat.refusal("again", "c1", sender("ana-1")).code == "banned"
    assert [member.user_id for member in sanctioned(chat)] == [KEPT]


def test_a_ban_lifted_while_its_person_is_being_erased_is_not_kept(
    chat: Chat, dynamodb: CountedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", None)
    write_together, lifts = transactions.write_together, [1]

    def lifted_before(build: Any) -> None:
        if lifts:
            lifts.clear()
            chat.standing.lift(CREATOR, OWNER_ID, "ana-1", None)
        write_together(build)

    monkeypatch.setattr("ayinel_live.channels.kept_sanctions.write_together", lifted_before)
    KeptSanctions().erase(OWNER_ID, "ana-1", chat.clock())

    assert left_behind(dynamodb) == []


def test_what_stands_for_the_erased_is_neither_sanctioned_nor_appointed_nor_admitted(
    chat: Chat, dynamodb: CountedClient
) -> None:
    assert is_erased(KEPT)
    with pytest.raises(InvalidInputError):
        chat.standing.ban(CREATOR, OWNER_ID, KEPT, None)
    with pytest.raises(InvalidInputError):
        chat.standing.time_out(CREATOR, OWNER_ID, KEPT, None, 5)
    with pytest.raises(InvalidInputError):
        chat.standing.appoint(CREATOR, OWNER_ID, KEPT)
    with pytest.raises(UnauthenticatedError):
        Door(dynamodb).knock(KEPT)
    assert left_behind(dynamodb) == []


def test_an_erased_channel_takes_kept_bans_and_mere_chatters_along(
    chat: Chat, dynamodb: CountedClient
) -> None:
    chat.send("hello", "c1", sender("ben"))
    chat.standing.ban(CREATOR, OWNER_ID, "ana-1", None)
    erase(chat)

    assert ChatErasure(clock=chat.clock).erase_channel(OWNER_ID) == 1

    assert left_behind(dynamodb) == []
