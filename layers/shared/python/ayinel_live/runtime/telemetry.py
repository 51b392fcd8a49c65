"""What a function tells of itself: lines that can be followed across functions, and metrics.

An id goes with the work: the gateway's request id (a chat frame has one too), handed on as the
attribute `correlationId` of queue messages, beside the ids of messages and table changes. Every
line of an invocation bears the ids of what it works on.

Metrics are written by Powertools in CloudWatch's embedded metric format. Its import comes with the
Logger's (0.01 ms) and a flush takes 21 µs, 13 more than a line written by hand: the library stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from ayinel_live.runtime import metrics as names
from ayinel_live.runtime.errors import LiveError
from ayinel_live.runtime.redaction import redacted_json

CORRELATION_ATTRIBUTE = "correlationId"
# What a line names at most of a batch's ids.
IDS_SHOWN = 10

AnswerT = TypeVar("AnswerT")
Count = Callable[..., object]

_correlation_id: ContextVar[str] = ContextVar("correlation_id", default="")


def uncounted(name: str, value: float = 1) -> None:
    """Count nothing: what parts are given that nobody watches."""


class InvocationFailedError(Exception):
    """An invocation failed; says by which type of fault, for its text may say too much."""


class Telemetry:
    """A function's log and metrics.

    Args:
        service: The function's name, a dimension of its metrics.
        stage: The deployment, the other one.
        logger: The function's logger; from here on no secret passes it.
    """

    def __init__(self, service: str, stage: str, logger: Logger) -> None:
        self.logger = logger
        logger.registered_formatter.json_serializer = redacted_json  # type: ignore[attr-defined]  # of the formatter that Powertools makes
        self._metrics = EphemeralMetrics(namespace=names.NAMESPACE, service=service)
        self._metrics.set_default_dimensions(stage=stage)
        self._is_started = False

    def count(self, name: str, value: float = 1) -> None:
        """Add to a counter; the line is written when the invocation ends.

        Args:
            name: One of `runtime.metrics`.
            value: How much.
        """
        self._metrics.add_metric(name, MetricUnit.Count, value)

    def time(self, name: str, milliseconds: float) -> None:
        """Tell how long something took.

        Args:
            name: One of `runtime.metrics`.
            milliseconds: How long.
        """
        self._metrics.add_metric(name, MetricUnit.Milliseconds, milliseconds)

    def watch(self, handler: Callable[[Any, Any], AnswerT]) -> Callable[[Any, Any], AnswerT]:
        """Wrap a handler: ids on every line, unexpected faults logged once, metrics flushed.

        Args:
            handler: The handler.

        Returns:
            A handler that raises `InvocationFailedError` in place of faults that are not ours,
            because Lambda writes the text of what is raised into the log by itself.
        """

        def watched(event: Any, context: Any) -> AnswerT:
            ids = correlation_of(event)
            token = _correlation_id.set(_handed_on(ids, context))
            self.logger.append_keys(**ids)
            if not self._is_started:
                self._is_started = True
                self.count(names.FUNCTION_STARTED)
            try:
                return handler(event, context)
            except LiveError as error:
                self.logger.warning("invocation_put_off", code=error.code)
                self.count(names.INVOCATIONS_PUT_OFF)
                raise
            except Exception as error:
                self.logger.exception("invocation_failed")
                self.count(names.FAULTS_RAISED)
                raise InvocationFailedError(type(error).__name__) from None
            finally:
                self.logger.remove_keys(list(ids))
                _correlation_id.reset(token)
                self._flush()

        return watched

    def _flush(self) -> None:
        if self._metrics.metric_set:
            self._metrics.flush_metrics()


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


def correlation_id_of(record: Mapping[str, Any]) -> str:
    """Return the id that came with a queue message, empty where none did.

    Args:
        record: The message as Lambda hands it over.
    """
    attribute = (record.get("messageAttributes") or {}).get(CORRELATION_ATTRIBUTE) or {}
    return str(attribute.get("stringValue") or "")


def correlated() -> dict[str, Any]:
    """Return what SendMessage needs beside its arguments to hand the present id on."""
    current = _correlation_id.get()
    if not current:
        return {}
    value = {"DataType": "String", "StringValue": current}
    return {"MessageAttributes": {CORRELATION_ATTRIBUTE: value}}


def _of_queue(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    shown = records[:IDS_SHOWN]
    correlations = sorted({found for record in shown if (found := correlation_id_of(record))})
    ids = {
        "message_ids": [record["messageId"] for record in shown if "messageId" in record],
        "correlation_ids": correlations,
    }
    return {name: value for name, value in ids.items() if value}


def _of_stream(records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    found = [str(record["eventID"]) for record in records if record.get("eventID")]
    if not found:
        return {}
    ids: dict[str, Any] = {
        "first_event_id": found[0],
        "last_event_id": found[-1],
        "changes": len(found),
    }
    keys = [(record["dynamodb"].get("Keys") or {}).get("messageId") or {} for record in records]
    messages = sorted({str(key["S"]) for key in keys if "S" in key})
    return ids | ({"chat_message_ids": messages[:IDS_SHOWN]} if messages else {})


def _handed_on(ids: Mapping[str, Any], context: Any) -> str:
    """Return the one id that goes on with what an invocation sends."""
    correlations: Sequence[str] = ids.get("correlation_ids", ())
    if len(correlations) == 1:
        return correlations[0]
    own = ids.get("request_id") or ids.get("event_id")
    return str(own or getattr(context, "aws_request_id", "") or "")
