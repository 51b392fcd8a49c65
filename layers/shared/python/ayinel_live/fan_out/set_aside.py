"""Setting aside: stream records that cannot be worked on, kept in a queue with the reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ayinel_live.fan_out.changes import Record
from ayinel_live.fan_out.postings import deduplication_id
from ayinel_live.runtime.aws import aws_client

# Of a queue message's 256 KB, less what stands around the record.
_MAX_RECORD_BYTES = 240 * 1024


class SetAsideQueue:
    """Keeps records in an SQS queue; a redrive hands `record` to the function again.

    Args:
        queue_url: FIFO or not.
        client: Returns a boto3 SQS client, on first use.
    """

    def __init__(
        self, queue_url: str, client: Callable[[], Any] = lambda: aws_client("sqs")
    ) -> None:
        self._queue_url = queue_url
        self._client = client

    def set_aside(self, record: Record, reason: str) -> None:
        """Keep a record; of one that is too large for a message its keys, which find the item.

        Args:
            record: Of a DynamoDB stream.
            reason: Why it cannot be worked on, free of what people wrote.
        """
        kept: dict[str, Any] = dict(record)
        if len(json.dumps(kept, default=str).encode()) > _MAX_RECORD_BYTES:
            change = dict(kept.get("dynamodb") or {})
            kept["dynamodb"] = {
                name: value for name, value in change.items() if not name.endswith("Image")
            }
        content = {"source": "fan_out_worker", "reason": reason, "record": kept}
        body = json.dumps(content, default=str)
        order = (
            {
                "MessageGroupId": "set-aside",
                "MessageDeduplicationId": deduplication_id(body),
            }
            if self._queue_url.endswith(".fifo")
            else {}
        )
        self._client().send_message(QueueUrl=self._queue_url, MessageBody=body, **order)
