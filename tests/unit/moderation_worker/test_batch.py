from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.chat.model import PendingMessage
from ayinel_live.moderation.model import Decision, ModerationMode, Verdict
from ayinel_live.runtime.errors import UpstreamError
from functions.moderation_worker.batch import DELIVERIES_OF_UNKNOWN_FAULTS, Batch, Record
from functions.moderation_worker.queues import BACKOFF_SECONDS_MAX, backoff_seconds
from tests.support.chat import moderate, pending
from tests.support.telemetry import Tally

LOGGER = Logger(service="test", level="CRITICAL")


class FakeScreener:
    """Remembers what was done, and fails where told to."""

    def __init__(self) -> None:
        self.done: list[tuple[str, str, Decision | None]] = []
        self.calls = 0
        self.faults: dict[str, Exception] = {}
        self.judging: Callable[[Sequence[PendingMessage]], None] = lambda messages: None

    def judge(self, pending: Sequence[PendingMessage]) -> Sequence[Verdict]:
        self.calls += 1
        self.judging(pending)
        return [moderate([_to_moderate(one)])[0] for one in pending]

    def show_unjudged(self, pending: PendingMessage) -> None:
        self._do("shown", pending, None)

    def settle(self, pending: PendingMessage, verdict: Verdict) -> None:
        self._do("settled", pending, verdict.decision)

    def settle_unjudged(self, pending: PendingMessage, verdict: Verdict) -> None:
        self._do("judged", pending, verdict.decision)

    def _do(self, what: str, pending: PendingMessage, decision: Decision | None) -> None:
        if pending.message in self.faults:
            raise self.faults[pending.message]
        self.done.append((what, pending.message, decision))


class FakeLane:
    def __init__(self) -> None:
        self.aside: list[tuple[str, str]] = []
        self.soon: list[str] = []
        self.fault: Exception | None = None

    def set_aside(self, record: Record, reason: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.aside.append((record["messageId"], reason))

    def retry_soon(self, records: Sequence[Record]) -> None:
        self.soon += [record["messageId"] for record in records]


def _to_moderate(one: PendingMessage) -> Any:
    from ayinel_live.moderation.model import MessageToModerate

    return MessageToModerate(text=one.message)


def record(
    text: str,
    group: str = "g",
    deliveries: int = 1,
    mode: ModerationMode = ModerationMode.PRE,
    body: str | None = None,
) -> Record:
    return {
        "messageId": f"id-{text}",
        "receiptHandle": "handle",
        "body": pending(text, mode=mode).model_dump_json(by_alias=True) if body is None else body,
        "attributes": {"MessageGroupId": group, "ApproximateReceiveCount": str(deliveries)},
    }


class Worker:
    def __init__(self) -> None:
        self.screener = FakeScreener()
        self.lane = FakeLane()
        self.tally = Tally()

    def work(self, *records: Record) -> list[str]:
        return Batch(self.screener, self.lane, LOGGER, self.tally).work(records)

    @property
    def texts(self) -> list[str]:
        return [text for _, text, _ in self.screener.done]


@pytest.fixture
def worker() -> Worker:
    return Worker()


def test_a_batch_is_one_call_to_the_classifier(worker: Worker) -> None:
    failed = worker.work(*(record(str(number), f"g{number % 3}") for number in range(10)))

    assert failed == []
    assert worker.screener.calls == 1
    assert len(worker.screener.done) == 10


def test_a_channel_that_shows_first_shows_before_it_judges(worker: Worker) -> None:
    worker.work(record("fine", mode=ModerationMode.POST), record("held", mode=ModerationMode.POST))

    assert worker.screener.done == [
        ("shown", "fine", None),
        ("shown", "held", None),
        ("judged", "fine", Decision.ALLOW),
        ("judged", "held", Decision.HOLD),
    ]


def test_everything_behind_a_fault_comes_again_with_it_in_its_group_alone(worker: Worker) -> None:
    worker.screener.faults["b"] = UpstreamError("throttled")

    failed = worker.work(record("a"), record("b"), record("other", "g2"), record("c"), record("d"))

    assert failed == ["id-b", "id-c", "id-d"] == worker.lane.soon
    assert worker.texts == ["a", "other"]


def test_what_cannot_be_read_is_set_aside_and_blocks_nobody(worker: Worker) -> None:
    failed = worker.work(record("a"), record("bad", body="{not json"), record("c"))

    assert failed == []
    assert worker.texts == ["a", "c"]
    assert worker.lane.aside == [("id-bad", "unreadable: body")]


def test_the_reason_names_places_and_not_what_was_written(worker: Worker) -> None:
    body = pending("secret words").model_dump_json(by_alias=True).replace("secret words", "\\u0000")

    worker.work(record("bad", body=body))

    ((_, reason),) = worker.lane.aside
    assert reason == "unreadable: message"


def test_poison_that_cannot_be_set_aside_comes_again(worker: Worker) -> None:
    worker.lane.fault = UpstreamError("down")

    assert worker.work(record("bad", body="{}"), record("behind")) == ["id-bad", "id-behind"]


def test_a_fault_of_ours_is_tried_and_then_set_aside(worker: Worker) -> None:
    worker.screener.faults["b"] = KeyError("bug")

    assert worker.work(record("b"), record("c")) == ["id-b", "id-c"]
    last = DELIVERIES_OF_UNKNOWN_FAULTS
    assert worker.work(record("b", deliveries=last), record("c", deliveries=last)) == []
    assert worker.lane.aside == [("id-b", "failed: KeyError")]
    assert worker.texts == ["c"]


def test_an_outage_is_never_taken_for_poison(worker: Worker) -> None:
    worker.screener.faults["a"] = UpstreamError("down")

    assert worker.work(record("a", deliveries=50)) == ["id-a"]
    assert worker.lane.aside == []


def test_a_text_that_upsets_the_classifier_delays_only_its_own_lane(worker: Worker) -> None:
    def judging(messages: Sequence[PendingMessage]) -> None:
        if any(one.message == "upsetting" for one in messages):
            raise ValueError

    worker.screener.judging = judging

    failed = worker.work(record("a"), record("upsetting"), record("c"), record("d", "g2"))

    assert failed == ["id-upsetting", "id-c"]
    assert worker.texts == ["a", "d"]


def test_what_no_classifier_judges_waits_for_a_moderator(worker: Worker) -> None:
    def judging(messages: Sequence[PendingMessage]) -> None:
        raise TimeoutError

    worker.screener.judging = judging

    assert worker.work(record("a")) == ["id-a"]
    assert worker.work(record("a", deliveries=3)) == []
    assert worker.screener.done == [("settled", "a", Decision.HOLD)]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.sampled_from(["ok", "down", "bug", "poison"])),
        max_size=10,
    )
)
def test_nothing_is_lost_and_no_group_is_out_of_order(plan: list[tuple[int, str]]) -> None:
    worker = Worker()
    records = []
    for number, (group, fate) in enumerate(plan):
        text = f"{number}"
        if fate == "down":
            worker.screener.faults[text] = UpstreamError("down")
        if fate == "bug":
            worker.screener.faults[text] = KeyError("bug")
        body = "poison" if fate == "poison" else None
        records.append(record(text, f"g{group}", body=body))

    failed = set(worker.work(*records))

    aside = {message_id for message_id, _ in worker.lane.aside}
    done = {f"id-{text}" for text in worker.texts}
    assert failed | aside | done == {one["messageId"] for one in records}
    assert not failed & done
    for group in range(3):
        lane = [r["messageId"] for r in records if r["attributes"]["MessageGroupId"] == f"g{group}"]
        worked = [message_id for message_id in lane if message_id not in aside]
        first = next((n for n, one in enumerate(worked) if one in failed), len(worked))
        assert all(one in failed for one in worked[first:])
        assert [one for one in worker_order(worker) if one in lane] == worked[:first]


def worker_order(worker: Worker) -> list[str]:
    return [f"id-{text}" for text in worker.texts]


def test_the_pauses_grow_and_end() -> None:
    pauses = [backoff_seconds(deliveries) for deliveries in range(1, 40)]

    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert pauses[-1] == BACKOFF_SECONDS_MAX
