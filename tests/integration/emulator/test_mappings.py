"""Queues and streams that feed functions."""

from itertools import pairwise
from typing import Any

import pytest

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, Function, eventually

SLOW = {"environment": {"SECONDS": "2"}}


def began_while_slow_ran(cloud: Cloud) -> bool:
    """Feed a slow and a quick function from two tables; say whether the quick one had to wait."""
    slow, quick = cloud.function("slow", **SLOW), cloud.function("take_records")
    slow.invoke()
    quick.invoke({"Records": []})
    first, second = cloud.table(), cloud.table()
    cloud.map_stream(first, slow)
    cloud.map_stream(second, quick)
    before = len(slow.notes())
    cloud.put(first, "a")
    assert slow.notes_once(before + 1)[-1].keys() == {"began"}
    cloud.put(second, "b")
    quick.notes_once(2, within_seconds=1.0)
    return ["b"] in quick.notes()


def test_slow_handler_delays_no_other_mapping(mended: Cloud) -> None:
    assert began_while_slow_ran(mended)


def test_upstream_lets_one_slow_handler_delay_every_mapping(without: Without) -> None:
    with without("mapping_threads") as cloud:
        assert not began_while_slow_ran(cloud)


def test_stream_keeps_the_order_of_its_records(mended: Cloud) -> None:
    function, table = mended.function("take_records"), mended.table()
    mended.map_stream(table, function, BatchSize=3)
    ids = [str(number) for number in range(20)]
    mended.put(table, *ids)
    eventually(lambda: sum(map(len, function.notes())) >= len(ids))
    assert [id_ for batch in function.notes() for id_ in batch] == ids
    assert max(map(len, function.notes())) <= 3


def test_filter_hides_records(mended: Cloud) -> None:
    function, table = mended.function("take_records"), mended.table()
    pattern = '{"dynamodb": {"Keys": {"id": {"S": ["wanted"]}}}}'
    mended.map_stream(table, function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    mended.put(table, "other", "wanted", "another")
    assert function.notes_once(1) == [["wanted"]]


def test_record_holds_the_image_of_its_own_change(mended: Cloud) -> None:
    function, table = mended.function("keep_records"), mended.table()
    for step in ("1", "2", "3"):
        mended.client("dynamodb").update_item(
            TableName=table,
            Key={"id": {"S": "a"}},
            UpdateExpression="SET step = :step",
            ExpressionAttributeValues={":step": {"N": step}},
        )
    mended.map_stream(table, function)
    images = [note["dynamodb"]["NewImage"]["step"]["N"] for note in function.notes_once(3)]
    assert images == ["1", "2", "3"]


def test_deleted_mapping_feeds_no_more(mended: Cloud) -> None:
    function, table = mended.function("take_records"), mended.table()
    mapping = mended.map_stream(table, function)
    mended.put(table, "first")
    function.notes_once(1)
    mended.client("lambda").delete_event_source_mapping(UUID=mapping)
    mended.put(table, "second")
    assert function.notes_once(2, within_seconds=0.7) == [["first"]]


def feed_fifo(cloud: Cloud, groups: str) -> list[dict[str, Any]]:
    """Send one message to each group, a letter each; return what the function noted."""
    function = cloud.function("take_groups")
    url, arn = cloud.queue(fifo=True, VisibilityTimeout="60")
    for number, group in enumerate(groups):
        cloud.client("sqs").send_message(
            QueueUrl=url, MessageBody=str(number), MessageGroupId=group
        )
    # The first batch must not take them all, or there is nothing to do at the same time.
    map_queue(cloud, arn, function, BatchSize=1, ScalingConfig={"MaximumConcurrency": 4})
    return function.notes_once(2 * len(groups))


def map_queue(cloud: Cloud, arn: str, function: Function, **options: Any) -> None:
    cloud.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function.name, **options
    )


def overlap(notes: list[dict[str, Any]]) -> bool:
    moments = sorted((note.get("began", note.get("ended")), "began" in note) for note in notes)
    return any(first and second for (_, first), (_, second) in pairwise(moments))


def test_groups_of_a_fifo_queue_are_handled_at_the_same_time(mended: Cloud) -> None:
    assert overlap(feed_fifo(mended, "ab"))


def test_upstream_handles_one_group_after_the_other(without: Without) -> None:
    with without("fifo_lanes") as cloud:
        assert not overlap(feed_fifo(cloud, "ab"))


def test_messages_of_one_group_are_never_handled_at_the_same_time(mended: Cloud) -> None:
    assert not overlap(feed_fifo(mended, "aaa"))


@pytest.mark.parametrize("fifo", [False, True])
def test_failed_message_of_a_queue_comes_again_alone(mended: Cloud, fifo: bool) -> None:
    function = mended.function("take_records", environment={"BAD": "b"})
    url, arn = mended.queue(fifo=fifo, VisibilityTimeout="1")
    for body in "abc":
        group = {"MessageGroupId": body} if fifo else {}
        mended.client("sqs").send_message(QueueUrl=url, MessageBody=body, **group)
    map_queue(mended, arn, function, FunctionResponseTypes=["ReportBatchItemFailures"])
    eventually(lambda: sum("b" in batch for batch in function.notes()) >= 2)
    taken = [body for batch in function.notes() for body in batch]
    assert (taken.count("a"), taken.count("c")) == (1, 1)


def test_deduplication_holds_within_a_group_in_high_throughput_mode(mended: Cloud) -> None:
    url, _arn = mended.queue(
        fifo=True, FifoThroughputLimit="perMessageGroupId", DeduplicationScope="messageGroup"
    )
    sqs = mended.client("sqs")
    for group in ("a", "a", "b"):
        sqs.send_message(QueueUrl=url, MessageBody="same", MessageGroupId=group)
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    assert found["Attributes"]["ApproximateNumberOfMessages"] == "2"
