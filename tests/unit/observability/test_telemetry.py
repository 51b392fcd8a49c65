"""An invocation can be followed, its faults are told once, and its metrics leave with it."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from ayinel_live.runtime import metrics
from ayinel_live.runtime.correlation import IDS_SHOWN, correlated, correlation_of
from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.runtime.telemetry import InvocationFailedError, Telemetry
from tests.support.telemetry import emitted, entries

CONTEXT = SimpleNamespace(aws_request_id="lambda-1")
HTTP = {"requestContext": {"requestId": "request-1"}}
TICKET = "eyJzdHJlYW1JZCI6IjAxQVJaM05ERUtUU1Y0In0." + "m" * 43


class Stdout(io.StringIO):
    """Standard output as it is when something is written, which pytest changes between tests."""

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


@pytest.fixture
def telemetry(request: pytest.FixtureRequest) -> Telemetry:
    logger = Logger(service=request.node.name, stream=Stdout())
    return Telemetry("some_worker", "dev", logger)


def queued(*correlations: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"m{place}",
                "messageAttributes": {
                    "correlationId": {"stringValue": given, "dataType": "String"}
                },
            }
            for place, given in enumerate(correlations)
        ]
    }


def change(number: int, **keys: str) -> dict[str, Any]:
    return {
        "eventID": f"e{number}",
        "dynamodb": {"Keys": {name: {"S": value} for name, value in keys.items()}},
    }


def told_of(number: int, correlation_id: str) -> dict[str, Any]:
    record = change(number, streamId="s")
    record["dynamodb"]["NewImage"] = {"correlationId": {"S": correlation_id}}
    return record


@pytest.mark.parametrize(
    ("event", "ids"),
    [
        (HTTP, {"request_id": "request-1"}),
        (
            {"requestContext": {"requestId": "r", "connectionId": "c"}},
            {"request_id": "r", "connection_id": "c"},
        ),
        (queued("a", "b", "a"), {"message_ids": ["m0", "m1", "m2"], "correlation_ids": ["a", "b"]}),
        (
            {"Records": [change(1, messageId="M1"), change(2, viewerId="v"), change(3)]},
            {
                "first_event_id": "e1",
                "last_event_id": "e3",
                "changes": 3,
                "chat_message_ids": ["M1"],
            },
        ),
        ({"id": "event-1", "detail-type": "IVS Stream State Change"}, {"event_id": "event-1"}),
        ({"Records": []}, {}),
        ({}, {}),
        ("nonsense", {}),
    ],
)
def test_ids_of_every_kind_of_event_are_found(event: Any, ids: dict[str, Any]) -> None:
    assert correlation_of(event) == ids


def test_a_large_batch_names_a_bounded_number_of_ids() -> None:
    found = correlation_of(queued(*map(str, range(500))))
    assert {name: len(ids) for name, ids in found.items()} == {
        "message_ids": IDS_SHOWN,
        "correlation_ids": IDS_SHOWN,
    }


def test_lines_bear_the_ids_of_their_invocation_and_of_no_other(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = telemetry.logger
    telemetry.watch(lambda event, context: logger.info("inside"))(HTTP, CONTEXT)
    logger.info("outside")
    inside, outside = [line for line in entries(capsys.readouterr().out) if "message" in line]
    assert inside["request_id"] == "request-1"
    assert "request_id" not in outside


@pytest.mark.parametrize(
    ("event", "handed_on"),
    [
        (HTTP, "request-1"),
        (queued("request-1"), "request-1"),
        (queued("request-1", "request-2"), "request-1,request-2"),
        (queued("request-1,request-2", "request-2"), "request-1,request-2"),
        ({"Records": [change(1)]}, "lambda-1"),
        ({"Records": [change(1), told_of(2, "request-1")]}, "request-1"),
    ],
)
def test_what_is_sent_meanwhile_bears_the_id_on(
    telemetry: Telemetry, event: Any, handed_on: str
) -> None:
    sent = telemetry.watch(lambda event, context: correlated())(event, CONTEXT)
    assert sent["MessageAttributes"]["correlationId"]["StringValue"] == handed_on
    assert correlated() == {}


def test_message_made_of_some_changes_bears_the_ids_of_those(telemetry: Telemetry) -> None:
    event = {"Records": [told_of(1, "a"), told_of(2, "b,c"), told_of(3, "d"), change(4)]}

    def send(event: Any, context: Any) -> list[str]:
        sent = [correlated("e1", "e2"), correlated("e3", "e4"), correlated("e4")]
        return [one["MessageAttributes"]["correlationId"]["StringValue"] for one in sent]

    assert telemetry.watch(send)(event, CONTEXT) == ["a,b,c", "d", "a,b,c,d"]


def test_line_of_metrics_bears_the_ids_and_no_secret(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    event = queued("request-1", f"request {TICKET}")
    telemetry.watch(lambda event, context: None)(event, CONTEXT)
    output = capsys.readouterr().out
    (line,) = [line for line in entries(output) if "_aws" in line]
    assert "request-1" in line["correlation_ids"]
    assert line["message_ids"] == ["m0", "m1"]
    assert TICKET not in output


def test_fault_is_logged_once_and_raised_without_its_text(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(event: Any, context: Any) -> None:
        raise ValueError(f"cannot read {TICKET}")

    with pytest.raises(InvocationFailedError, match=r"^ValueError$") as raised:
        telemetry.watch(fail)(HTTP, CONTEXT)
    assert raised.value.__suppress_context__
    output = capsys.readouterr().out
    (line,) = [line for line in entries(output) if line.get("level") == "ERROR"]
    assert line["exception_name"] == "ValueError"
    assert line["stack_trace"]["frames"][-1]["function"] == "fail"
    assert TICKET not in output
    assert emitted(output)["some_worker", "dev", metrics.FAULTS_RAISED] == 1


def test_fault_that_may_pass_is_raised_as_it_is_and_is_no_error(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(event: Any, context: Any) -> None:
        raise UpstreamError("DynamoDB did not answer.")

    with pytest.raises(UpstreamError):
        telemetry.watch(fail)(HTTP, CONTEXT)
    output = capsys.readouterr().out
    assert not [line for line in entries(output) if line.get("level") == "ERROR"]
    assert emitted(output)["some_worker", "dev", metrics.INVOCATIONS_PUT_OFF] == 1


def test_metrics_leave_with_the_invocation_that_made_them(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    def work(event: Any, context: Any) -> None:
        for _ in range(3):
            telemetry.count(metrics.MESSAGES_ACCEPTED)
        telemetry.time(metrics.MODERATION_TOOK, 12.5)

    watched = telemetry.watch(work)
    watched(HTTP, CONTEXT)
    first = capsys.readouterr().out
    assert emitted(first)["some_worker", "dev", metrics.MESSAGES_ACCEPTED] == 3
    assert emitted(first)["some_worker", "dev", metrics.FUNCTION_STARTED] == 1
    (line,) = [line for line in entries(first) if "_aws" in line]
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == metrics.NAMESPACE
    assert set(line["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == {"service", "stage"}
    watched(HTTP, CONTEXT)
    second = emitted(capsys.readouterr().out)
    assert second["some_worker", "dev", metrics.MESSAGES_ACCEPTED] == 3
    assert second["some_worker", "dev", metrics.FUNCTION_STARTED] == 0


def test_invocation_that_counts_nothing_writes_no_metrics(
    telemetry: Telemetry, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = telemetry.watch(lambda event, context: None)
    watched(HTTP, CONTEXT)
    capsys.readouterr()
    watched(HTTP, CONTEXT)
    assert capsys.readouterr().out == ""
