"""Everything that a run leaves behind, searched for what must be nowhere."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.support.stack import Stack


@dataclass
class Find:
    """A secret that was found: what it was and where, not the secret itself."""

    what: str
    where: str


@dataclass
class Evidence:
    """What a run left: log lines, items, events; text by where it was.

    Attributes:
        counts: How much was looked through, by kind.
    """

    texts: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, place: str, text: str) -> None:
        """Take a text in."""
        self.counts[kind] = self.counts.get(kind, 0) + 1
        self.texts.append((f"{kind} {place}", text))

    def search(self, secrets: dict[str, str]) -> list[Find]:
        """Find secrets, also as base64 text.

        Args:
            secrets: What each is, by the secret.
        """
        forms = {
            form: what
            for secret, what in secrets.items()
            for form in (secret, base64.b64encode(secret.encode()).decode().rstrip("=")[:-1])
        }
        return [
            Find(what, place)
            for place, text in self.texts
            for form, what in forms.items()
            if form in text
        ]


class BusTap:
    """A queue that hears everything that is put on the platform's bus.

    Args:
        stack: Whose bus.
        name: Of queue and rule.
    """

    def __init__(self, stack: Stack, name: str = "tap") -> None:
        self._stack = stack
        self._name = name
        self._bus = stack.outputs["eventBusName"]
        self._queue_url = ""

    def open(self) -> None:
        """Begin to listen."""
        queues, events = self._stack.client("sqs"), self._stack.client("events")
        self._queue_url = queues.create_queue(QueueName=self._name)["QueueUrl"]
        named = ["QueueArn"]
        arn = queues.get_queue_attributes(QueueUrl=self._queue_url, AttributeNames=named)[
            "Attributes"
        ]["QueueArn"]
        pattern = json.dumps({"source": ["ayinel.live"]})
        events.put_rule(Name=self._name, EventBusName=self._bus, EventPattern=pattern)
        targets = [{"Id": "tap", "Arn": arn}]
        events.put_targets(Rule=self._name, EventBusName=self._bus, Targets=targets)

    def close(self) -> None:
        """Take rule and queue away."""
        events = self._stack.client("events")
        events.remove_targets(Rule=self._name, EventBusName=self._bus, Ids=["tap"])
        events.delete_rule(Name=self._name, EventBusName=self._bus)
        self._stack.client("sqs").delete_queue(QueueUrl=self._queue_url)

    def events(self) -> list[dict[str, Any]]:
        """Return what was heard and not asked for yet."""
        heard: list[dict[str, Any]] = []
        while True:
            answer = self._stack.client("sqs").receive_message(
                QueueUrl=self._queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            if not answer.get("Messages"):
                return heard
            for message in answer["Messages"]:
                heard.append(json.loads(message["Body"]))
                self._stack.client("sqs").delete_message(
                    QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"]
                )


@contextmanager
def tapped_bus(stack: Stack, name: str = "tap") -> Iterator[BusTap]:
    """Listen to the platform's bus.

    Args:
        stack: Whose bus.
        name: Of queue and rule.
    """
    tap = BusTap(stack, name)
    tap.open()
    try:
        yield tap
    finally:
        tap.close()


def gather(stack: Stack, *, since_ms: int) -> Evidence:
    """Read all logs, all items of all tables and the programs' own logs.

    Args:
        stack: The stack.
        since_ms: Older log lines are left out; epoch milliseconds.
    """
    evidence = Evidence()
    _read_logs(stack, evidence, since_ms)
    _read_tables(stack, evidence)
    for path in stack.runtime.layout.logs_dir.glob("*.log"):
        evidence.add("program log", path.name, path.read_text(errors="replace"))
    return evidence


def _read_logs(stack: Stack, evidence: Evidence, since_ms: int) -> None:
    logs = stack.client("logs")
    for page in logs.get_paginator("describe_log_groups").paginate():
        for group in page["logGroups"]:
            name = group["logGroupName"]
            lines = logs.get_paginator("filter_log_events").paginate(
                logGroupName=name, startTime=since_ms
            )
            for line in (event for part in lines for event in part["events"]):
                evidence.add("log line", name, line["message"])


def _read_tables(stack: Stack, evidence: Evidence) -> None:
    tables = stack.client("dynamodb")
    for name in tables.list_tables()["TableNames"]:
        for page in tables.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                evidence.add("item", name, json.dumps(item, default=str))
