"""A small world on moto: streams, people who come and go, and the worker that counts them.

Table streams are read as AWS hands them out: every write leaves a record, in order per item.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import boto3

from ayinel_live.audience.counter import AudienceCounter
from ayinel_live.audience.keys import stream_bucket
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.store import ChatterItem
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.idempotency import IdempotencyItem
from functions.audience_worker.worker import AudienceWorker, Outcome
from tests.support.clock import FixedClock
from tests.support.presence import STREAM_ID, join_request

AUDIENCE_ITEMS = (
    AudienceItem,
    AudienceMarkerItem,
    ChatterItem,
    ConnectionItem,
    IdempotencyItem,
    ViewerItem,
)


def viewer_record(item: ViewerItem, event: str = "MODIFY") -> dict[str, Any]:
    """The stream record of a viewer as it is now."""
    image = item.to_dynamodb_dict()
    return {
        "eventID": f"{item.viewer_id}-{item.version}",
        "eventName": event,
        "dynamodb": {
            "Keys": {name: image[name] for name in ("streamBucket", "viewerId")},
            "NewImage": image,
            "SequenceNumber": str(item.version),
        },
    }


def message_record(
    message_id: str,
    user_id: str,
    at: str,
    *,
    status: str = "shown",
    version: int = 1,
    stream_id: str = STREAM_ID,
) -> dict[str, Any]:
    """The stream record of a message."""
    image = {
        "streamId": {"S": stream_id},
        "messageId": {"S": message_id},
        "ownerId": {"S": "owner-1"},
        "userId": {"S": user_id},
        "displayName": {"S": user_id},
        "role": {"S": "viewer"},
        "message": {"S": "hello"},
        "timestamp": {"S": at},
        "status": {"S": status},
        "isModerated": {"BOOL": False},
        "version": {"N": str(version)},
        "clientMessageId": {"S": "c"},
    }
    return {
        "eventID": message_id,
        "eventName": "INSERT" if version == 1 else "MODIFY",
        "dynamodb": {
            "Keys": {name: image[name] for name in ("streamId", "messageId")},
            "NewImage": image,
            "SequenceNumber": "1",
        },
    }


@dataclass
class World:
    """People who join and leave, with every record their viewers' table has told."""

    clock: FixedClock = field(default_factory=FixedClock)
    ends: dict[str, int | None] = field(default_factory=lambda: {STREAM_ID: None})
    records: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.presence = Presence(pause=lambda seconds: None)
        counter = AudienceCounter(clock=self.clock, pause=lambda seconds: None)
        self.worker = AudienceWorker(counter, self.stream_end)

    def stream_end(self, stream_id: str) -> int | None:
        if stream_id not in self.ends:
            raise NotFoundError("There is no such stream.")
        return self.ends[stream_id]

    def join(self, connection_id: str, viewer_id: str, **more: Any) -> None:
        self.presence.join(join_request(connection_id, viewer_id, self.clock(), **more))
        self._record(viewer_id, more.get("stream_id", STREAM_ID))

    def leave(self, connection_id: str, viewer_id: str) -> None:
        self.presence.leave(connection_id, self.clock(), "disconnected")
        self._record(viewer_id, STREAM_ID)

    def count(self) -> Outcome:
        """Let the worker take all records so far, in one batch."""
        return self.worker.work(self.records)

    def _record(self, viewer_id: str, stream_id: str) -> None:
        item = ViewerItem.get(stream_bucket(stream_id, viewer_id), viewer_id)
        self.records.append(viewer_record(item))


def table_size(name: str) -> int:
    """How many items a table holds."""
    return int(boto3.client("dynamodb").scan(TableName=name, Select="COUNT")["Count"])
