"""The frames that a client may send; the AsyncAPI document is made from these."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from ayinel_live.channels.model import Reason
from ayinel_live.chat.model import ClientMessageId, MessageText
from ayinel_live.connections.frames import MAX_FRAME_BYTES
from ayinel_live.runtime.errors import InvalidInputError
from ayinel_live.runtime.ids import ChangeId, MessageId, StreamId
from ayinel_live.runtime.problems import PayloadTooLargeError
from ayinel_live.runtime.wire import WireModel, parse_wire


class SendMessage(WireModel):
    """Send a message.

    The answer is `message-accepted`, `message-rejected` or `problem`, each with the
    `clientMessageId`. Sent again with the same id it is still one message and is answered alike,
    so a client that got no answer sends it again.
    """

    action: Literal["send-message"]
    stream_id: StreamId
    message: MessageText
    client_message_id: ClientMessageId


class DeleteMessage(WireModel):
    """Take a message away: one's own, or as a moderator anybody's."""

    action: Literal["delete-message"]
    stream_id: StreamId | None = None
    message_id: MessageId
    reason: Reason | None = None


class Heartbeat(WireModel):
    """Say that somebody is there, every 45 seconds; the answer is `pong`."""

    action: Literal["heartbeat"]
    stream_id: StreamId | None = None


class Resume(WireModel):
    """Ask for what changed after `after`, or within the last seconds where it is not given.

    The answer ends with `resumed`. Where that says `hasMore`, the client asks again with
    `isContinuation` and the `newestChangeId` it was given.
    """

    action: Literal["resume"]
    stream_id: StreamId | None = None
    after: ChangeId | None = None
    is_continuation: bool = False


Inbound = SendMessage | DeleteMessage | Heartbeat | Resume
FRAMES: Mapping[str, type[Inbound]] = {
    "send-message": SendMessage,
    "delete-message": DeleteMessage,
    "heartbeat": Heartbeat,
    "resume": Resume,
}


def parse_frame(event: Mapping[str, Any]) -> Inbound:
    """Read the frame of an event.

    Which frame it is, the frame itself says: the gateway's route is only its reading of it.

    Args:
        event: A WebSocket message event.

    Raises:
        InvalidInputError: Binary, no JSON, an unknown action or a broken field rule.
        PayloadTooLargeError: It is over 32 KB.
    """
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        raise InvalidInputError("Frames are text; this one is binary.", code="binary-frame")
    if len(body) > MAX_FRAME_BYTES or len(body.encode("utf-8", "replace")) > MAX_FRAME_BYTES:
        raise PayloadTooLargeError(f"A frame may have {MAX_FRAME_BYTES} bytes at most.")
    action = _action_of(body)
    model = FRAMES.get(action)
    if model is None:
        raise InvalidInputError(
            "The frame's action is none that there is.",
            code="unknown-action",
            extra={"actions": sorted(FRAMES)},
        )
    return parse_wire(model, body)


def client_message_id_of(event: Mapping[str, Any]) -> str | None:
    """Return the client's id of a message whose frame was refused, so that it knows which."""
    try:
        given = json.loads(event.get("body") or "")["clientMessageId"]
        # Half of a surrogate pair is JSON but no text: it could not be written back.
        given.encode()
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return given if isinstance(given, str) and len(given) <= 64 else None


def _action_of(body: str) -> str:
    try:
        frame = json.loads(body)
    except (ValueError, RecursionError):
        raise InvalidInputError("The frame is not JSON.", code="malformed-frame") from None
    if not isinstance(frame, dict):
        raise InvalidInputError("The frame is not a JSON object.", code="malformed-frame")
    action = frame.get("action")
    return action if isinstance(action, str) else ""
