"""Handing over: postings into the FIFO queue, in order within each recipient's group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ayinel_live.fan_out.merge import encode
from ayinel_live.fan_out.postings import Event, Posting, deduplication_id
from ayinel_live.fan_out.queue_batches import Entry, batches, entries_of, unsent
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.correlation import correlated
from ayinel_live.runtime.errors import UpstreamError

# Of a queue message's 256 KB; the rest is for whom it goes to.
MAX_EVENT_BYTES = 200 * 1024
_ROUNDS = 4
_SENDERS = 8


@dataclass(frozen=True, slots=True)
class Packed:
    """Events that fit into one queue message, with the ids of the records behind them."""

    events: tuple[Event, ...]
    record_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A posting with the ids of the records that it was made of.

    Attributes:
        posting: What goes to whom.
        record_ids: Event ids of stream records: the same records handed over again make the same
            message, which the queue drops.
    """

    posting: Posting
    record_ids: tuple[str, ...]


class Handover:
    """Sends postings.

    Args:
        queue_url: The `posts` queue.
        client: Returns a boto3 SQS client, on first use.
    """

    def __init__(
        self, queue_url: str, client: Callable[[], Any] = lambda: aws_client("sqs")
    ) -> None:
        self._queue_url = queue_url
        self._client = client

    def send(self, parcels: Iterable[Parcel]) -> int:
        """Send all postings; those of one group one after the other.

        Args:
            parcels: In order.

        Returns:
            How many messages were sent.

        Raises:
            UpstreamError: The queue did not take all of them; what it took is known to it when
                the same comes again.
        """
        rounds: defaultdict[int, list[Entry]] = defaultdict(list)
        seen: defaultdict[str, int] = defaultdict(int)
        for parcel in parcels:
            group = parcel.posting.recipient.group
            rounds[seen[group]].append(_entry(parcel, seen[group]))
            seen[group] += 1
        for entries in rounds.values():
            self._send_all(entries)
        return sum(seen.values())

    def _send_all(self, entries: list[Entry]) -> None:
        dealt = batches(entries)
        if len(dealt) == 1:
            self._send_batch(dealt[0])
            return
        with ThreadPoolExecutor(max_workers=_SENDERS) as senders:
            list(senders.map(self._send_batch, dealt))

    def _send_batch(self, batch: dict[str, Entry]) -> None:
        for _ in range(_ROUNDS):
            answer = self._client().send_message_batch(
                QueueUrl=self._queue_url, Entries=entries_of(batch)
            )
            batch = unsent(batch, answer)
            if not batch:
                return
        raise UpstreamError("The posts queue does not take messages.", retry_after_seconds=1)


def pack(events: Iterable[tuple[Event, str]]) -> list[Packed]:
    """Cut events into runs that a queue message can hold.

    Args:
        events: In order, each with the id of its record.
    """
    runs: list[list[tuple[Event, str]]] = []
    size = 0
    for event, record_id in events:
        event_bytes = len(encode(event)) + 1
        if not runs or size + event_bytes > MAX_EVENT_BYTES:
            runs.append([])
            size = 0
        runs[-1].append((event, record_id))
        size += event_bytes
    return [
        Packed(tuple(event for event, _ in run), tuple(record_id for _, record_id in run))
        for run in runs
    ]


def _entry(parcel: Parcel, part: int) -> Entry:
    posting = parcel.posting
    group = posting.recipient.group
    kind = "close" if posting.closes else "tell"
    return {
        "MessageBody": posting.to_body(),
        "MessageGroupId": group,
        "MessageDeduplicationId": deduplication_id(group, kind, str(part), *parcel.record_ids),
        **correlated(*parcel.record_ids),
    }
