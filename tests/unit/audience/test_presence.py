"""Opening and closing connections: one transaction each, one winner each."""

from __future__ import annotations

import pytest

from ayinel_live.audience.presence import Presence
from ayinel_live.audience.presence_store import (
    BannedError,
    PresenceStore,
    RoleChangedError,
    StaleWriteError,
    TicketUsedError,
)
from ayinel_live.audience.viewer import MAX_CONNECTIONS, TooManyConnectionsError, Viewer
from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.clock import from_milliseconds, to_milliseconds
from ayinel_live.runtime.errors import BusyError, InvalidInputError
from tests.support.clock import FixedClock
from tests.support.presence import OWNER_ID, STREAM_ID, join_request

pytestmark = pytest.mark.usefixtures("tables")


def make_presence(store: PresenceStore | None = None) -> Presence:
    return Presence(store, pause=lambda seconds: None)


def viewer_of(viewer_id: str) -> Viewer:
    viewer = PresenceStore().viewer(STREAM_ID, viewer_id)
    assert viewer is not None
    return viewer


def test_join_writes_connection_and_viewer() -> None:
    clock = FixedClock()
    ChatterItem(OWNER_ID, chatter_id(OWNER_ID, "ada"), role="moderator").save()

    make_presence().join(join_request("c1", "ada", clock(), role="moderator"))

    connection = ConnectionItem.get("c1")
    assert connection.stream_shard == f"{STREAM_ID}#0"
    assert connection.staff_stream_id == STREAM_ID
    assert viewer_of("ada").connection_ids == {"c1"}
    assert viewer_of("ada").is_watching


def test_second_use_of_a_ticket_is_refused_and_opens_nothing() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock(), ticket_id="t"))

    with pytest.raises(TicketUsedError):
        presence.join(join_request("c2", "ada", clock(), ticket_id="t"))

    assert viewer_of("ada").connection_ids == {"c1"}


def test_banned_person_is_refused_and_keeps_the_ticket() -> None:
    clock = FixedClock()
    presence = make_presence()
    until = to_milliseconds(clock()) + 1000
    ChatterItem(OWNER_ID, chatter_id(OWNER_ID, "eve"), banned_until=until).save()

    with pytest.raises(BannedError):
        presence.join(join_request("c1", "eve", clock(), ticket_id="t"))

    assert PresenceStore().viewer(STREAM_ID, "eve") is None
    clock.advance(2)
    presence.join(join_request("c1", "eve", clock(), ticket_id="t"))
    assert viewer_of("eve").is_watching


@pytest.mark.parametrize(
    ("by_ticket", "by_now"),
    [("viewer", "moderator"), ("moderator", "viewer"), ("moderator", None)],
)
def test_who_was_appointed_or_dismissed_on_the_way_needs_another_ticket(
    by_ticket: str, by_now: str | None
) -> None:
    clock = FixedClock()
    presence = make_presence()
    if by_now is not None:
        ChatterItem(OWNER_ID, chatter_id(OWNER_ID, "ada"), role=by_now).save()

    with pytest.raises(RoleChangedError):
        presence.join(join_request("c1", "ada", clock(), role=by_ticket))

    assert PresenceStore().viewer(STREAM_ID, "ada") is None
    presence.join(join_request("c1", "ada", clock(), role=by_now or "viewer"))
    assert viewer_of("ada").is_watching


@pytest.mark.parametrize("by_now", ["viewer", "moderator", None])
def test_creators_join_whatever_the_table_calls_them(by_now: str | None) -> None:
    ChatterItem(OWNER_ID, chatter_id(OWNER_ID, OWNER_ID), role=by_now).save()

    make_presence().join(join_request("c1", OWNER_ID, FixedClock()(), role="owner"))

    assert ConnectionItem.get("c1").staff_stream_id == STREAM_ID


def test_only_the_first_to_close_a_connection_is_heard() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))
    version = viewer_of("ada").version

    assert presence.leave("c1", clock.advance(5), "disconnected") is True
    assert presence.leave("c1", clock.advance(5), "gone") is False

    assert viewer_of("ada").version == version + 1
    assert viewer_of("ada").views[-1].ended_at == to_milliseconds(clock()) - 5000


def test_two_tabs_are_one_view_until_the_last_closes() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))
    presence.join(join_request("c2", "ada", clock.advance(1)))

    presence.leave("c1", clock.advance(1), "disconnected")
    assert viewer_of("ada").is_watching

    presence.leave("c2", clock.advance(1), "disconnected")
    assert not viewer_of("ada").is_watching
    assert len(viewer_of("ada").views) == 1


def test_heartbeat_moves_a_living_connection_and_tells_of_a_dead_one() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))

    assert presence.heartbeat("c1", clock.advance(45)) is True
    assert presence.heartbeat("c2", clock()) is False

    assert ConnectionItem.get("c1").heartbeat_bucket.startswith("2026-01-02T03:04Z#")
    assert ConnectionItem.get("c1").heartbeat_at == to_milliseconds(clock())


def test_sweep_that_looked_at_an_old_index_closes_nobody() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))
    looked_at = clock.advance(10)
    presence.heartbeat("c1", clock.advance(10))

    assert presence.leave("c1", looked_at, "swept", seen_until=looked_at) is False
    assert viewer_of("ada").is_watching


def test_person_cannot_open_connections_without_end() -> None:
    clock = FixedClock()
    presence = make_presence()
    for number in range(MAX_CONNECTIONS):
        presence.join(join_request(f"c{number}", "ada", clock()))

    with pytest.raises(TooManyConnectionsError):
        presence.join(join_request("more", "ada", clock()))


def test_leaving_is_tried_again_when_the_viewer_changed_in_between() -> None:
    clock = FixedClock()
    make_presence().join(join_request("c1", "ada", clock()))

    class RacedStore(PresenceStore):
        raced = False

        def viewer(self, stream_id: str, viewer_id: str) -> Viewer | None:
            found = super().viewer(stream_id, viewer_id)
            if not self.raced:
                self.raced = True
                make_presence().join(join_request("c2", "ada", clock()))
            return found

    assert make_presence(RacedStore()).leave("c1", clock(), "disconnected") is True

    assert viewer_of("ada").connection_ids == {"c2"}
    assert viewer_of("ada").is_watching


def test_viewer_that_never_holds_still_is_answered_busy() -> None:
    clock = FixedClock()

    class RestlessStore(PresenceStore):
        def open(self, *args: object, **kwargs: object) -> None:
            raise StaleWriteError

    with pytest.raises(BusyError):
        make_presence(RestlessStore()).join(join_request("c1", "ada", clock()))


def test_all_connections_of_a_person_close_together() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))
    presence.join(join_request("c2", "ada", clock(), stream_id="01KE0000000000000000000001"))
    presence.join(join_request("c3", "bob", clock()))

    assert presence.leave_all("ada", clock.advance(1)) == 2

    assert not viewer_of("ada").is_watching
    assert viewer_of("bob").is_watching


def test_event_older_than_the_join_ends_no_view_before_it_began() -> None:
    clock = FixedClock()
    presence = make_presence()
    presence.join(join_request("c1", "ada", clock()))

    presence.leave("c1", from_milliseconds(to_milliseconds(clock()) - 60_000), "disconnected")

    view = viewer_of("ada").views[0]
    assert view.ended_at == view.started_at


def test_viewer_id_of_ten_kilobytes_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        make_presence().join(join_request("c1", "x" * 10_240, FixedClock()()))
