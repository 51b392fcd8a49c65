"""Asking for messages again: a courtesy, in vain where the queue cannot be asked."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from ayinel_live.runtime.errors import UpstreamError
from functions.moderation_worker.queues import ModerationLane

RECORD = {
    "messageId": "one",
    "receiptHandle": "handle-1",
    "attributes": {"ApproximateReceiveCount": "3"},
}


class Queue:
    """An SQS client."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault
        self.asked: list[dict[str, Any]] = []

    def change_message_visibility_batch(self, **arguments: Any) -> None:
        self.asked.append(arguments)
        if self.fault is not None:
            raise self.fault


def lane(queue: Queue) -> ModerationLane:
    return ModerationLane("queue", "set-aside", lambda: queue)


def test_a_message_comes_again_soon() -> None:
    queue = Queue()
    lane(queue).retry_soon([RECORD])
    assert queue.asked == [
        {
            "QueueUrl": "queue",
            "Entries": [{"Id": "0", "ReceiptHandle": "handle-1", "VisibilityTimeout": 4}],
        }
    ]


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(endpoint_url="queue"),
        ClientError({"Error": {"Code": "InternalError"}}, "ChangeMessageVisibilityBatch"),
        UpstreamError("too late", retry_after_seconds=1),
    ],
    ids=["no answer", "refused", "no time left"],
)
def test_the_batch_is_answered_where_the_queue_cannot_be_asked(fault: Exception) -> None:
    queue = Queue(fault)
    lane(queue).retry_soon([RECORD])
    assert len(queue.asked) == 1
