from __future__ import annotations

from datetime import timedelta

import pytest

from ayinel_live.channels.chat_settings import ChatSettings, Participants
from ayinel_live.channels.chat_settings_reader import (
    SETTINGS_LIFE_SECONDS,
    ChatSettingsReader,
    RememberedChatSettings,
)
from ayinel_live.channels.chat_settings_store import ChatSettingsWriter
from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.model import FOR_GOOD, Actor, NotModeratorError, Role
from ayinel_live.channels.moderation_log import LogAction, ModerationLogStore
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.service import ChannelChat
from ayinel_live.channels.standing import Standing
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.identity.cursors import Cursors
from ayinel_live.identity.signatures import FixedSecrets
from ayinel_live.moderation.model import BlockedTerm, ModerationMode, ModerationSettings
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    UpstreamError,
)
from tests.integration.chat.conftest import CountedClient
from tests.support.chat import OWNER_ID
from tests.support.clock import START, FixedClock

CREATOR = Actor(OWNER_ID)
MOD = Actor("mod")
OPERATOR = Actor("op", is_operator=True)


@pytest.fixture
def standing(dynamodb: CountedClient, clock: FixedClock) -> Standing:
    one = Standing(MemberStore(), clock)
    one.appoint(CREATOR, OWNER_ID, "mod")
    return one


@pytest.fixture
def channel_chat(dynamodb: CountedClient, standing: Standing, clock: FixedClock) -> ChannelChat:
    return ChannelChat(
        ChatSettingsReader("Channels", lambda: dynamodb),
        ChatSettingsWriter(),
        MemberStore(),
        ModerationLogStore(),
        standing,
        Cursors(FixedSecrets("secret")),
        clock,
    )


def actions() -> list[LogAction]:
    entries = ModerationLogStore().page(OWNER_ID, before=None, limit=50)
    return [entry.action for entry in reversed(entries)]


def test_a_ban_stands_in_member_hot_copy_and_log_alike(standing: Standing) -> None:
    standing.ban(MOD, OWNER_ID, "ana", "spam")

    member, chatter = (
        MemberItem.get(OWNER_ID, "ana"),
        ChatterItem.get(OWNER_ID, chatter_id(OWNER_ID, "ana")),
    )
    assert member.banned_until == chatter.banned_until == FOR_GOOD
    assert (member.reason, member.sanctioned_by, member.version) == ("spam", "mod", 1)
    (entry, *_) = ModerationLogStore().page(OWNER_ID, before=None, limit=1)
    assert (entry.action, entry.actor_id, entry.target_user_id) == (LogAction.BAN, "mod", "ana")
    assert (entry.reason, entry.at, entry.until) == ("spam", START, None)


def test_a_time_out_has_its_end_in_the_log(standing: Standing) -> None:
    standing.time_out(CREATOR, OWNER_ID, "ana", None, 90)

    until = to_milliseconds(START + timedelta(seconds=90))
    assert ChatterItem.get(OWNER_ID, chatter_id(OWNER_ID, "ana")).muted_until == until
    (entry, *_) = ModerationLogStore().page(OWNER_ID, before=None, limit=1)
    assert (entry.action, entry.until) == (LogAction.TIME_OUT, until)


def test_who_does_not_moderate_sanctions_nobody_and_leaves_no_trace(standing: Standing) -> None:
    with pytest.raises(NotModeratorError):
        standing.ban(Actor("ben"), OWNER_ID, "ana", None)
    with pytest.raises(NotModeratorError):
        standing.time_out(Actor("ben"), OWNER_ID, "ana", None, 5)
    with pytest.raises(NotModeratorError):
        standing.lift(Actor("ben"), OWNER_ID, "ana", None)

    assert actions() == [LogAction.APPOINT_MODERATOR]
    assert MemberStore().get(OWNER_ID, "ana").banned_until is None


def test_a_moderator_of_one_channel_is_nobody_in_another(standing: Standing) -> None:
    with pytest.raises(NotModeratorError):
        standing.ban(MOD, "another-creator", "ana", None)


def test_moderators_cannot_be_sanctioned_by_moderators_but_by_the_creator(
    standing: Standing,
) -> None:
    standing.appoint(CREATOR, OWNER_ID, "mod2")

    with pytest.raises(ForbiddenError) as caught:
        standing.ban(MOD, OWNER_ID, "mod2", None)
    assert caught.value.code == "is-moderator"

    standing.ban(CREATOR, OWNER_ID, "mod2", None)
    member = MemberStore().get(OWNER_ID, "mod2")
    assert (member.role, member.banned_until) == (Role.VIEWER, FOR_GOOD)


@pytest.mark.parametrize("target", [OWNER_ID, "mod"])
def test_nobody_sanctions_the_creator_or_oneself(standing: Standing, target: str) -> None:
    with pytest.raises(InvalidInputError):
        standing.ban(MOD, OWNER_ID, target, None)


def test_only_the_creator_and_operators_appoint(standing: Standing) -> None:
    with pytest.raises(ForbiddenError):
        standing.appoint(MOD, OWNER_ID, "ana")

    standing.appoint(OPERATOR, OWNER_ID, "ana")
    assert MemberStore().get(OWNER_ID, "ana").role is Role.MODERATOR


@pytest.mark.parametrize("target", [OWNER_ID, "anon_01JG0000000000000000000000"])
def test_who_cannot_moderate_is_not_appointed(standing: Standing, target: str) -> None:
    with pytest.raises(InvalidInputError):
        standing.appoint(CREATOR, OWNER_ID, target)


def test_the_banned_are_not_appointed(standing: Standing) -> None:
    standing.ban(CREATOR, OWNER_ID, "ana", None)

    with pytest.raises(ConflictError):
        standing.appoint(CREATOR, OWNER_ID, "ana")


def test_a_moderator_may_resign_and_cannot_dismiss_others(standing: Standing) -> None:
    standing.appoint(CREATOR, OWNER_ID, "mod2")
    with pytest.raises(ForbiddenError):
        standing.dismiss(MOD, OWNER_ID, "mod2")

    standing.dismiss(MOD, OWNER_ID, "mod")
    assert MemberStore().get(OWNER_ID, "mod").role is Role.VIEWER


def test_following_counts_from_the_first_time(standing: Standing, clock: FixedClock) -> None:
    standing.follow("ana", OWNER_ID)
    clock.advance(100)
    standing.follow("ana", OWNER_ID)
    assert MemberStore().get(OWNER_ID, "ana").following_since == to_milliseconds(START)

    standing.unfollow("ana", OWNER_ID)
    assert MemberStore().get(OWNER_ID, "ana").following_since is None
    assert ChatterItem.get(OWNER_ID, chatter_id(OWNER_ID, "ana")).following_since is None


def test_lists_have_moderators_and_who_is_sanctioned_now_but_no_followers(
    channel_chat: ChannelChat, standing: Standing, clock: FixedClock
) -> None:
    standing.ban(CREATOR, OWNER_ID, "banned", None)
    standing.ban(CREATOR, OWNER_ID, "pardoned", None)
    standing.lift(CREATOR, OWNER_ID, "pardoned", None)
    standing.time_out(CREATOR, OWNER_ID, "muted", None, 100)
    standing.time_out(CREATOR, OWNER_ID, "over", None, 1)
    for number in range(5):
        standing.follow(f"follower-{number}", OWNER_ID)
    clock.advance(10)

    sanctioned = channel_chat.sanctioned(MOD, OWNER_ID, None, 50)
    moderators = channel_chat.moderators(MOD, OWNER_ID, None, 50)

    assert [member.user_id for member in sanctioned.members] == ["banned", "muted"]
    assert [member.user_id for member in moderators.members] == ["mod"]
    with pytest.raises(NotModeratorError):
        channel_chat.sanctioned(Actor("ana"), OWNER_ID, None, 50)


def test_the_log_is_read_in_pages_by_cursors_that_nobody_can_make_up(
    channel_chat: ChannelChat, standing: Standing, clock: FixedClock
) -> None:
    for number in range(5):
        clock.advance(1)
        standing.ban(CREATOR, OWNER_ID, f"user-{number}", None)

    seen: list[str | None] = []
    cursor: str | None = None
    for _ in range(4):
        page = channel_chat.log(MOD, OWNER_ID, cursor, 2)
        seen += [entry.target_user_id for entry in page.entries]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == ["user-4", "user-3", "user-2", "user-1", "user-0", "mod"]
    with pytest.raises(InvalidInputError):
        channel_chat.log(MOD, OWNER_ID, "made.up", 2)
    other = Cursors(FixedSecrets("secret")).seal("moderation-log#somebody", "x")
    with pytest.raises(InvalidInputError):
        channel_chat.log(MOD, OWNER_ID, other, 2)


SETTINGS = ChatSettings(
    participants=Participants.FOLLOWERS,
    follower_age_seconds=60,
    slow_mode_seconds=10,
    chat_delay_seconds=4,
    moderation=ModerationSettings(
        mode=ModerationMode.POST,
        blocked_terms=(BlockedTerm(term="spoiler"),),
        links_allowed=False,
    ),
)


def test_settings_read_back_and_their_change_is_logged(channel_chat: ChannelChat) -> None:
    assert channel_chat.settings(MOD, OWNER_ID).settings == ChatSettings()

    stored = channel_chat.set(MOD, OWNER_ID, SETTINGS, None)

    assert (stored.settings, stored.version) == (SETTINGS, 1)
    assert channel_chat.settings(CREATOR, OWNER_ID) == stored
    assert actions()[-1] is LogAction.CHANGE_SETTINGS


def test_settings_that_changed_meanwhile_are_not_overwritten(channel_chat: ChannelChat) -> None:
    channel_chat.set(CREATOR, OWNER_ID, SETTINGS, 0)

    for stale in (0, 2):
        with pytest.raises(ConflictError):
            channel_chat.set(CREATOR, OWNER_ID, ChatSettings(), stale)
    assert channel_chat.set(CREATOR, OWNER_ID, ChatSettings(), 1).version == 2


def test_who_does_not_moderate_neither_reads_nor_writes_settings(
    channel_chat: ChannelChat,
) -> None:
    with pytest.raises(NotModeratorError):
        channel_chat.settings(Actor("ana"), OWNER_ID)
    with pytest.raises(NotModeratorError):
        channel_chat.set(Actor("ana"), OWNER_ID, SETTINGS, None)


def test_settings_are_read_once_in_a_few_seconds(
    dynamodb: CountedClient, channel_chat: ChannelChat
) -> None:
    time = FixedClock()
    memory = RememberedChatSettings(
        ChatSettingsReader("Channels", lambda: dynamodb), lambda: time().timestamp()
    )
    dynamodb.requests.clear()
    assert memory.get(OWNER_ID).slow_mode_seconds == 0
    channel_chat.set(CREATOR, OWNER_ID, SETTINGS, None)
    dynamodb.requests.clear()

    for _ in range(50):
        assert memory.get(OWNER_ID).slow_mode_seconds == 0
    assert dynamodb.requests == []
    time.advance(SETTINGS_LIFE_SECONDS)
    assert memory.get(OWNER_ID) == SETTINGS
    assert dynamodb.requests == ["get_item"]


def test_known_settings_serve_while_the_table_cannot_be_read(dynamodb: CountedClient) -> None:
    time = FixedClock()
    table = ["Channels"]

    class Reader(ChatSettingsReader):
        def read(self, owner_id: str, *, is_consistent: bool = False):  # type: ignore[no-untyped-def]  # as the base
            self._table_name = table[0]
            return super().read(owner_id)

    memory = RememberedChatSettings(
        Reader("Channels", lambda: dynamodb), lambda: time().timestamp()
    )
    memory.get(OWNER_ID)
    table[0] = "Gone"
    time.advance(SETTINGS_LIFE_SECONDS)

    assert memory.get(OWNER_ID) == ChatSettings()
    with pytest.raises(UpstreamError):
        memory.get("another-creator")
