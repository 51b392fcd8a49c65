"""Stand-ins for AWS that behave as it does, as far as fan-out looks at it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ayinel_live.fan_out.aws_calls import AwsCallError
from ayinel_live.fan_out.jobs import Job, Report


class FakeSqs:
    """Takes SendMessageBatch; FIFO messages with a known deduplication id are taken once."""

    def __init__(self) -> None:
        self.messages: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        self.refuse_once: set[str] = set()
        self.is_down = False
        self.calls = 0
        self.hidden_seconds: dict[str, int] = {}
        self._known: set[str] = set()

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if operation == "ChangeMessageVisibilityBatch":
            for entry in arguments["Entries"]:
                self.hidden_seconds[entry["ReceiptHandle"]] = entry["VisibilityTimeout"]
            return {}
        assert operation == "SendMessageBatch"
        if self.is_down:
            raise AwsCallError("SendMessageBatch: down")
        return self._take(arguments)

    async def close(self) -> None:
        pass

    def send_message_batch(self, **arguments: Any) -> dict[str, Any]:
        return self._take(arguments)

    def send_message(self, **arguments: Any) -> dict[str, Any]:
        self.messages[arguments["QueueUrl"]].append(arguments)
        return {}

    def _take(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.calls += 1
        entries = arguments["Entries"]
        assert 1 <= len(entries) <= 10
        assert len({entry["Id"] for entry in entries}) == len(entries)
        assert sum(len(entry["MessageBody"].encode()) for entry in entries) <= 256 * 1024
        failed = []
        for entry in entries:
            if entry["MessageBody"] in self.refuse_once:
                self.refuse_once.discard(entry["MessageBody"])
                failed.append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
                continue
            known = entry.get("MessageDeduplicationId")
            if known is not None and known in self._known:
                continue
            if known is not None:
                self._known.add(known)
            self.messages[arguments["QueueUrl"]].append(entry)
        return {"Failed": failed} if failed else {}

    def bodies(self, queue_url: str) -> list[Any]:
        return [json.loads(message["MessageBody"]) for message in self.messages[queue_url]]


class FakePoster:
    """Posts into memory; `stuck` connections take so many frames and then no more."""

    def __init__(self) -> None:
        self.received: defaultdict[str, list[Any]] = defaultdict(list)
        self.closed: list[str] = []
        self.gone: set[str] = set()
        self.stuck: dict[str, int] = {}
        self.posts = 0

    async def post(self, jobs: Iterable[Job], seconds: float) -> Report:
        report = Report()
        for job in jobs:
            self._work_off(job, report)
        return report

    async def close(self) -> None:
        pass

    def _work_off(self, job: Job, report: Report) -> None:
        connection_id = job.connection_id
        if connection_id in self.gone:
            report.gone.append(connection_id)
            return
        while not job.is_finished:
            if self.stuck.get(connection_id) == 0:
                report.left.append(job)
                return
            if connection_id in self.stuck:
                self.stuck[connection_id] -= 1
            if job.position < len(job.payloads):
                frame = json.loads(job.payloads[job.position].body)
                events = frame["events"] if frame["type"] == "batch" else [frame]
                self.received[connection_id].extend(events)
            else:
                self.closed.append(connection_id)
            job.position += 1
            report.delivered += 1
            self.posts += 1


class FakeDynamoDb:
    """Answers Query on the connection indexes, a few items a page."""

    def __init__(self, page: int = 2) -> None:
        self.items: list[dict[str, str]] = []
        self.queries = 0
        self.is_down = False
        self._page = page

    def connect(self, connection_id: str, shard: str, viewer_id: str = "v", **more: str) -> None:
        self.items.append(
            {"connectionId": connection_id, "streamShard": shard, "viewerId": viewer_id, **more}
        )

    async def close(self) -> None:
        pass

    async def call(self, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        assert operation == "Query"
        if self.is_down:
            raise AwsCallError("Query: down")
        self.queries += 1
        names = arguments["ExpressionAttributeNames"]
        values = arguments["ExpressionAttributeValues"]
        found = [item for item in self.items if item.get(names["#k"]) == values[":k"]["S"]]
        start = int(arguments.get("ExclusiveStartKey", {"at": 0})["at"])
        page = found[start : start + self._page]
        if "FilterExpression" in arguments:
            page = [item for item in page if item.get(names["#s"]) == values[":s"]["S"]]
        answer: dict[str, Any] = {
            "Items": [{"connectionId": {"S": item["connectionId"]}} for item in page]
        }
        if start + self._page < len(found):
            answer["LastEvaluatedKey"] = {"at": start + self._page}
        return answer
