"""What the post worker itself sends to queues: what is left to post, and who is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ayinel_live.fan_out.aws_calls import AwsCallError
from ayinel_live.fan_out.postings import Posting, deduplication_id
from ayinel_live.fan_out.queue_batches import Entry, batches, entries_of, unsent
from ayinel_live.runtime.correlation import correlated

_ROUNDS = 3
# The queue's own visibility time-out is made for a worker that died; what failed for a fault that
# may pass is tried again after a second, then two, four, …
_BACKOFF_SECONDS_MAX = 30


class Sqs(Protocol):
    """Calls operations of SQS."""

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call an operation."""

    async def close(self) -> None:
        """Let go of connections."""


class Outbox:
    """Sends messages in batches; entries that fail are tried again by themselves.

    Args:
        sqs: Where the queues are.
        posts_queue_url: FIFO queue of postings.
        departures_queue_url: Standard queue of connections that are gone.
        set_aside_queue_url: Queue of messages that nobody can read, FIFO or not; empty for none.
    """

    def __init__(
        self, sqs: Sqs, posts_queue_url: str, departures_queue_url: str, set_aside_queue_url: str
    ) -> None:
        self._sqs = sqs
        self._posts_queue_url = posts_queue_url
        self._departures_queue_url = departures_queue_url
        self._set_aside_queue_url = set_aside_queue_url

    async def requeue(self, postings: Sequence[Posting]) -> None:
        """Hand on what could not be posted, to the tail of its own group.

        Args:
            postings: For connections by name.

        Raises:
            AwsCallError: Not all of them could be sent.
        """
        # One batch after the other: parts of one connection's rest keep their order.
        for batch in batches([_posting_entry(posting) for posting in postings]):
            await self._send_batch(self._posts_queue_url, batch)

    async def report_departures(self, departures: Sequence[tuple[str, str]], at: str) -> None:
        """Tell that connections are gone.

        Args:
            departures: Connection id and stream id of each.
            at: Now, RFC 3339.

        Raises:
            AwsCallError: Not all of them could be sent.
        """
        await self._send(
            self._departures_queue_url,
            [
                {
                    "MessageBody": json.dumps({"connectionId": gone, "streamId": stream, "at": at}),
                    **correlated(),
                }
                for gone, stream in departures
            ],
        )

    async def retry_soon(self, handles: Mapping[str, int]) -> None:
        """Have postings given out again soon, later with each time.

        Args:
            handles: At most ten receipt handles, each with how often its message was given out.

        Raises:
            AwsCallError: The queue did not answer.
        """
        entries = [
            {
                "Id": str(place),
                "ReceiptHandle": handle,
                "VisibilityTimeout": min(_BACKOFF_SECONDS_MAX, 2 ** min(deliveries - 1, 10)),
            }
            for place, (handle, deliveries) in enumerate(handles.items())
        ]
        arguments = {"QueueUrl": self._posts_queue_url, "Entries": entries}
        await self._sqs.call("ChangeMessageVisibilityBatch", arguments)

    async def set_aside(self, body: str, reason: str) -> None:
        """Keep a message that is none of ours, with the reason.

        Args:
            body: The message's body.
            reason: In a few words.

        Raises:
            AwsCallError: It could not be sent.
        """
        if self._set_aside_queue_url:
            content = json.dumps({"source": "posts", "reason": reason, "body": body})
            entry = {"MessageBody": content}
            if self._set_aside_queue_url.endswith(".fifo"):
                entry["MessageGroupId"] = "set-aside"
                entry["MessageDeduplicationId"] = deduplication_id(content)
            await self._send(self._set_aside_queue_url, [entry])

    async def close(self) -> None:
        """Let go of connections to SQS."""
        await self._sqs.close()

    async def _send(self, queue_url: str, entries: list[Entry]) -> None:
        await asyncio.gather(*(self._send_batch(queue_url, batch) for batch in batches(entries)))

    async def _send_batch(self, queue_url: str, batch: dict[str, Entry]) -> None:
        for _ in range(_ROUNDS):
            arguments = {"QueueUrl": queue_url, "Entries": entries_of(batch)}
            batch = unsent(batch, await self._sqs.call("SendMessageBatch", arguments))
            if not batch:
                return
        raise AwsCallError("SendMessageBatch: entries failed")


def _posting_entry(posting: Posting) -> Entry:
    body = posting.to_body()
    return {
        "MessageBody": body,
        "MessageGroupId": posting.recipient.group,
        "MessageDeduplicationId": deduplication_id(body),
        **correlated(),
    }
