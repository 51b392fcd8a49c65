"""Ghosts are gone within three minutes, and nobody else is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from ayinel_live.audience.presence import Presence
from ayinel_live.audience.presence_store import OpenConnection, PresenceStore
from ayinel_live.audience.store import ViewerItem
from ayinel_live.audience.sweep import SILENCE_SECONDS, Checkpoint, Sweep
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.errors import BusyError
from tests.support.audience import World
from tests.support.presence import STREAM_ID

pytestmark = pytest.mark.usefixtures("tables")


def test_ghost_is_gone_within_three_minutes_whenever_it_vanishes() -> None:
    for offset in range(0, 60, 7):
        world = World()
        world.clock.now += timedelta(hours=1, seconds=offset)
        ghost = f"ghost-{offset}"
        world.join(ghost, f"ada-{offset}")
        vanished = world.clock()
        sweep = Sweep(world.presence)
        sweep_at = vanished.replace(second=30)
        while PresenceStore().connection(ghost) is not None:
            sweep_at += timedelta(minutes=1)
            sweep.run(sweep_at)
        assert sweep_at - vanished <= timedelta(minutes=3)


def test_living_connection_is_left_alone_and_a_ghosts_view_ends_at_its_last_sign_of_life() -> None:
    world = World()
    world.join("alive", "ada")
    world.join("ghost", "bob")
    began = world.clock()
    for _ in range(4):
        world.presence.heartbeat("alive", world.clock.advance(45))

    swept = Sweep(world.presence).run(world.clock())

    assert swept.closed == 1
    viewer = PresenceStore().viewer(STREAM_ID, "bob")
    assert viewer is not None
    assert viewer.views[0].ended_at == int(began.timestamp() * 1000)
    assert PresenceStore().connection("alive") is not None


def test_ghosts_of_an_outage_are_swept_when_the_sweeper_is_back() -> None:
    world = World()
    sweep = Sweep(world.presence)
    sweep.run(world.clock())
    world.join("ghost", "ada")

    swept = sweep.run(world.clock.advance(100 * 60))

    assert swept.closed == 1


def test_failure_holds_the_checkpoint_back_and_the_next_sweep_tries_again() -> None:
    world = World()
    world.join("bad", "ada")
    world.join("good", "bob")

    class FailingPresence(Presence):
        def leave(self, connection_id: str, *args: object, **kwargs: object) -> bool:
            if connection_id == "bad":
                raise BusyError("busy")
            return super().leave(connection_id, *args, **kwargs)  # type: ignore[arg-type]

    # Further back than a sweep looks anyway: only the checkpoint leads to it.
    world.clock.advance(8 * 60)
    before = Checkpoint().read()
    swept = Sweep(FailingPresence()).run(world.clock())
    assert (swept.closed, swept.failed) == (1, 1)
    first = Checkpoint().read()
    assert before is None

    assert Sweep(world.presence).run(world.clock.advance(3600)).closed == 1
    after = Checkpoint().read()
    assert first is not None
    assert after is not None
    assert after > first


def test_ghost_that_the_index_did_not_know_yet_is_swept_by_the_next_sweep() -> None:
    world = World()
    world.join("ghost", "ada")

    class LateIndex(PresenceStore):
        is_late = True

        def last_seen_in(self, minute: int) -> Iterator[OpenConnection]:
            return iter(()) if self.is_late else super().last_seen_in(minute)

    index = LateIndex()
    sweep = Sweep(world.presence, index)
    assert sweep.run(world.clock.advance(SILENCE_SECONDS + 60)).closed == 0
    index.is_late = False
    assert sweep.run(world.clock.advance(60)).closed == 1


def test_nothing_waits_for_expiry() -> None:
    """The items' time to live lies far beyond the time in which ghosts have to be gone."""
    world = World()
    world.join("c1", "ada")

    connection = ConnectionItem.get("c1")
    viewer = next(iter(ViewerItem.scan()))

    three_minutes_on = int(world.clock().timestamp()) + 180
    assert connection.expires_at > three_minutes_on
    assert viewer.expires_at is not None
    assert viewer.expires_at > three_minutes_on
