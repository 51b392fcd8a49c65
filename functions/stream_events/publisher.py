"""From records of the table's stream to the bus and the history queue."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.runtime import metrics
from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.correlation import correlated
from ayinel_live.runtime.names import EVENT_SOURCE
from ayinel_live.runtime.telemetry import Count, uncounted
from ayinel_live.streams.domain_events import (
    BUS_ENTRY_LIMIT,
    StreamEvent,
    events_between,
    is_history_due,
    is_made_private,
)
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.records import StreamRecord, record_from
from ayinel_live.streams.revocation import PlaybackRevocation

Entry = dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What one record of the table's stream gives.

    Attributes:
        sequence: The record's number, by which Lambda is told where to begin again.
        entries: For the bus.
        history: For the history queue; None for nothing.
        change_id: Of the record, by which the correlation id goes on.
        made_private: The stream, where those who had its id must be shut out; None otherwise.
    """

    sequence: str
    entries: tuple[Entry, ...]
    history: str | None
    change_id: str = ""
    made_private: StreamRecord | None = None


class StreamEventPublisher:
    """Tells the platform.

    Args:
        bus: Gives a botocore `events` client.
        bus_name: The platform's bus.
        queue: Gives a botocore `sqs` client.
        history_queue_url: Where ended streams go.
        revocation: Shuts people out of the video.
        logger: Gets what is set aside.
        count: Counts events.
    """

    def __init__(
        self,
        bus: Callable[[], Any],
        bus_name: str,
        queue: Callable[[], Any],
        history_queue_url: str,
        revocation: PlaybackRevocation,
        logger: Logger,
        count: Count = uncounted,
    ) -> None:
        self._bus = bus
        self._bus_name = bus_name
        self._queue = queue
        self._history_queue_url = history_queue_url
        self._revocation = revocation
        self._logger = logger
        self._count = count

    def __call__(
        self, event: Mapping[str, Any], context: object
    ) -> dict[str, list[dict[str, str]]]:
        """Handle a batch; what could not be told is asked for again, from the first such record.

        Args:
            event: Records of the table's stream.
            context: Not needed.
        """
        told = [self._read(record) for record in event["Records"]]
        refused = self._refused([entry for part in told for entry in part.entries])
        for part in told:
            if any(entry["Detail"] in refused for entry in part.entries):
                return {"batchItemFailures": [{"itemIdentifier": part.sequence}]}
            if part.history is not None:
                self._queue().send_message(
                    QueueUrl=self._history_queue_url,
                    MessageBody=part.history,
                    **correlated(part.change_id),
                )
            if part.made_private is not None:
                record = part.made_private
                self._revocation.made_private(
                    record.stream.stream_id, record.channel_id, record.stream.updated_at
                )
        return {"batchItemFailures": []}

    def _read(self, record: Mapping[str, Any]) -> Told:
        change = record["dynamodb"]
        sequence = change["SequenceNumber"]
        try:
            before, after = _image(change, "OldImage"), _image(change, "NewImage")
            events = () if after is None else tuple(events_between(before, after))
        except (ValueError, KeyError, TypeError, AttributeError):
            self._logger.exception("record_set_aside", sequence=sequence)
            self._count(metrics.RECORDS_SET_ASIDE)
            return Told(sequence, (), None)
        history = None
        if after is not None and is_history_due(before, after):
            history = _history_message(after)
        made_private = after if is_made_private(before, after) else None
        change_id = str(record.get("eventID", ""))
        return Told(sequence, tuple(map(self._entry, events)), history, change_id, made_private)

    def _entry(self, event: StreamEvent) -> Entry:
        return {
            "EventBusName": self._bus_name,
            "Source": EVENT_SOURCE,
            "DetailType": event.detail_type,
            "Detail": event.model_dump_json(by_alias=True, exclude_none=True),
        }

    def _refused(self, entries: Sequence[Entry]) -> frozenset[str]:
        """Put events on the bus; returns those that it did not take."""
        refused: set[str] = set()
        for some in _in_parts(entries):
            answer = self._bus().put_events(Entries=list(some))
            for entry, result in zip(some, answer["Entries"], strict=True):
                if "ErrorCode" in result:
                    refused.add(entry["Detail"])
                else:
                    self._count(metrics.EVENTS_PUBLISHED)
        return frozenset(refused)


def _in_parts(entries: Sequence[Entry]) -> Iterable[Sequence[Entry]]:
    for start in range(0, len(entries), BUS_ENTRY_LIMIT):
        yield entries[start : start + BUS_ENTRY_LIMIT]


def _image(change: Mapping[str, Any], name: str) -> StreamRecord | None:
    raw = change.get(name)
    if not raw:
        return None
    item = StreamItem()
    item.deserialize(raw)
    return record_from(item)


def _history_message(record: StreamRecord) -> str:
    stream = record.stream
    assert stream.end_time is not None
    return json.dumps(
        {
            "streamId": stream.stream_id,
            "userId": stream.user_id,
            "endedAt": to_rfc3339(stream.end_time),
        }
    )
