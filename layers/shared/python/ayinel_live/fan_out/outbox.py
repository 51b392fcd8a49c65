"""What the post worker itself sends to queues: what is left to post, and who is gone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any, Protocol

from ayinel_live.fan_out.aws_calls import AwsCallError
from ayinel_live.fan_out.postings import Posting, deduplication_id

# Amazon SQS quotas: entries and bytes of one SendMessageBatch.
MAX_ENTRIES = 10
MAX_BATCH_BYTES = 256 * 1024
_ROUNDS = 3


class Sqs(Protocol):
    """Calls operations of SQS."""

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call an operation."""


class Outbox:
    """Sends messages in batches; entries that fail are tried again by themselves.

    Args:
        sqs: Where the queues are.
        posts_queue_url: FIFO queue of postings.
        departures_queue_url: Standard queue of connections that are gone.
        set_aside_queue_url: Standard queue of messages that nobody can read; empty for none.
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
        await self._send(
            self._posts_queue_url,
            [_posting_entry(posting) for posting in postings],
        )

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
                {"MessageBody": json.dumps({"connectionId": gone, "streamId": stream, "at": at})}
                for gone, stream in departures
            ],
        )

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
            await self._send(self._set_aside_queue_url, [{"MessageBody": content}])

    async def _send(self, queue_url: str, entries: list[dict[str, str]]) -> None:
        await asyncio.gather(*(self._send_batch(queue_url, batch) for batch in _batches(entries)))

    async def _send_batch(self, queue_url: str, batch: list[dict[str, str]]) -> None:
        waiting = {str(number): entry for number, entry in enumerate(batch)}
        for _ in range(_ROUNDS):
            answer = await self._sqs.call(
                "SendMessageBatch",
                {
                    "QueueUrl": queue_url,
                    "Entries": [{"Id": number, **entry} for number, entry in waiting.items()],
                },
            )
            failed = {fault["Id"] for fault in answer.get("Failed", ())}
            waiting = {number: waiting[number] for number in waiting if number in failed}
            if not waiting:
                return
        raise AwsCallError("SendMessageBatch: entries failed")


def _posting_entry(posting: Posting) -> dict[str, str]:
    body = posting.to_body()
    return {
        "MessageBody": body,
        "MessageGroupId": posting.recipient.group,
        "MessageDeduplicationId": deduplication_id(body),
    }


def _batches(entries: list[dict[str, str]]) -> list[list[dict[str, str]]]:
    batches: list[list[dict[str, str]]] = []
    size = 0
    for entry in entries:
        entry_bytes = len(entry["MessageBody"].encode(errors="replace"))
        if not batches or len(batches[-1]) == MAX_ENTRIES or size + entry_bytes > MAX_BATCH_BYTES:
            batches.append([])
            size = 0
        batches[-1].append(entry)
        size += entry_bytes
    return batches
