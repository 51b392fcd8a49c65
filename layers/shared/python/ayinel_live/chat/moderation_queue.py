"""The queue between the send path and the moderation worker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ayinel_live.chat.message_key import sender_group
from ayinel_live.chat.model import PendingMessage
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.correlation import correlated
from ayinel_live.runtime.errors import UpstreamError


class ModerationQueue:
    """Puts accepted messages on the queue, in the sender's order.

    Args:
        queue_url: The FIFO queue.
        client: Makes the SQS client, on first use.
    """

    def __init__(
        self, queue_url: str, client: Callable[[], Any] = lambda: aws_client("sqs")
    ) -> None:
        self._queue_url = queue_url
        self._client = client

    def put(self, message: PendingMessage, key: str) -> None:
        """Put a message on the queue; a repeat within five minutes is dropped by the queue.

        Args:
            message: The message.
            key: Its key.

        Raises:
            UpstreamError: SQS throttled, failed or could not be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client().send_message(
                QueueUrl=self._queue_url,
                MessageBody=message.model_dump_json(by_alias=True, exclude_none=True),
                MessageGroupId=sender_group(message.stream_id, message.user_id),
                MessageDeduplicationId=key,
                **correlated(),
            )
        except (BotoCoreError, ClientError) as error:
            raise UpstreamError("The chat did not answer.", retry_after_seconds=1) from error
