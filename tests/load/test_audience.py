"""Two thousand viewers join and leave on the emulator's tables, counted off its table stream.

Connections open through presence as the chat's function opens them; the stream's records are
gathered as long as Lambda gathers them, and each batch goes through the worker as it is deployed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient

from ayinel_live.audience.analytics import AnalyticsReader
from ayinel_live.audience.audit import Auditor, rebuild
from ayinel_live.audience.counter import GATHERING_SECONDS, AudienceCounter
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.counting_store import CountingStore
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.service import AudienceReader
from ayinel_live.audience.store import ViewerItem
from ayinel_live.audience.viewer import View
from ayinel_live.runtime.clock import from_milliseconds, utc_now
from functions.audience_worker.worker import AudienceWorker
from tests.integration.emulator.running import running
from tests.support.audience_tables import audience_tables
from tests.support.presence import STREAM_ID, join_request

VIEWERS = 2_000
SECONDS = 120.0
CLIENTS = 6
HOUR = 1_767_322_800_000
MAX_TOTALS_WRITES_PER_1000_JOINS = 20


class CountedStore(CountingStore):
    """Counts the writes of totals that went through."""

    totals_writes = 0

    def write(self, *args: Any) -> None:
        super().write(*args)
        self.totals_writes += args[2] is not None


class StreamReader(threading.Thread):
    """Polls a table's stream and hands batches on, like an event source mapping."""

    def __init__(self, table: str, worker: AudienceWorker) -> None:
        super().__init__(daemon=True)
        self._client = boto3.client("dynamodbstreams")
        dynamodb = boto3.client("dynamodb")
        self._arn = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        self._worker = worker
        self.records = 0
        self.batches = 0
        self.faults: list[Any] = []
        self.is_done = threading.Event()

    def run(self) -> None:
        shard = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"][0]
        iterator = self._client.get_shard_iterator(
            StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            finished = self.is_done.is_set()
            answer = self._client.get_records(ShardIterator=iterator, Limit=1000)
            iterator = answer["NextShardIterator"]
            if answer["Records"]:
                self.batches += 1
                self.records += len(answer["Records"])
                outcome = self._worker.work(answer["Records"])
                self.faults += [*outcome.set_aside, *outcome.failed_streams.items()]
            elif finished:
                return
            time.sleep(GATHERING_SECONDS)


def viewers_table() -> str:
    name: str = getattr(ViewerItem.Meta, "table_name")  # noqa: B009  bound at run time
    return name


@pytest.fixture
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with running(tmp_path_factory.mktemp("load")) as cloud, audience_tables(cloud.url):
        yield


def in_time(numbers: range, action: Any, seconds: float) -> None:
    """Do something for each number, spread evenly over a time, as fast as the machine allows."""
    began = time.monotonic()

    def at_its_time(number: int) -> None:
        due = began + seconds * (number - numbers.start) / len(numbers)
        time.sleep(max(0.0, due - time.monotonic()))
        action(number)

    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(at_its_time, numbers))


@pytest.mark.slow
def test_two_thousand_viewers_are_counted_exactly_with_few_writes(tables: None) -> None:
    store = CountedStore()
    worker = AudienceWorker(AudienceCounter(store), lambda stream_id: None)
    reader = StreamReader(viewers_table(), worker)
    reader.start()
    presence = Presence()

    def join(number: int) -> None:
        country = ("DE", "FR", "US")[number % 3]
        presence.join(join_request(f"c{number}", f"v{number}", utc_now(), country=country))

    def leave(number: int) -> None:
        presence.leave(f"c{number}", utc_now(), "disconnected")

    began = time.monotonic()
    in_time(range(VIEWERS), join, SECONDS / 2)
    joined = time.monotonic() - began
    writes_of_joins, records_of_joins = store.totals_writes, reader.records
    in_time(range(VIEWERS), leave, SECONDS / 2)
    reader.is_done.set()
    reader.join(timeout=120)
    took = time.monotonic() - began

    totals = AudienceReader().totals(STREAM_ID)
    per_1000 = 1000 * writes_of_joins / max(1, records_of_joins)
    print(
        f"\n{VIEWERS} joins in {joined:.0f} s, as many leaves, all counted after {took:.0f} s"
        f"; {reader.batches} batches; writes of totals per 1,000 joins: {per_1000:.1f}"
    )
    assert not reader.is_alive()
    assert reader.faults == []
    assert reader.records == 2 * VIEWERS
    assert per_1000 <= MAX_TOTALS_WRITES_PER_1000_JOINS
    assert totals.viewer_count == totals.open_views == 0
    assert totals.total_views == totals.unique_viewers == VIEWERS
    assert totals.countries == {"DE": 667, "FR": 667, "US": 666}
    assert Auditor().audit(STREAM_ID, None).differences == ()


@pytest.mark.slow
def test_cost_of_a_call_does_not_grow_with_the_audience(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a status, the six figures and the series ask of the tables, at three sizes."""
    costs = {views: cost_of_calls(views, monkeypatch) for views in (10, 1_000, 100_000)}

    print()
    for views, cost in costs.items():
        print(f"{views:>7} views: {cost}")
    requests = [{name: spent[0] for name, spent in cost.items()} for cost in costs.values()]
    assert requests == [{"status": 1, "analytics": 1, "series": 1}] * 3
    few, many = costs[1_000], costs[100_000]
    # The same minutes, with longer numbers in them and at most sixty seconds each.
    assert all(many[name][1] <= 1.5 * few[name][1] for name in few)


def cost_of_calls(views: int, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int]]:
    """Requests and bytes of each call, for an hour in which so many people came and went."""
    with audience_tables(None):
        fill_an_hour(views)
        answers: list[int] = []
        make_call: Any = BaseClient._make_api_call

        def counted(client: Any, operation: str, arguments: Any) -> Any:
            answer = make_call(client, operation, arguments)
            answers.append(len(repr(answer.get("Item") or answer.get("Items"))))
            return answer

        AudienceReader().totals(STREAM_ID)
        monkeypatch.setattr(BaseClient, "_make_api_call", counted)
        end = from_milliseconds(HOUR + 3_600_000)
        calls: dict[str, Callable[[], object]] = {
            "status": lambda: AudienceReader().totals(STREAM_ID),
            "analytics": lambda: AnalyticsReader().analytics(STREAM_ID, end),
            "series": lambda: AnalyticsReader().series(STREAM_ID, end),
        }
        costs = {}
        for name, call in calls.items():
            answers.clear()
            call()
            costs[name] = (len(answers), sum(answers))
        monkeypatch.setattr(BaseClient, "_make_api_call", make_call)
        return costs


def fill_an_hour(views: int) -> None:
    """Write the counters of people who came all through an hour and stayed ten minutes."""
    step = 3_000_000 / views
    states = (
        Counted(f"viewer#{n}", 2, (View(HOUR + int(n * step), HOUR + int(n * step) + 600_000),))
        for n in range(views)
    )
    totals, minutes = rebuild(states)
    store = CountingStore()
    numbers = sorted(minutes)
    for start in range(0, len(numbers), 50):
        part = {number: minutes[number] for number in numbers[start : start + 50]}
        store.write(STREAM_ID, store.ledger(STREAM_ID), totals, part, [], 0)
