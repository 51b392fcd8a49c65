"""The frames that go out through a WebSocket: what a viewer's client may receive.

Every event carries `type`; those that change what is shown carry an id and a version or change id,
so that a client drops what comes again. The wire delivers at least once.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ayinel_live.runtime.ids import ChangeId, MessageId, StreamId
from ayinel_live.runtime.wire import WireModel, WireTime

# API Gateway closes a connection with 1009 above this (quota page, "WebSocket frame size").
MAX_FRAME_BYTES = 32 * 1024

StreamStatus = Literal["live", "offline", "processing"]
MemberRole = Literal["owner", "moderator", "viewer"]


class MessageFrame(WireModel):
    """A message is shown."""

    type: Literal["message"] = "message"
    id: MessageId
    stream_id: StreamId
    user_id: str
    display_name: str
    role: MemberRole
    message: str
    timestamp: WireTime
    is_moderated: bool = False
    client_message_id: str
    change_id: ChangeId
    version: int


class MessageUpdatedFrame(WireModel):
    """A message changed after it was shown, or was approved: `removed` carries no text."""

    type: Literal["message-updated"] = "message-updated"
    id: MessageId
    stream_id: StreamId
    status: Literal["shown", "removed"]
    user_id: str
    display_name: str | None = None
    role: MemberRole | None = None
    message: str | None = None
    timestamp: WireTime
    is_moderated: bool
    change_id: ChangeId
    version: int


class MessageHeldFrame(WireModel):
    """To the sender: your message waits. To moderators: with its text, a message to decide on."""

    type: Literal["message-held"] = "message-held"
    id: MessageId
    stream_id: StreamId
    user_id: str
    client_message_id: str
    display_name: str | None = None
    message: str | None = None
    categories: tuple[str, ...] = ()
    timestamp: WireTime
    version: int


class MessageRejectedFrame(WireModel):
    """To the sender alone: the message will not be shown, with a reason in fixed words."""

    type: Literal["message-rejected"] = "message-rejected"
    id: MessageId
    stream_id: StreamId
    client_message_id: str
    reason: str
    detail: str
    version: int


class MessageAcceptedFrame(WireModel):
    """The answer to `send-message`: accepted for moderation; a repeat is answered alike."""

    type: Literal["message-accepted"] = "message-accepted"
    id: MessageId
    stream_id: StreamId
    client_message_id: str


class UserBannedFrame(WireModel):
    """A person was banned, timed out or let back in; clients take the person's messages away."""

    type: Literal["user-banned"] = "user-banned"
    stream_id: StreamId
    user_id: str
    sanction: Literal["ban", "time-out", "lifted"]
    until: WireTime | None = None
    version: int


class ViewerCountFrame(WireModel):
    """How many people watch now."""

    type: Literal["viewer-count"] = "viewer-count"
    stream_id: StreamId
    viewer_count: int
    version: int


class StreamStatusFrame(WireModel):
    """The stream's state changed; `duration` is seconds."""

    type: Literal["stream-status"] = "stream-status"
    stream_id: StreamId
    status: StreamStatus
    title: str
    start_time: WireTime | None = None
    duration: int = 0
    recording_available: bool = False
    version: int


class StreamHealthFrame(WireModel):
    """To the owner's connections: how the ingest does; bitrate in bits per second."""

    type: Literal["stream-health"] = "stream-health"
    stream_id: StreamId
    state: Literal["healthy", "starving", "unknown"]
    bitrate_bps: int | None = None
    frames_per_second: float | None = None
    width: int | None = None
    height: int | None = None
    last_event: str | None = None
    at: WireTime
    version: int


class PongFrame(WireModel):
    """The answer to `heartbeat`; a client that has not seen the newest change resumes."""

    type: Literal["pong"] = "pong"
    newest_change_id: ChangeId | None = None


class ResumedFrame(WireModel):
    """The end of the answer to `resume`.

    `gap_too_large` says: load the history page instead. `has_more` says: ask again, with
    `isContinuation` and this `newest_change_id`.
    """

    type: Literal["resumed"] = "resumed"
    stream_id: StreamId
    newest_change_id: ChangeId | None = None
    gap_too_large: bool = False
    has_more: bool = False


class ProblemFrame(WireModel):
    """A fault of a frame that was sent; `problem` is an RFC 9457 object."""

    type: Literal["problem"] = "problem"
    problem: dict[str, object]
    client_message_id: str | None = None


Event = Annotated[
    MessageFrame
    | MessageUpdatedFrame
    | MessageHeldFrame
    | MessageRejectedFrame
    | MessageAcceptedFrame
    | UserBannedFrame
    | ViewerCountFrame
    | StreamStatusFrame
    | StreamHealthFrame
    | PongFrame
    | ResumedFrame
    | ProblemFrame,
    Field(discriminator="type"),
]


class BatchFrame(WireModel):
    """Several events in one frame, in order."""

    type: Literal["batch"] = "batch"
    events: tuple[Event, ...]
