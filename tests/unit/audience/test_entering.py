"""Who connects with a ticket that was issued while more was allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from ayinel_live.audience.entering import Entrance
from ayinel_live.audience.presence import JoinRequest, Presence
from ayinel_live.audience.presence_store import PresenceStore
from ayinel_live.channels.store import MemberItem
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.errors import NotFoundError, UpstreamError
from ayinel_live.streams.editing import StreamChanges, StreamEditing
from ayinel_live.streams.invitations import Invitations
from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.streams.service import StreamReader
from tests.support.audience import AUDIENCE_ITEMS
from tests.support.house import STREAM_ITEMS, House, caller
from tests.support.moto_tables import empty_tables, moto_tables
from tests.support.presence import join_request

OWNER = "ana"


class LateChange(Presence):
    """Something happens between the writing of a connection and the look at the right."""

    def __init__(self, happens: Callable[[], None]) -> None:
        super().__init__()
        self._happens = happens

    def join(self, request: JoinRequest) -> None:
        super().join(request)
        self._happens()


class Door:
    """A chat with a stream behind it."""

    def __init__(self) -> None:
        self.house = House()
        self.editing = StreamEditing(self.house.streams)
        self.invitations = Invitations(clock=self.house.clock)

    def stream(self, visibility: Visibility) -> LiveStream:
        return self.house.start(OWNER, visibility=visibility).stream

    def enter(
        self,
        stream: LiveStream,
        who: Caller | None,
        *,
        is_sight_certain: bool = False,
        presence: Presence | None = None,
    ) -> None:
        name = who.user_id if who else "anonymous"
        request = join_request(
            f"connection-of-{name}", name, self.house.clock(), stream_id=stream.stream_id
        )
        entrance = Entrance(presence or Presence(), StreamReader(self.house.streams))
        entrance.enter(request, who, is_sight_certain=is_sight_certain)

    def is_in(self, name: str) -> bool:
        return PresenceStore().connection(f"connection-of-{name}") is not None

    def is_refused(self, stream: LiveStream, who: Caller | None) -> bool:
        with pytest.raises(NotFoundError):
            self.enter(stream, who)
        return not self.is_in(who.user_id if who else "anonymous")


@pytest.fixture(scope="module")
def tables() -> Iterator[None]:
    with moto_tables(*{*STREAM_ITEMS, *AUDIENCE_ITEMS}):
        yield


@pytest.fixture
def door(tables: None) -> Door:
    empty_tables()
    return Door()


def test_invited_person_enters_and_nobody_else_does(door: Door) -> None:
    stream = door.stream(Visibility.PRIVATE)
    door.invitations.invite(stream, "guest")

    door.enter(stream, caller("guest"))

    assert door.is_in("guest")
    assert door.is_refused(stream, caller("stranger"))
    assert door.is_refused(stream, None)


def test_ticket_from_before_the_invitation_was_withdrawn_opens_nothing(door: Door) -> None:
    stream = door.stream(Visibility.PRIVATE)
    door.invitations.invite(stream, "guest")
    door.invitations.withdraw(stream, "guest")

    assert door.is_refused(stream, caller("guest"))
    viewer = PresenceStore().viewer(stream.stream_id, "guest")
    assert viewer is not None
    assert not viewer.is_watching


def test_invitation_that_is_withdrawn_while_the_connection_is_written_opens_nothing(
    door: Door,
) -> None:
    stream = door.stream(Visibility.PRIVATE)
    door.invitations.invite(stream, "guest")
    late = LateChange(lambda: door.invitations.withdraw(stream, "guest"))

    with pytest.raises(NotFoundError):
        door.enter(stream, caller("guest"), presence=late)

    assert not door.is_in("guest")


def test_connection_whose_right_cannot_be_looked_up_leaves_nobody_behind(door: Door) -> None:
    stream = door.stream(Visibility.PRIVATE)
    door.invitations.invite(stream, "guest")

    class Away(StreamReader):
        def get_visible(self, *_: object, **__: object) -> LiveStream:
            raise UpstreamError("the tables are away")

    request = join_request(
        "connection-of-guest", "guest", door.house.clock(), stream_id=stream.stream_id
    )
    with pytest.raises(UpstreamError):
        Entrance(Presence(), Away(door.house.streams)).enter(
            request, caller("guest"), is_sight_certain=False
        )
    assert not door.is_in("guest")


def test_ticket_from_before_the_stream_became_private_opens_nothing(door: Door) -> None:
    stream = door.stream(Visibility.UNLISTED)
    door.enter(stream, None)
    assert door.is_in("anonymous")
    Presence().leave("connection-of-anonymous", door.house.clock(), "disconnected")

    door.editing.change(stream.stream_id, StreamChanges(visibility=Visibility.PRIVATE))

    assert door.is_refused(stream, None)
    assert door.is_refused(stream, caller("ben"))
    door.enter(stream, caller(OWNER))
    assert door.is_in(OWNER)


def test_ticket_from_before_the_moderator_was_dismissed_opens_nothing(door: Door) -> None:
    stream = door.stream(Visibility.PRIVATE)
    moderator = MemberItem(OWNER, "mod", role="moderator")
    moderator.save()
    door.enter(stream, caller("mod"))
    Presence().leave("connection-of-mod", door.house.clock(), "disconnected")

    moderator.delete()

    assert door.is_refused(stream, caller("mod"))


def test_certain_sight_is_not_looked_up(door: Door) -> None:
    class Nobody:
        def get_visible(self, *_: object, **__: object) -> LiveStream:
            raise AssertionError("the stream was read")

    stream = door.stream(Visibility.PUBLIC)
    request = join_request("c", "ben", door.house.clock(), stream_id=stream.stream_id)

    Entrance(Presence(), Nobody()).enter(request, caller("ben"), is_sight_certain=True)

    assert PresenceStore().connection("c") is not None
