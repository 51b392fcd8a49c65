"""One connection's life: opening, every frame, closing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from aws_lambda_powertools import Logger

from ayinel_live.channels.model import Actor, Member, Role
from ayinel_live.chat.frames import event_for
from ayinel_live.chat.model import Sender
from ayinel_live.chat.resume import Gap
from ayinel_live.chat.send import Accepted, Rejected
from ayinel_live.connections.frames import PongFrame, ResumedFrame
from ayinel_live.connections.model import Identity
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime import metrics
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import ForbiddenError, LiveError, UnauthenticatedError
from ayinel_live.runtime.outages import outage_from
from ayinel_live.runtime.problems import problem_from
from ayinel_live.runtime.telemetry import Count, uncounted
from functions.chat_socket.frames import (
    DeleteMessage,
    Heartbeat,
    Inbound,
    Resume,
    SendMessage,
    client_message_id_of,
    parse_frame,
)
from functions.chat_socket.replies import (
    Reply,
    no_reply,
    problem_reply,
    reply,
    resumed_reply,
    sent_reply,
)

if TYPE_CHECKING:
    from ayinel_live.audience.presence import JoinRequest, LeaveReason

Event = Mapping[str, Any]


class PresenceLike(Protocol):
    """Knows who is there."""

    def leave(self, connection_id: str, at: datetime, reason: LeaveReason) -> bool:
        """Close a connection."""
        ...

    def heartbeat(self, connection_id: str, at: datetime) -> bool:
        """Note a sign of life."""
        ...


class Entrance(Protocol):
    """Lets connections in."""

    def enter(self, request: JoinRequest, caller: Caller | None, *, is_sight_certain: bool) -> None:
        """Open a connection."""
        ...


class SenderService(Protocol):
    """Sends messages."""

    def send(self, sender: Sender, text: str, client_message_id: str) -> Accepted | Rejected:
        """Send a message."""
        ...


class Remover(Protocol):
    """Takes messages away."""

    def remove(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        """Take a message away."""
        ...


class Resumer(Protocol):
    """Tells what was missed."""

    def since(self, stream_id: str, after: str | None, *, is_continuation: bool) -> Gap:
        """Return what changed."""
        ...

    def newest(self, stream_id: str) -> str | None:
        """Return the newest change that every viewer should have been told of."""
        ...


class Members(Protocol):
    """Knows people's standing."""

    def get(self, owner_id: str, user_id: str) -> Member:
        """Return a person's standing."""
        ...


class ChatSocket:
    """Answers the events of the WebSocket API.

    The parts are given as makers, called when first needed: a function that only sends never pays
    for what the others import.

    Args:
        sending: Makes what sends messages.
        entrance: Makes what lets connections in.
        presence: Makes what knows who is there.
        resuming: Makes what tells what was missed.
        removing: Makes what takes messages away.
        members: Makes what knows people's standing.
        logger: Gets what was accepted, and faults that are ours.
        count: Counts what happens.
        clock: Tells the time.
    """

    def __init__(
        self,
        *,
        sending: Callable[[], SenderService],
        entrance: Callable[[], Entrance],
        presence: Callable[[], PresenceLike],
        resuming: Callable[[], Resumer],
        removing: Callable[[], Remover],
        members: Callable[[], Members],
        logger: Logger,
        count: Count = uncounted,
        clock: Clock = utc_now,
    ) -> None:
        self._sending = sending
        self._entrance = entrance
        self._presence = presence
        self._resuming = resuming
        self._removing = removing
        self._members = members
        self._logger = logger
        self._count = count
        self._clock = clock

    def __call__(self, event: Event, context: object) -> Reply:
        """Answer one event of the gateway, whatever happens."""
        route = event["requestContext"]["routeKey"]
        if route == "$connect":
            return self._connect(event)
        if route == "$disconnect":
            return self._disconnect(event)
        try:
            return self._frame(event)
        except LiveError as error:
            self._count(metrics.FRAMES_REFUSED)
            return problem_reply(error, client_message_id_of(event))
        except Exception as error:
            if (outage := outage_from(error)) is not None:
                self._logger.warning("frame_put_off", route=route)
                self._count(metrics.FRAMES_FAILED)
                return problem_reply(outage, client_message_id_of(event))
            self._logger.exception("frame_failed", route=route)
            self._count(metrics.FRAMES_FAILED)
            return problem_reply(error, client_message_id_of(event))

    def _connect(self, event: Event) -> Reply:
        from ayinel_live.audience.presence import JoinRequest

        try:
            identity = Identity.from_context(event["requestContext"].get("authorizer") or {})
            self._entrance().enter(
                JoinRequest(
                    connection_id=event["requestContext"]["connectionId"],
                    stream_id=identity.stream_id,
                    owner_id=identity.owner_id,
                    viewer_id=identity.viewer_id,
                    role=identity.role,
                    ticket_id=identity.ticket_id,
                    ticket_expires_at=identity.expires_at,
                    connection_expires_at=identity.connection_expires_at,
                    country=identity.country,
                    device_class=identity.device_class,
                    referrer_host=identity.referrer_host,
                    is_counted=identity.is_counted,
                    at=self._clock(),
                ),
                _caller(identity),
                is_sight_certain=identity.is_sight_certain,
            )
        except Exception as error:
            refusal = error if isinstance(error, LiveError) else outage_from(error)
            if refusal is None:
                raise
            self._logger.info("connection_refused", code=refusal.code)
            self._count(metrics.CONNECTIONS_REFUSED)
            return no_reply(problem_from(refusal).status)
        self._count(metrics.CONNECTIONS_OPENED)
        return no_reply()

    def _disconnect(self, event: Event) -> Reply:
        connection_id = event["requestContext"]["connectionId"]
        if self._presence().leave(connection_id, self._clock(), "disconnected"):
            self._count(metrics.CONNECTIONS_CLOSED)
        return no_reply()

    def _frame(self, event: Event) -> Reply:
        frame = parse_frame(event)
        identity = Identity.from_context(event["requestContext"].get("authorizer") or {})
        if frame.stream_id is not None and frame.stream_id != identity.stream_id:
            raise ForbiddenError("This connection is for another stream.", code="wrong-stream")
        if datetime.fromtimestamp(identity.connection_expires_at, UTC) <= self._clock():
            raise UnauthenticatedError(
                "The connection has expired; connect with a new ticket.", code="connection-expired"
            )
        return self._answer(frame, identity, event["requestContext"]["connectionId"])

    def _answer(self, frame: Inbound, identity: Identity, connection_id: str) -> Reply:
        match frame:
            case SendMessage():
                sender = _sender(identity)
                outcome = self._sending().send(sender, frame.message, frame.client_message_id)
                self._tell(identity.stream_id, outcome)
                return sent_reply(identity.stream_id, frame.client_message_id, outcome)
            case DeleteMessage():
                actor = Actor(identity.viewer_id)
                self._removing().remove(actor, identity.stream_id, frame.message_id, frame.reason)
                return no_reply()
            case Heartbeat():
                return self._heartbeat(identity, connection_id)
            case Resume():
                return self._resume(frame, identity)

    def _tell(self, stream_id: str, outcome: Accepted | Rejected) -> None:
        """Write the line that ties a frame's request id to the message it became."""
        is_accepted = isinstance(outcome, Accepted)
        self._count(metrics.MESSAGES_ACCEPTED if is_accepted else metrics.MESSAGES_REJECTED)
        self._logger.info(
            "message_accepted" if is_accepted else "message_rejected",
            stream_id=stream_id,
            message_id=outcome.message_id,
        )

    def _heartbeat(self, identity: Identity, connection_id: str) -> Reply:
        if not self._presence().heartbeat(connection_id, self._clock()):
            raise UnauthenticatedError(
                "The connection was closed; connect with a new ticket.", code="connection-closed"
            )
        return reply(PongFrame(newest_change_id=self._resuming().newest(identity.stream_id)))

    def _resume(self, frame: Resume, identity: Identity) -> Reply:
        gap = self._resuming().since(
            identity.stream_id, frame.after, is_continuation=frame.is_continuation
        )
        end = ResumedFrame(
            stream_id=identity.stream_id,
            newest_change_id=frame.after,
            gap_too_large=gap.is_too_large,
            has_more=gap.has_more,
        )
        is_staff = any(m.status == "held" for m in gap.changes) and self._is_staff(identity)
        events = (
            (m.changed_at or m.message_id, event_for(m, identity.viewer_id, is_staff=is_staff))
            for m in gap.changes
        )
        return resumed_reply(events, end)

    def _is_staff(self, identity: Identity) -> bool:
        """Whether the person may see what waits for a moderator, as it is now."""
        if identity.user_id and identity.user_id == identity.owner_id:
            return True
        if identity.role != "moderator":
            return False
        return self._members().get(identity.owner_id, identity.viewer_id).role is Role.MODERATOR


def _caller(identity: Identity) -> Caller | None:
    if not identity.user_id:
        return None
    ends = datetime.fromtimestamp(identity.connection_expires_at, UTC)
    # Operators' tickets say that their sight is certain.
    return Caller(identity.user_id, identity.display_name, False, ends)


def _sender(identity: Identity) -> Sender:
    return Sender(
        stream_id=identity.stream_id,
        owner_id=identity.owner_id,
        viewer_id=identity.viewer_id,
        display_name=identity.display_name,
        is_anonymous=not identity.user_id,
    )
