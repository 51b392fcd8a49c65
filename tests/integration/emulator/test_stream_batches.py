"""How a stream is cut into batches, and what becomes of them when the handler fails."""

import json
import time
from typing import Any

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, Function, eventually

PARTIAL: dict[str, Any] = {"FunctionResponseTypes": ["ReportBatchItemFailures"]}


def feed(cloud: Cloud, *ids: str, bad: str, raises: str = "", **mapping: Any) -> Function:
    """Put items before the mapping exists, so that they make one batch."""
    function = cloud.function("take_records", environment={"BAD": bad, "RAISES": raises})
    table = cloud.table()
    cloud.put(table, *ids)
    cloud.map_stream(table, function, **mapping)
    return function


def failures(cloud: Cloud, **mapping: Any) -> tuple[str, dict[str, Any]]:
    url, arn = cloud.queue()
    return url, {**mapping, "DestinationConfig": {"OnFailure": {"Destination": arn}}}


def received(cloud: Cloud, url: str) -> list[dict[str, Any]]:
    answer = cloud.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=5)
    return [json.loads(message["Body"]) for message in answer.get("Messages", [])]


def test_partial_failure_takes_up_again_at_the_failed_record(mended: Cloud) -> None:
    function = feed(mended, "a", "b", "c", bad="b", **PARTIAL)
    assert function.notes_once(3)[:3] == [["a", "b", "c"], ["b", "c"], ["b", "c"]]


def test_poison_is_split_off_and_given_up(mended: Cloud) -> None:
    url, options = failures(mended, **PARTIAL, BisectBatchOnFunctionError=True)
    function = feed(mended, "a", "b", "c", "d", bad="b", **options, MaximumRetryAttempts=1)
    (record,) = received(mended, url)
    assert record["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert record["DDBStreamBatchInfo"]["batchSize"] == 1
    eventually(lambda: ["c", "d"] in function.notes() or ["d"] in function.notes())
    taken = [id_ for batch in function.notes() for id_ in batch]
    assert taken[-1] == "d"
    assert function.notes().count(["b"]) == 2


def test_handler_that_raises_is_retried_as_often_as_allowed(mended: Cloud) -> None:
    url, options = failures(mended, MaximumRetryAttempts=2)
    function = feed(mended, "a", "b", bad="a", raises="yes", **options)
    (record,) = received(mended, url)
    assert record["DDBStreamBatchInfo"]["batchSize"] == 2
    assert function.notes() == [["a", "b"]] * 3


def test_halves_of_a_raising_batch_are_handed_out_in_order(mended: Cloud) -> None:
    function = feed(
        mended,
        *("a", "b", "c", "d"),
        bad="d",
        raises="yes",
        BisectBatchOnFunctionError=True,
        MaximumRetryAttempts=0,
    )
    expected = [["a", "b", "c", "d"], ["a", "b"], ["c", "d"], ["c"], ["d"]]
    assert function.notes_once(len(expected)) == expected


def test_stream_goes_on_after_poison(mended: Cloud) -> None:
    function = mended.function("take_records", environment={"BAD": "bad", "RAISES": "yes"})
    table = mended.table()
    mended.map_stream(table, function, MaximumRetryAttempts=0)
    mended.put(table, "bad")
    function.notes_once(1)
    mended.put(table, "good")
    assert eventually(lambda: ["good"] in function.notes())


def batches_of_slow_writes(cloud: Cloud, **mapping: Any) -> list[list[str]]:
    function, table = cloud.function("take_records"), cloud.table()
    cloud.map_stream(table, function, **mapping)
    for id_ in "abc":
        cloud.put(table, id_)
        time.sleep(0.15)
    eventually(lambda: sum(map(len, function.notes())) == 3)
    batches: list[list[str]] = function.notes()
    return batches


def test_batching_window_gathers_records(mended: Cloud) -> None:
    assert batches_of_slow_writes(mended, MaximumBatchingWindowInSeconds=1) == [["a", "b", "c"]]


def test_records_come_at_once_without_a_window(mended: Cloud) -> None:
    assert batches_of_slow_writes(mended) == [["a"], ["b"], ["c"]]


def test_full_batch_does_not_wait_for_the_window(mended: Cloud) -> None:
    options = {"MaximumBatchingWindowInSeconds": 20, "BatchSize": 3}
    assert batches_of_slow_writes(mended, **options) == [["a", "b", "c"]]


def test_upstream_opens_no_window(without: Without) -> None:
    with without("stream_batches") as cloud:
        assert batches_of_slow_writes(cloud, MaximumBatchingWindowInSeconds=1)[0] == ["a"]


def test_upstream_skips_what_a_partial_answer_names(without: Without) -> None:
    with without("stream_batches") as cloud:
        function = feed(cloud, "a", "b", "c", bad="b", **PARTIAL)
        assert function.notes_once(2, within_seconds=1.5) == [["a", "b", "c"]]


def test_upstream_blocks_a_stream_for_ever(without: Without) -> None:
    with without("stream_batches") as cloud:
        function = feed(cloud, "a", bad="a", raises="yes", MaximumRetryAttempts=0)
        assert len(function.notes_once(2, within_seconds=3)) >= 2
