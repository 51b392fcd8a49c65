"""What goes back into a queue is what came out of it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from local.errors import LocalError
from local.redrive import Redrive, Redriven

OUTPUTS = {
    "PostsQueueUrl": "posts.fifo",
    "PostsFailuresQueueUrl": "posts-failures.fifo",
    "FanOutWorkerFailuresQueueUrl": "fan-out-failures",
}


class FakeAws:
    """Queues and functions in memory; a session of itself."""

    def __init__(self) -> None:
        self.held: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.invoked: list[tuple[str, Any]] = []
        self.answer: dict[str, Any] = {"batchItemFailures": []}

    def client(self, _service: str, endpoint_url: str | None = None) -> FakeAws:
        return self

    def hold(self, body: object, sent_at: int = 0) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        number = str(len(self.held))
        self.held.append(
            {
                "MessageId": number,
                "ReceiptHandle": number,
                "Body": text,
                "Attributes": {"SentTimestamp": str(sent_at), "MessageGroupId": "group"},
                "is_hidden": False,
            }
        )

    def receive_message(self, **_arguments: Any) -> dict[str, Any]:
        seen = [message for message in self.held if not message["is_hidden"]]
        for message in seen:
            message["is_hidden"] = True
        return {"Messages": seen} if seen else {}

    def delete_message(self, QueueUrl: str, ReceiptHandle: str) -> None:  # noqa: N803  AWS's names
        self.held = [m for m in self.held if m["ReceiptHandle"] != ReceiptHandle]

    def send_message(self, **arguments: Any) -> None:
        self.sent.append(arguments)

    def invoke(self, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803  AWS's names
        self.invoked.append((FunctionName, json.loads(Payload)))
        return {"Payload": io.BytesIO(json.dumps(self.answer).encode())}


@pytest.fixture
def aws() -> FakeAws:
    return FakeAws()


@pytest.fixture
def redrive(aws: FakeAws) -> Redrive:
    session: Any = aws
    return Redrive(session, None, "dev", OUTPUTS)


def test_message_goes_back_into_its_group_as_a_new_one(aws: FakeAws, redrive: Redrive) -> None:
    aws.hold('{"to": {}}')
    assert redrive.run("Posts") == Redriven("Posts", 1, [])
    (sent,) = aws.sent
    assert (sent["QueueUrl"], sent["MessageBody"]) == ("posts.fifo", '{"to": {}}')
    assert sent["MessageGroupId"] == "group"
    assert len(sent["MessageDeduplicationId"]) == 64
    assert aws.held == []


def test_message_that_was_wrapped_up_with_a_reason_goes_back_as_it_came(
    aws: FakeAws, redrive: Redrive
) -> None:
    aws.hold({"source": "posts", "reason": "KeyError", "body": "{no json"})
    redrive.run("Posts")
    assert [sent["MessageBody"] for sent in aws.sent] == ["{no json"]


def test_record_that_was_set_aside_is_handed_to_its_function(
    aws: FakeAws, redrive: Redrive
) -> None:
    aws.hold({"source": "fan_out_worker", "reason": "no id", "record": {"eventID": "e1"}})
    assert redrive.run("FanOutWorker") == Redriven("FanOutWorker", 1, [])
    assert aws.invoked == [("ayinel-live-dev-fan-out-worker", {"Records": [{"eventID": "e1"}]})]


def test_what_fails_again_stays_and_says_why(aws: FakeAws, redrive: Redrive) -> None:
    aws.hold({"record": {"eventID": "e1"}})
    aws.answer = {"batchItemFailures": [{"itemIdentifier": "e1"}]}
    redriven = redrive.run("FanOutWorker")
    assert (redriven.taken, redriven.reasons) == (0, ["fan-out-worker failed again on 1 records"])
    assert len(aws.held) == 1


def test_what_is_set_aside_again_meanwhile_is_not_tried_for_ever(
    aws: FakeAws, redrive: Redrive
) -> None:
    aws.hold("{}", sent_at=2**50)
    redriven = redrive.run("Posts")
    assert (redriven.taken, redriven.reasons) == (0, ["it was taken and set aside again"])
    assert aws.sent == []


def test_unknown_queue_is_a_clear_fault(redrive: Redrive) -> None:
    with pytest.raises(LocalError, match="FanOutWorker, Posts"):
        redrive.run("Nothing")
