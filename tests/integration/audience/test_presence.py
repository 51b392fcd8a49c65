"""Presence under races, on moto's and the emulator's transactions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ayinel_live.audience.audit import Auditor
from ayinel_live.audience.erasure import AudienceErasure
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.presence_store import PresenceStore, TicketUsedError
from ayinel_live.audience.service import AudienceReader
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from tests.support.audience import World
from tests.support.clock import FixedClock
from tests.support.presence import STREAM_ID, join_request

pytestmark = pytest.mark.usefixtures("tables")
# Moto takes a transaction apart when threads meet in it; the emulator does not.
AT_ONCE = pytest.mark.parametrize("tables", ["emulator"], indirect=True)


@AT_ONCE
def test_one_ticket_opens_one_connection_however_many_try_at_once() -> None:
    clock = FixedClock()

    def attempt(number: int) -> bool:
        try:
            request = join_request(f"c{number}", f"v{number}", clock(), ticket_id="one")
            Presence().join(request)
        except TicketUsedError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(attempt, range(8)))

    assert sum(opened) == 1


@AT_ONCE
def test_of_all_who_learn_of_a_closed_connection_one_is_heard() -> None:
    clock = FixedClock()
    Presence().join(join_request("c1", "ada", clock()))

    with ThreadPoolExecutor(8) as pool:
        heard = list(pool.map(lambda _: Presence().leave("c1", clock(), "gone"), range(8)))

    assert sum(heard) == 1
    viewer = PresenceStore().viewer(STREAM_ID, "ada")
    assert viewer is not None
    assert viewer.version == 2


@AT_ONCE
def test_tabs_that_open_and_close_at_once_end_in_a_true_state() -> None:
    clock = FixedClock()

    def visit(number: int) -> None:
        presence = Presence()
        presence.join(join_request(f"c{number}", "ada", clock()))
        if number % 2:
            presence.leave(f"c{number}", clock(), "disconnected")

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(visit, range(8)))

    viewer = PresenceStore().viewer(STREAM_ID, "ada")
    assert viewer is not None
    assert viewer.connection_ids == {"c0", "c2", "c4", "c6"}
    assert viewer.version == 12
    assert len(viewer.views) == 1


def test_erased_stream_leaves_nothing_and_an_erased_person_only_sums() -> None:
    world = World()
    other = "01KE0000000000000000000001"
    world.ends[other] = None
    for number in range(30):
        world.join(f"c{number}", f"v{number}")
    world.join("d", "v0", stream_id=other)
    world.count()

    AudienceErasure(world.presence).erase_stream(STREAM_ID)
    assert AudienceErasure(world.presence).erase_viewer("v0", world.clock()) == 1

    assert list(ViewerItem.scan()) == []
    assert list(AudienceItem.query(STREAM_ID)) == []
    assert list(AudienceMarkerItem.query(STREAM_ID)) == []
    assert AudienceReader().totals(other).total_views == 1


def test_person_who_returns_after_an_erasure_is_somebody_new() -> None:
    world = World()
    world.join("c1", "ada")
    world.count()
    world.clock.advance(10)
    AudienceErasure(world.presence).erase_viewer("ada", world.clock())
    world.clock.advance(60)
    world.join("c2", "ada")
    world.count()

    totals = AudienceReader().totals(STREAM_ID)
    assert (totals.total_views, totals.unique_viewers) == (2, 2)


def test_audit_finds_nothing_until_somebody_tampers() -> None:
    world = World()
    for number in range(20):
        world.join(f"c{number}", f"v{number % 13}")
        world.clock.advance(11)
    for number in range(5):
        world.leave(f"c{number}", f"v{number}")
    world.count()

    audit = Auditor().audit(STREAM_ID, None)
    assert (audit.viewers, audit.differences) == (13, ())

    AudienceItem(STREAM_ID, "totals").update(actions=[AudienceItem.total_views.set(99)])
    tampered = Auditor().audit(STREAM_ID, None)
    assert [(d.counter, d.stored, d.rebuilt) for d in tampered.differences] == [
        ("total_views", 99, 13)
    ]
