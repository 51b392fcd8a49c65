"""The queues around the worker: deferring, setting aside, and showing later."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.correlation import correlated, working_on
from ayinel_live.runtime.errors import UpstreamError

# The queue's own visibility time-out is made for a worker that died; a fault that may pass is
# tried again after a second, then two, four, …
BACKOFF_SECONDS_MAX = 30
REASON_CHARACTERS_MAX = 256

Record = Mapping[str, Any]


class ModerationLane:
    """Defers and sets aside messages of the moderation queue.

    Args:
        queue_url: The queue.
        set_aside_url: The FIFO queue of messages that cannot be worked off.
        client: Makes the SQS client, on first use.
    """

    def __init__(
        self,
        queue_url: str,
        set_aside_url: str,
        client: Callable[[], Any] = lambda: aws_client("sqs"),
    ) -> None:
        self._queue_url = queue_url
        self._set_aside_url = set_aside_url
        self._client = client

    def set_aside(self, record: Record, reason: str) -> None:
        """Keep a message apart as it came, so that it can be put back, with the reason.

        Args:
            record: The message.
            reason: What is wrong with it, free of what it says.
        """
        with working_on(record):
            attributes = correlated().get("MessageAttributes", {})
        self._client().send_message(
            QueueUrl=self._set_aside_url,
            MessageBody=record["body"],
            MessageGroupId=record["attributes"]["MessageGroupId"],
            MessageDeduplicationId=record["messageId"],
            MessageAttributes={
                **attributes,
                "reason": {"DataType": "String", "StringValue": reason[:REASON_CHARACTERS_MAX]},
            },
        )

    def retry_soon(self, records: Sequence[Record]) -> None:
        """Have messages delivered again soon, later with each time; at worst the queue does it.

        Args:
            records: At most ten messages.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        entries = [
            {
                "Id": str(place),
                "ReceiptHandle": record["receiptHandle"],
                "VisibilityTimeout": backoff_seconds(
                    int(record["attributes"].get("ApproximateReceiveCount", 1))
                ),
            }
            for place, record in enumerate(records)
        ]
        try:
            self._client().change_message_visibility_batch(
                QueueUrl=self._queue_url, Entries=entries
            )
        except (BotoCoreError, ClientError, UpstreamError):
            # UpstreamError: there is no time left to ask in (`runtime.deadline`).
            return


class RevealQueue:
    """Remembers messages that are to be shown later.

    Args:
        queue_url: The standard queue, whose messages can each have a delay.
        client: Makes the SQS client, on first use.
    """

    def __init__(
        self, queue_url: str, client: Callable[[], Any] = lambda: aws_client("sqs")
    ) -> None:
        self._queue_url = queue_url
        self._client = client

    def schedule(self, stream_id: str, message_id: str, delay_seconds: int) -> None:
        """Have a message revealed after a while.

        Args:
            stream_id: The stream.
            message_id: The message.
            delay_seconds: How long, at most 15 minutes.

        Raises:
            UpstreamError: SQS throttled, failed or could not be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        body = {"reveal": {"streamId": stream_id, "messageId": message_id}}
        try:
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=json.dumps(body, separators=(",", ":")),
                DelaySeconds=delay_seconds,
                **correlated(),
            )
        except (BotoCoreError, ClientError) as error:
            raise UpstreamError("A message cannot be delayed.", retry_after_seconds=1) from error


def backoff_seconds(deliveries: int) -> int:
    """Return how long to wait before a message is tried again.

    Args:
        deliveries: How often it was delivered so far.
    """
    return int(min(BACKOFF_SECONDS_MAX, 2 ** min(deliveries - 1, 10)))
