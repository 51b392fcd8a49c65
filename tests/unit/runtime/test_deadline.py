"""Requests that could outlast the function's invocation are refused before they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from aws_lambda_powertools import Logger
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError

from ayinel_live.runtime.deadline import begin_invocation, begin_nothing_too_late, end_invocation
from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.runtime.telemetry import InvocationFailedError, Telemetry

ATTEMPT_SECONDS = 3.5


class Context:
    """Lambda's context of an invocation that is ended after a while."""

    aws_request_id = "request-1"

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


class Queue:
    """A queue's client whose service never answers."""

    def __init__(self, attempts: int = 3) -> None:
        self.sent = 0
        self.client: Any = botocore.session.Session().create_client(
            "sqs",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": attempts, "mode": "standard"}),
        )
        begin_nothing_too_late(self.client, ATTEMPT_SECONDS)
        self.client.meta.events.register_last("before-send", self._send)

    def _send(self, request: AWSRequest, **_: object) -> None:
        self.sent += 1
        raise ReadTimeoutError(endpoint_url=request.url)

    def ask(self) -> None:
        self.client.list_queues()


@pytest.fixture(autouse=True)
def no_invocation() -> Iterator[None]:
    yield
    end_invocation()


def test_what_could_outlast_the_invocation_is_not_sent() -> None:
    queue = Queue()
    begin_invocation(Context(3_000))
    with pytest.raises(UpstreamError) as refused:
        queue.ask()
    assert refused.value.retry_after_seconds
    assert queue.sent == 0


def test_what_was_tried_in_vain_is_not_tried_again_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = Queue()
    now = [100.0]
    monkeypatch.setattr("ayinel_live.runtime.deadline.time.monotonic", lambda: now[0])
    begin_invocation(Context(7_000))

    def wait(**_: object) -> None:
        now[0] += ATTEMPT_SECONDS

    queue.client.meta.events.register_first("needs-retry", wait)
    with pytest.raises(UpstreamError):
        queue.ask()
    assert queue.sent == 1


def test_all_attempts_are_made_where_there_is_time() -> None:
    queue = Queue(attempts=2)
    begin_invocation(Context(15_000))
    with pytest.raises(ReadTimeoutError):
        queue.ask()
    assert queue.sent == 2


def test_nothing_is_refused_outside_an_invocation() -> None:
    queue = Queue(attempts=1)
    begin_invocation(Context(1_000))
    end_invocation()
    with pytest.raises(ReadTimeoutError):
        queue.ask()


def test_a_watched_handler_knows_its_end_and_no_longer_than_it_runs() -> None:
    queue = Queue(attempts=1)

    def handler(_event: object, _context: object) -> None:
        queue.ask()

    watched = Telemetry("a_function", "test", Logger()).watch(handler)
    with pytest.raises(UpstreamError):
        watched({}, Context(1_000))
    assert queue.sent == 0
    with pytest.raises(InvocationFailedError):
        watched({}, None)
    with pytest.raises(ReadTimeoutError):
        queue.ask()
