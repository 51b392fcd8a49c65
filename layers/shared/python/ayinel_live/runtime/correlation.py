"""The id that goes with the work, from whoever asked for it to whoever is told.

It begins as the gateway's request id (a chat frame has one too) and is handed on as the attribute
`correlationId` of queue messages and of items whose changes others act on: a table's stream hands
it to the next function as a queue does. Beside it go the ids of messages and table changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, TypeAlias

CORRELATION_ATTRIBUTE = "correlationId"
# What a line names at most of a batch's ids, and what a message made of several hands on.
IDS_SHOWN = 10
_SEPARATOR = ","


# A named tuple: a dataclass would cost each cold start half a millisecond.
class _Work(NamedTuple):
    """Ids of what is worked on, and of each table change in it."""

    ids: tuple[str, ...]
    of_changes: Mapping[str, str]


Begun: TypeAlias = "Token[_Work]"
_NOTHING = _Work((), {})
_work: ContextVar[_Work] = ContextVar("work", default=_NOTHING)


def begin_work(event: Any, found: Mapping[str, Any], context: Any) -> Begun:
    """Take an event's ids as those that go with whatever is sent and written from now on.

    Args:
        event: What Lambda was called with.
        found: What `correlation_of` finds in it.
        context: Lambda's context, whose request id is the last resort.
    """
    handed_on = tuple(found.get("correlation_ids", ()))
    own = found.get("request_id") or found.get("event_id")
    own = str(own or getattr(context, "aws_request_id", "") or "")
    return _work.set(_Work(handed_on or ((own,) if own else ()), _of_changes(event)))


def end_work(begun: Begun) -> None:
    """Forget what `begin_work` has taken."""
    _work.reset(begun)


@contextmanager
def working_on(record: Mapping[str, Any]) -> Iterator[None]:
    """Hand on the id of one message of a batch while it is worked on.

    Args:
        record: The message as Lambda hands it over.
    """
    own = correlation_id_of(record)
    if not own:
        yield
        return
    begun = _work.set(_Work(_split(own), {}))
    try:
        yield
    finally:
        _work.reset(begun)


def present_correlation_id() -> str | None:
    """Return what an item written now bears, None where nothing is known."""
    return _SEPARATOR.join(_work.get().ids) or None


def correlated(*change_ids: str) -> dict[str, Any]:
    """Return what SendMessage needs beside its arguments to hand the present ids on.

    Args:
        change_ids: Of the table changes that the message is made of; all of the batch by default.
    """
    work = _work.get()
    of_changes = (work.of_changes[one] for one in change_ids if one in work.of_changes)
    ids = tuple(dict.fromkeys(found for one in of_changes for found in _split(one)))
    value = _SEPARATOR.join((ids or work.ids)[:IDS_SHOWN])
    if not value:
        return {}
    attribute = {"DataType": "String", "StringValue": value}
    return {"MessageAttributes": {CORRELATION_ATTRIBUTE: attribute}}


def correlation_id_of(record: Mapping[str, Any]) -> str:
    """Return the id that came with a queue message, empty where none did.

    Args:
        record: The message as Lambda hands it over.
    """
    attribute = (record.get("messageAttributes") or {}).get(CORRELATION_ATTRIBUTE) or {}
    return str(attribute.get("stringValue") or "")


def correlation_of(event: Any) -> dict[str, Any]:
    """Return the ids that tell what an event is about, as keys for log lines.

    Args:
        event: What Lambda was called with: of a gateway, a queue, a table's stream, a bus.
    """
    if not isinstance(event, Mapping):
        return {}
    request = event.get("requestContext")
    if isinstance(request, Mapping):
        ids = {"request_id": request.get("requestId"), "connection_id": request.get("connectionId")}
        return {name: value for name, value in ids.items() if value}
    records = event.get("Records")
    if isinstance(records, Sequence) and records and isinstance(records[0], Mapping):
        return _of_stream(records) if "dynamodb" in records[0] else _of_queue(records)
    return {"event_id": event["id"]} if event.get("id") else {}


def _of_queue(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    ids = {
        "message_ids": [r["messageId"] for r in records[:IDS_SHOWN] if "messageId" in r],
        "correlation_ids": _shown(map(correlation_id_of, records)),
    }
    return {name: value for name, value in ids.items() if value}


def _of_stream(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [str(record["eventID"]) for record in records if record.get("eventID")]
    if not found:
        return {}
    keys = [(record["dynamodb"].get("Keys") or {}).get("messageId") or {} for record in records]
    ids = {
        "chat_message_ids": sorted({str(key["S"]) for key in keys if "S" in key})[:IDS_SHOWN],
        "correlation_ids": _shown(_correlation_id_in(record) for record in records),
    }
    told = {"first_event_id": found[0], "last_event_id": found[-1], "changes": len(found)}
    return told | {name: value for name, value in ids.items() if value}


def _of_changes(event: Any) -> dict[str, str]:
    records = event.get("Records") if isinstance(event, Mapping) else None
    if not isinstance(records, Sequence) or not records or "dynamodb" not in records[0]:
        return {}
    pairs = ((str(record.get("eventID")), _correlation_id_in(record)) for record in records)
    return {change: correlation for change, correlation in pairs if correlation}


def _correlation_id_in(record: Mapping[str, Any]) -> str:
    """Return the id that a table change bears, empty where it bears none."""
    image = (record.get("dynamodb") or {}).get("NewImage") or {}
    attribute = image.get(CORRELATION_ATTRIBUTE)
    return str(attribute.get("S") or "") if isinstance(attribute, Mapping) else ""


def _shown(correlations: Iterator[str]) -> list[str]:
    return sorted({one for found in correlations for one in _split(found)})[:IDS_SHOWN]


def _split(correlation: str) -> tuple[str, ...]:
    return tuple(part for part in correlation.split(_SEPARATOR) if part)
