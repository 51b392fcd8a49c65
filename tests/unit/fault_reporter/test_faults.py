"""Faults of one cause are one fault, and each is told once."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
import sys
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import boto3
import pytest

from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.telemetry import InvocationFailedError
from functions.fault_reporter.faults import FILTER_TERMS, fault_from
from infra.observability import faults as filters
from tests.support.clock import FixedClock
from tests.support.moto_tables import REGION, moto_tables

MODULE = "functions.fault_reporter.handler"
GROUP = "/ayinel-live/dev/chat_socket"


def line(text: str = "it broke", *, function: str = "send", at: int = 7, **more: str) -> str:
    frames = [
        {"file": "/var/task/functions/chat_socket/handler.py", "line": 3, "function": "handler"},
        {"file": "/opt/python/ayinel_live/chat/send.py", "line": at, "function": function},
    ]
    return json.dumps(
        {
            "message": "frame_failed",
            "exception": f"Traceback… ValueError: {text}",
            "exception_name": "ValueError",
            "stack_trace": {"type": "ValueError", "value": text, "frames": frames},
            **more,
        }
    )


def fingerprint(text: str, service: str = "chat_socket") -> str:
    fault = fault_from(service, text)
    assert fault is not None
    return fault.fingerprint


def test_same_cause_has_the_same_fingerprint_whatever_it_says_and_on_which_line() -> None:
    assert fingerprint(line("ana's text")) == fingerprint(line("ben's text", at=99))


def test_other_cause_has_another_fingerprint() -> None:
    found = {
        fingerprint(line()),
        fingerprint(line(function="other")),
        fingerprint(line(), service="chat_api"),
        fingerprint("2026-01-01 Task timed out after 10.01 seconds"),
        fingerprint("[ERROR] Runtime.ImportModuleError: Unable to import module"),
    }
    assert len(found) == 5


def test_text_of_the_exception_is_told_to_nobody() -> None:
    fault = fault_from("chat_socket", line("sk_us-west-2_secret"))
    assert "secret" not in repr(fault)


@pytest.mark.parametrize(
    "text", ['{"level":"INFO","message":"ok"}', "START RequestId: 1", "[]", ""]
)
def test_ordinary_lines_are_no_faults(text: str) -> None:
    assert fault_from("chat_socket", text) is None


def test_filters_let_through_what_the_reporter_knows() -> None:
    assert filters._TERMS == FILTER_TERMS


@pytest.fixture
def reporter() -> Iterator[Any]:
    with moto_tables(IdempotencyItem):
        (table,) = boto3.client("dynamodb", REGION).list_tables()["TableNames"]
        topic = boto3.client("sns", REGION).create_topic(Name="faults")["TopicArn"]
        queue = boto3.client("sqs", REGION).create_queue(QueueName="listener")["QueueUrl"]
        arn = "arn:aws:sqs:" + REGION + ":123456789012:listener"
        boto3.client("sns", REGION).subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        variables = {"STAGE": "dev", "IDEMPOTENCY_TABLE": table, "FAULT_TOPIC_ARN": topic}
        sys.modules.pop(MODULE, None)
        with patch.dict("os.environ", variables):
            yield importlib.import_module(MODULE), queue


def told(queue: str) -> list[dict[str, Any]]:
    got = boto3.client("sqs", REGION).receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(json.loads(m["Body"])["Message"]) for m in got.get("Messages", [])]


def delivery(*lines: str) -> dict[str, Any]:
    content = {
        "messageType": "DATA_MESSAGE",
        "logGroup": GROUP,
        "logEvents": [{"message": text} for text in lines],
    }
    return {
        "awslogs": {"data": base64.b64encode(gzip.compress(json.dumps(content).encode())).decode()}
    }


def test_fault_is_told_once_however_often_it_comes(reporter: Any) -> None:
    module, queue = reporter
    module.handler(delivery(line("a"), line("b", request_id="r"), "START"), None)
    module.handler(delivery(line("c")), None)
    (fault,) = told(queue)
    assert (fault["service"], fault["kind"]) == ("chat_socket", "ValueError")
    assert fault["place"] == "ayinel_live/chat/send.py:send"
    module.handler(delivery(line("d", function="other")), None)
    assert len(told(queue)) == 1


def test_fault_that_could_not_be_told_is_told_when_lambda_calls_again(
    reporter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module, queue = reporter
    clock = FixedClock()
    monkeypatch.setattr(module, "utc_now", clock)
    with monkeypatch.context() as broken:
        broken.setattr(module, "_tell", refuse)
        with pytest.raises(InvocationFailedError):
            module.handler(delivery(line()), None)
    module.handler(delivery(line()), None)
    assert told(queue) == [], "another run may still be telling of it"
    clock.advance(60)
    module.handler(delivery(line()), None)
    assert len(told(queue)) == 1
    clock.advance(60)
    module.handler(delivery(line()), None)
    assert told(queue) == []
    clock.advance(86_400)
    module.handler(delivery(line()), None)
    assert len(told(queue)) == 1, "a fault that is still there the next day"


def refuse(_fault: object) -> None:
    raise ConnectionError
