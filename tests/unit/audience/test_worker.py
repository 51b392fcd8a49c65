"""Batches of stream records: read, counted once, and held up by nobody's bad data."""

from __future__ import annotations

import random
from copy import deepcopy
from dataclasses import replace

import pytest

from ayinel_live.audience.analytics import AnalyticsReader
from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.service import AudienceReader
from ayinel_live.runtime.clock import to_milliseconds, to_rfc3339
from ayinel_live.runtime.errors import UpstreamError
from functions.audience_worker.worker import AudienceWorker
from tests.support.audience import World, message_record, table_size
from tests.support.presence import STREAM_ID

pytestmark = pytest.mark.usefixtures("tables")


def test_people_who_come_and_go_are_counted() -> None:
    world = World()
    world.join("c1", "ada", country="DE")
    world.join("c2", "bob", country="FR", device_class="mobile", referrer_host="blog.example")
    world.clock.advance(120)
    world.leave("c1", "ada")

    assert world.count().counted == 2

    totals = AudienceReader().totals(STREAM_ID)
    assert (totals.viewer_count, totals.peak_viewers, totals.total_views) == (1, 2, 2)
    assert totals.countries == {"DE": 1, "FR": 1}
    assert totals.devices == {"desktop": 1, "mobile": 1}
    assert totals.referrers == {"direct": 1, "blog.example": 1}
    assert totals.watch_milliseconds(to_milliseconds(world.clock())) == 240_000


def test_records_again_in_pieces_and_out_of_order_change_nothing() -> None:
    world = World()
    for number in range(6):
        world.join(f"c{number}", f"v{number % 4}")
        world.clock.advance(7)
    world.leave("c0", "v0")
    world.count()
    counted = AudienceReader().totals(STREAM_ID)

    order = random.Random(7)
    for _ in range(10):
        piece = order.choices(world.records, k=5)
        assert world.worker.work(piece).counted == 0

    assert AudienceReader().totals(STREAM_ID) == counted


def test_owners_preview_is_there_but_no_audience() -> None:
    world = World()
    world.join("c1", "owner-1", role="owner", is_counted=False)

    world.count()

    assert AudienceReader().totals(STREAM_ID).viewer_count == 0
    assert table_size("AudienceMarkers") == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda record: record.pop("dynamodb"),
        lambda record: record["dynamodb"].pop("NewImage"),
        lambda record: record["dynamodb"]["NewImage"].pop("streamId"),
        lambda record: record["dynamodb"]["NewImage"].update(version={"S": "x"}),
        lambda record: record["dynamodb"]["NewImage"].update(views={"L": [{"M": {}}]}),
        lambda record: record["dynamodb"]["NewImage"].update(
            views={"L": [{"M": {"s": {"N": "9" * 30}}}]}
        ),
        lambda record: record["dynamodb"].update(Keys={"other": {"S": "x"}}),
    ],
)
def test_poison_is_set_aside_and_the_rest_counted(damage: object) -> None:
    world = World()
    world.join("c1", "ada")
    world.join("c2", "bob")
    poison = deepcopy(world.records[0])
    damage(poison)  # type: ignore[operator]  # one of the lambdas above

    outcome = world.worker.work([poison, world.records[1]])

    assert [record for record, _ in outcome.set_aside] == [poison]
    assert outcome.failed_streams == {}
    assert AudienceReader().totals(STREAM_ID).viewer_count == 1


def test_stream_that_cannot_be_read_holds_up_nobody_elses() -> None:
    world = World()
    other = "01KE0000000000000000000002"
    world.join("c1", "ada")
    world.join("c2", "bob", stream_id=other)

    def stream_end(stream_id: str) -> None:
        if stream_id == STREAM_ID:
            raise ValueError("the item is not one of a stream")

    world.worker = AudienceWorker(AudienceCounter(clock=world.clock), stream_end)
    outcome = world.count()

    assert outcome.set_aside == [(world.records[0], "ValueError")]
    assert outcome.failed_streams == {}
    assert AudienceReader().totals(other).viewer_count == 1


def test_erased_stream_is_not_counted_back_into_being() -> None:
    world = World()
    world.join("c1", "ada", stream_id="01KE0000000000000000000009")

    assert world.count().counted == 0
    assert table_size("Audience") == 0


def test_one_busy_stream_fails_and_the_others_are_counted() -> None:
    world = World()
    other = "01KE0000000000000000000002"
    world.ends[other] = None
    world.join("c1", "ada")
    world.join("c2", "bob", stream_id=other)

    class BusyCounter(AudienceCounter):
        def count(self, stream_id: str, subjects: object) -> int:
            if stream_id == STREAM_ID:
                raise UpstreamError("busy")
            return super().count(stream_id, subjects)  # type: ignore[arg-type]  # as it came

    world.worker._counter = BusyCounter(clock=world.clock)
    outcome = world.count()

    assert set(outcome.failed_streams) == {STREAM_ID}
    assert AudienceReader().totals(other).viewer_count == 1


def test_messages_and_chatters_are_counted_and_moderation_takes_effect_late() -> None:
    world = World()
    now = to_rfc3339(world.clock())
    first = message_record("01KE00000000000000000000A1", "ada", now)
    held = message_record("01KE00000000000000000000A2", "ada", now, status="held")
    third = message_record("01KE00000000000000000000A3", "bob", now)
    removed = message_record("01KE00000000000000000000A3", "bob", now, status="removed", version=2)

    world.worker.work([first, held, removed])
    world.worker.work([third, first])

    totals = AudienceReader().totals(STREAM_ID)
    assert (totals.messages, totals.moderated_messages, totals.chatters) == (3, 2, 2)


def test_end_of_the_stream_stops_the_clock_for_those_who_stay() -> None:
    world = World()
    world.join("c1", "ada")
    world.clock.advance(60)
    end = world.clock()
    world.ends[STREAM_ID] = to_milliseconds(end)
    world.clock.advance(600)
    world.join("late", "bob")
    world.count()

    reader = AnalyticsReader(clock=world.clock)
    found = reader.analytics(STREAM_ID, end)
    assert (found.watch_seconds, found.totals.total_views) == (60, 1)
    assert found.totals.viewer_count == 2
    assert found.totals.peak_viewers == 1

    world.leave("c1", "ada")
    world.count()
    assert reader.analytics(STREAM_ID, end).watch_seconds == 60


def test_series_sum_to_the_totals_live_and_after() -> None:
    world = World()
    for number in range(5):
        world.join(f"c{number}", f"v{number}")
        world.clock.advance(25)
    world.leave("c0", "v0")
    world.count()
    reader = AnalyticsReader(clock=world.clock)

    live = reader.series(STREAM_ID, None)
    world.ends[STREAM_ID] = to_milliseconds(world.clock())
    end = world.clock()
    world.clock.advance(300)
    world.count()
    after = reader.series(STREAM_ID, end)

    totals = reader.analytics(STREAM_ID, end)
    assert sum(point.joins for point in live) == totals.totals.total_views == 5
    assert sum(point.watched_milliseconds for point in live) == totals.watch_seconds * 1000
    assert max(point.viewers_max for point in live) == totals.totals.peak_viewers == 5
    assert [replace(point, leaves=0) for point in live] == [
        replace(point, leaves=0) for point in after
    ]
    assert sum(point.leaves for point in after) == 5
