"""What stands behind the socket in its tests, and the frames that they send."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.audience.presence import JoinRequest, LeaveReason
from ayinel_live.channels.model import Actor, Member, Role
from ayinel_live.chat.model import Sender
from ayinel_live.chat.resume import Gap
from ayinel_live.chat.send import Accepted, Rejected
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.ids import new_ulid
from functions.chat_socket.socket import ChatSocket
from tests.support.chat import STREAM_ID
from tests.support.clock import START, FixedClock
from tests.support.tickets import ticket_claims

MESSAGE_ID = new_ulid(START)


def context_of(**changes: Any) -> dict[str, str]:
    return ticket_claims(**changes).to_context()


class Fakes:
    """Stands behind the socket in every role, and remembers."""

    def __init__(self) -> None:
        self.clock = FixedClock()
        self.joined: list[JoinRequest] = []
        self.entered: list[tuple[Caller | None, bool]] = []
        self.left: list[tuple[str, datetime, str]] = []
        self.sent: list[tuple[Sender, str, str]] = []
        self.removed: list[tuple[Actor, str, str, str | None]] = []
        self.asked: list[tuple[str, str | None, bool]] = []
        self.is_open = True
        self.outcome: Accepted | Rejected = Accepted(MESSAGE_ID)
        self.fault: Exception | None = None
        self.gap = Gap(())
        self.roles: dict[str, Role] = {}
        self.socket = ChatSocket(
            sending=lambda: self,
            entrance=lambda: self,
            presence=lambda: self,
            resuming=lambda: self,
            removing=lambda: self,
            members=lambda: self,
            logger=Logger(service="test", level="CRITICAL"),
            clock=self.clock,
        )

    def _fail(self) -> None:
        if self.fault is not None:
            raise self.fault

    def enter(self, request: JoinRequest, caller: Caller | None, *, is_sight_certain: bool) -> None:
        self._fail()
        self.joined.append(request)
        self.entered.append((caller, is_sight_certain))

    def leave(self, connection_id: str, at: datetime, reason: LeaveReason) -> bool:
        self.left.append((connection_id, at, reason))
        return True

    def heartbeat(self, connection_id: str, at: datetime) -> bool:
        return self.is_open

    def send(self, sender: Sender, text: str, client_message_id: str) -> Accepted | Rejected:
        self._fail()
        self.sent.append((sender, text, client_message_id))
        return self.outcome

    def remove(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        self._fail()
        self.removed.append((actor, stream_id, message_id, reason))

    def since(self, stream_id: str, after: str | None, *, is_continuation: bool) -> Gap:
        self.asked.append((stream_id, after, is_continuation))
        return self.gap

    def newest(self, stream_id: str) -> str | None:
        return MESSAGE_ID

    def get(self, owner_id: str, user_id: str) -> Member:
        return Member(owner_id, user_id, self.roles.get(user_id, Role.VIEWER))

    def call(self, body: str | None, route: str = "$default", **changes: Any) -> dict[str, object]:
        event = {
            "requestContext": {
                "routeKey": route,
                "connectionId": "connection-1",
                "authorizer": changes.pop("context", None) or context_of(),
            },
            "body": body,
            "isBase64Encoded": False,
            **changes,
        }
        return self.socket(event, None)

    def frame(self, frame: object, **changes: Any) -> Any:
        body = frame if isinstance(frame, str) else json.dumps(frame)
        answer = self.call(body, **changes)
        assert answer["statusCode"] == 200
        return json.loads(str(answer["body"])) if "body" in answer else None

    def code(self, frame: object, **changes: Any) -> str:
        answer = self.frame(frame, **changes)
        assert answer["type"] == "problem"
        assert {"type", "title", "status", "detail"} <= answer["problem"].keys()
        return str(answer["problem"]["code"])


def send_frame(**changes: object) -> dict[str, object]:
    return {
        "action": "send-message",
        "streamId": STREAM_ID,
        "message": "hello",
        "clientMessageId": "c1",
        **changes,
    }
