"""Whatever happens and however it is delivered, the counters equal a count by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from ayinel_live.audience.book import MAX_REFERRERS, OTHER, Totals, peak_of, seconds_of
from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.counting_store import CountingStore
from ayinel_live.audience.keys import viewer_subject
from ayinel_live.audience.presence_store import StaleWriteError
from ayinel_live.audience.viewer import MAX_VIEWS, View, Viewer, arrive, depart
from ayinel_live.runtime.errors import UpstreamError
from tests.support.audience_model import AudienceModel
from tests.support.clock import FixedClock
from tests.support.counting_memory import MemoryCountingStore

STREAM = "01KE0000000000000000000000"
START = 1_767_323_045_000
PEOPLE = ("ada", "bob", "cyd", "dan")
COUNTRIES = {"ada": "DE", "bob": "FR", "cyd": "DE", "dan": ""}


@dataclass(frozen=True)
class Happening:
    """A connection opens, closes, or is lost and swept minutes later."""

    kind: str
    person: int
    tab: int
    wait: int
    found_after: int = 120_000


happenings = st.lists(
    st.builds(
        Happening,
        kind=st.sampled_from(("open", "close", "lose")),
        person=st.integers(0, len(PEOPLE) - 1),
        tab=st.integers(0, 2),
        wait=st.one_of(st.integers(0, 2500), st.integers(0, 90_000)),
        found_after=st.sampled_from((1_500, 4_000, 120_000)),
    ),
    max_size=40,
)


@dataclass
class Story:
    """What happened: the model, each viewer's states in order, and when it is now."""

    model: AudienceModel
    states: list[Counted]
    now: int


def tell(events: list[Happening]) -> Story:
    """Play the events on the model and through the viewers' states alike."""
    model, viewers, states = AudienceModel(), {}, []
    lost: list[tuple[int, str, str, int]] = []
    now = START

    def record(viewer: Viewer) -> None:
        viewers[viewer.viewer_id] = viewer
        subject = viewer_subject(viewer.viewer_id, viewer.first_seen_at)
        states.append(Counted(subject, viewer.version, viewer.views))

    def close(person: str, connection: str, at: int) -> None:
        if connection in viewers[person].connection_ids:
            model.leave(connection, at)
            record(depart(viewers[person], connection, at))

    number = 0
    for event in events:
        now += event.wait
        for due, person, connection, seen in [entry for entry in lost if entry[0] <= now]:
            lost.remove((due, person, connection, seen))
            close(person, connection, seen)
        person = PEOPLE[event.person]
        viewer = viewers.get(person, Viewer(STREAM, person, now, now))
        mine = sorted(viewer.connection_ids)
        if event.kind == "open" and len(mine) < 5:
            number += 1
            connection = f"{person}-{number}"
            model.join(connection, person, now, COUNTRIES[person] or "ZZ")
            view = View(now, None, COUNTRIES[person])
            record(arrive(viewer, connection, view, is_counted=True))
        elif event.kind == "close" and mine:
            close(person, mine[event.tab % len(mine)], now)
        elif event.kind == "lose" and mine:
            lost.append((now + event.found_after, person, mine[event.tab % len(mine)], now))
    return Story(model, states, now)


class LanedStore(MemoryCountingStore):
    """Lets another lane write between a read and its write, as often as it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.interruptions = 0

    def write(self, *args: object, **kwargs: object) -> None:
        if self.interruptions:
            self.interruptions -= 1
            raise StaleWriteError
        super().write(*args, **kwargs)  # type: ignore[arg-type]  # passed through as they came


def check(story: Story, store: CountingStore, end: int | None) -> Totals:
    expected = story.model.counters(story.now, end)
    totals = store.ledger(STREAM).totals
    limit = story.now if end is None else end
    running = totals.open_views * limit - totals.open_since_milliseconds
    assert totals.viewer_count == expected["viewer_count"]
    assert totals.total_views == expected["total_views"]
    assert totals.unique_viewers == expected["unique_viewers"]
    assert totals.closed_milliseconds + running == expected["watch"]
    assert totals.peak == expected["peak"]
    assert totals.peak_second == expected["peak_at"]
    assert {k: n for k, n in totals.countries.items() if n} == expected["countries"]
    minutes = store.minutes_since(STREAM, 0)
    assert sum(minute.joins for minute in minutes.values()) == totals.total_views
    assert totals.open_views == totals.total_views - sum(m.leaves for m in minutes.values())
    assert sum(totals.durations.values()) == totals.total_views - totals.open_views
    assert peak_of(seconds_of(minutes.items()), 0) == (totals.peak, totals.peak_second)
    assert store.ledger(STREAM).high_water >= totals.peak
    return totals


deliveries = st.lists(st.integers(0, 10_000), max_size=60)


@given(happenings, deliveries, st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_counters_equal_a_count_by_hand_in_any_delivery(
    events: list[Happening], repeats: list[int], data: st.DataObject
) -> None:
    story = tell(events)
    delivered = list(story.states)
    delivered += [story.states[i % len(story.states)] for i in repeats if story.states]
    shuffled = data.draw(st.permutations(delivered))
    store = LanedStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)

    while shuffled:
        size = data.draw(st.integers(1, 12))
        store.interruptions = data.draw(st.integers(0, 2))
        counter.count(STREAM, shuffled[:size])
        shuffled = shuffled[size:]

    totals = check(story, store, None)
    counter.count(STREAM, story.states)
    assert store.ledger(STREAM).totals == totals


@given(happenings, st.integers(0, 600_000), st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_end_of_the_stream_cuts_what_was_counted_before_it_was_known(
    events: list[Happening], offset: int, data: st.DataObject
) -> None:
    story = tell(events)
    end = START + offset
    cut = data.draw(st.integers(0, len(story.states)))
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)

    counter.count(STREAM, story.states[:cut])
    counter.count(STREAM, [replace(state, stream_end=end) for state in story.states[cut:]])
    newest = {state.subject: state for state in story.states}
    counter.count(STREAM, [replace(state, stream_end=end) for state in newest.values()])

    story.now = max(story.now, end)
    check(story, store, end)


@pytest.mark.parametrize("batch", [1, 7, 1000])
def test_replay_from_the_start_changes_nothing(batch: int) -> None:
    events = [Happening(("open", "close", "lose")[i % 3], i % 4, i, 7000) for i in range(120)]
    story = tell(events)
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)
    for at in range(0, len(story.states), batch):
        counter.count(STREAM, story.states[at : at + batch])
    totals = check(story, store, None)
    writes = store.totals_writes

    for at in range(0, len(story.states), batch):
        assert counter.count(STREAM, story.states[at : at + batch]) == 0

    assert store.ledger(STREAM).totals == totals
    assert store.totals_writes == writes


def test_peak_sinks_when_a_lost_viewer_turns_out_to_have_gone_before() -> None:
    ada = View(START, None)
    bob = View(START + 10_000, None)
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)
    counter.count(STREAM, [Counted("viewer#ada", 1, (ada,)), Counted("viewer#bob", 1, (bob,))])
    assert store.ledger(STREAM).totals.peak == 2

    counter.count(STREAM, [Counted("viewer#ada", 2, (replace(ada, ended_at=START + 5_000),))])

    totals = store.ledger(STREAM).totals
    assert (totals.peak, totals.peak_second) == (1, START // 1000)
    assert store.ledger(STREAM).high_water == 2


def test_hosts_beyond_the_limit_are_counted_together() -> None:
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)
    views = [
        View(START, None, "DE", "mobile", f"host-{n}.example") for n in range(MAX_REFERRERS + 5)
    ]

    counter.count(STREAM, [Counted(f"viewer#{n}", 1, (view,)) for n, view in enumerate(views)])

    referrers = store.ledger(STREAM).totals.referrers
    assert referrers[OTHER] == 5
    assert sum(referrers.values()) == MAX_REFERRERS + 5


def test_person_with_every_view_in_other_minutes_fits_into_one_transaction() -> None:
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)
    views = tuple(
        View(START + n * 600_000, START + n * 600_000 + 299_999) for n in range(MAX_VIEWS)
    )

    counter.count(STREAM, [Counted(f"viewer#{n}", 9, views) for n in range(3)])

    assert store.ledger(STREAM).totals.total_views == 3 * MAX_VIEWS


def test_counting_gives_up_when_others_never_pause() -> None:
    store = LanedStore()
    store.interruptions = 1000

    with pytest.raises(UpstreamError):
        AudienceCounter(store, FixedClock(), pause=lambda seconds: None).count(
            STREAM, [Counted("viewer#ada", 1, (View(START),))]
        )


def test_message_counts_once_and_once_more_as_moderated() -> None:
    store = MemoryCountingStore()
    counter = AudienceCounter(store, FixedClock(), pause=lambda seconds: None)
    sent = Counted("message#1", 1, at=START)
    removed = replace(sent, version=2, is_moderated=True)

    counter.count(STREAM, [sent, Counted("chatter#ada", 1)])
    counter.count(STREAM, [removed, Counted("chatter#ada", 1)])
    counter.count(STREAM, [sent, Counted("chatter#ada", 1)])

    totals = store.ledger(STREAM).totals
    assert (totals.messages, totals.moderated_messages, totals.chatters) == (1, 1, 1)
    assert store.minutes_since(STREAM, 0)[START // 60_000].moderated_messages == 1
