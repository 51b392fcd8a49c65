"""One batch of stream records: read, dealt by stream, counted; what cannot be read is set aside."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

from ayinel_live.audience.changes import counted_message, counted_viewer, viewer_from_image
from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.counting import Counted
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.clock import from_rfc3339, to_milliseconds
from ayinel_live.runtime.errors import NotFoundError, RetryableError

Record = Mapping[str, Any]
# Bad data shows itself as one of these; anything else is a fault of ours or of AWS, and is retried.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@dataclass(slots=True)
class Outcome:
    """What became of a batch.

    Attributes:
        counted: States that were counted now.
        set_aside: Records that nobody can count, with the name of the fault.
        failed_streams: Streams to be tried again.
    """

    counted: int = 0
    set_aside: list[tuple[Record, str]] = field(default_factory=list)
    failed_streams: dict[str, Exception] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Change:
    record: Record
    subjects: tuple[Counted, ...]


class AudienceWorker:
    """Counts batches.

    Args:
        counter: Counts states.
        stream_end: Gives a stream's end in epoch milliseconds, None while it has none; raises
            `NotFoundError` where the stream is gone.
    """

    def __init__(self, counter: AudienceCounter, stream_end: Callable[[str], int | None]) -> None:
        self._counter = counter
        self._stream_end = stream_end

    def work(self, records: Iterable[Record]) -> Outcome:
        """Count a batch.

        Args:
            records: Records of the streams of Viewers or ChatMessages.
        """
        outcome = Outcome()
        streams: dict[str, list[_Change]] = defaultdict(list)
        for record in records:
            try:
                found = read_record(record)
            except _UNREADABLE as error:
                outcome.set_aside.append((record, type(error).__name__))
                continue
            if found is not None:
                stream_id, subjects = found
                streams[stream_id].append(_Change(record, subjects))
        for stream_id, changes in streams.items():
            self._count_stream(stream_id, changes, outcome)
        return outcome

    def _count_stream(self, stream_id: str, changes: list[_Change], outcome: Outcome) -> None:
        try:
            end = self._stream_end(stream_id)
        except NotFoundError:
            return  # The stream was erased, and its counters with it.
        except RetryableError as error:
            outcome.failed_streams[stream_id] = error
            return
        except _UNREADABLE as error:
            fault = type(error).__name__
            outcome.set_aside.extend((change.record, fault) for change in changes)
            return
        try:
            outcome.counted += self._counter.count(stream_id, _subjects(changes, end))
        except RetryableError as error:
            outcome.failed_streams[stream_id] = error
        except _UNREADABLE:
            self._count_singly(stream_id, changes, end, outcome)

    def _count_singly(
        self, stream_id: str, changes: list[_Change], end: int | None, outcome: Outcome
    ) -> None:
        """Count what can be counted of a stream among whose changes one is beyond it."""
        for change in changes:
            try:
                outcome.counted += self._counter.count(stream_id, _subjects([change], end))
            except RetryableError as error:
                outcome.failed_streams[stream_id] = error
            except _UNREADABLE as error:
                outcome.set_aside.append((change.record, type(error).__name__))


def _subjects(changes: Iterable[_Change], end: int | None) -> list[Counted]:
    return [
        replace(subject, stream_end=end) if subject.views else subject
        for change in changes
        for subject in change.subjects
    ]


def read_record(record: Record) -> tuple[str, tuple[Counted, ...]] | None:
    """Return the stream of a record and the states that it tells, or None where it tells none.

    Args:
        record: A record of the stream of Viewers or of ChatMessages.

    Raises:
        KeyError: The record is of neither, or incomplete.
        TypeError: An attribute has the wrong type.
        ValueError: An attribute has an impossible value.
    """
    change = record["dynamodb"]
    if record["eventName"] == "REMOVE":
        return None  # Expired or erased: what was counted stays counted.
    image = change["NewImage"]
    if "streamBucket" in change["Keys"]:
        viewer = viewer_from_image(image)
        return viewer.stream_id, (counted_viewer(viewer),)
    return _read_message(image)


def _read_message(image: Mapping[str, Any]) -> tuple[str, tuple[Counted, ...]]:
    item = ChatMessageItem()
    item.from_dynamodb_dict(deepcopy(dict(image)))
    if item.stream_id is None or item.status is None:
        raise ValueError("the image is not one of a message")
    subjects = counted_message(
        item.message_id,
        item.user_id,
        version=int(item.version),
        sent_at=to_milliseconds(from_rfc3339(item.timestamp)),
        status=item.status,
        is_moderated=bool(item.is_moderated),
    )
    return item.stream_id, subjects
