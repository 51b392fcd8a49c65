"""Builders of items and of their changes as DynamoDB streams tell them, by the item classes."""

from __future__ import annotations

from itertools import count
from typing import Any

from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.connections.shards import shard_key
from ayinel_live.connections.store import ConnectionItem
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem

STREAM = "01JZ0000000000000000000001"
MESSAGE = "01JZ0000000000000000000ABC"
CHANGE = "01JZ0000000000000000000DEF"
TABLES = {
    f"live-{item.logical_name}": item.logical_name
    for item in (ChatMessageItem, AudienceItem, StreamItem, MemberItem, InvitationItem)
}
_numbers = count(1)


def record(old: TableItem | None, new: TableItem | None, **more: Any) -> dict[str, Any]:
    """Make the record of a change."""
    item = new if new is not None else old
    assert item is not None
    number = next(_numbers)
    change: dict[str, Any] = {"SequenceNumber": f"{number:021}"}
    if old is not None:
        change["OldImage"] = old.serialize()
    if new is not None:
        change["NewImage"] = new.serialize()
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    arn = f"arn:aws:dynamodb:eu-west-1:1:table/live-{item.logical_name}/stream/2026"
    return {
        "eventID": f"e{number}",
        "eventName": name,
        "eventSourceARN": arn,
        "dynamodb": change,
        **more,
    }


def chat_message(**changes: Any) -> ChatMessageItem:
    values: dict[str, Any] = {
        "owner_id": "creator",
        "user_id": "anna",
        "display_name": "Anna",
        "role": "viewer",
        "message": "hello",
        "timestamp": "2026-01-02T03:04:05.000Z",
        "status": "shown",
        "client_message_id": "c1",
        "changed_at": CHANGE,
        **changes,
    }
    message_id = values.pop("message_id", MESSAGE)
    return ChatMessageItem(values.pop("stream_id", STREAM), message_id, **values)


def totals(viewers: int, version: int, stream_id: str = STREAM, **changes: Any) -> AudienceItem:
    return AudienceItem(stream_id, "totals", viewer_count=viewers, version=version, **changes)


def stream(**changes: Any) -> StreamItem:
    values: dict[str, Any] = {
        "user_id": "creator",
        "title": "First",
        "status": "LIVE",
        "visibility": "PUBLIC",
        "quality": "1080p",
        "rtmp_url": "rtmps://x",
        "playback_url": "https://x",
        "start_time": "2026-01-02T03:00:00.000Z",
        "created_at": "2026-01-02T02:59:00.000Z",
        "updated_at": "2026-01-02T03:10:00.000Z",
        "version": 3,
        "channel_arn": "arn",
        "facts": "{}",
        **changes,
    }
    return StreamItem(values.pop("stream_id", STREAM), **values)


def member(**changes: Any) -> MemberItem:
    return MemberItem("creator", changes.pop("user_id", "anna"), **changes)


def connection(connection_id: str, viewer_id: str, shard: int = 0, **more: Any) -> ConnectionItem:
    """Make the item of a viewer's open connection to the stream."""
    return ConnectionItem(
        connection_id,
        stream_id=STREAM,
        stream_shard=shard_key(STREAM, shard),
        owner_id="creator",
        viewer_id=viewer_id,
        role="viewer",
        connected_at="2026-01-02T03:04:05.000Z",
        heartbeat_bucket="b",
        expires_at=2_000_000_000,
        **more,
    )
