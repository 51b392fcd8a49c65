"""Recorded chat frames, played to each connection at a steady rate."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect
from ulid import ULID

FRAMES_PER_SECOND = 4
_TIME = "2026-01-01T00:00:00Z"
_LINES = (
    "hello from the test pattern",
    "is this on one machine? wow 🔥",
    "see https://example.com/a?b=c for more",
    "a longer message that goes over more than one line of the chat, as people do write them",
    "こんにちは みんな",
    "👏👏👏",
)


class RecordedChat:
    """The chat of one stream.

    Args:
        stream_id: Which stream.
        messages_per_second: How fast it is; 0 is a silent chat.

    Attributes:
        sent: How many messages have gone out.
    """

    def __init__(self, stream_id: str, messages_per_second: int) -> None:
        self.sent = 0
        self._stream_id = stream_id
        self._rate = messages_per_second

    async def serve(self, socket: WebSocket) -> None:
        """Play to one connection until it ends."""
        await socket.accept()
        answers = asyncio.create_task(self._answer(socket))
        lines = itertools.cycle(_LINES)
        clock = asyncio.get_running_loop()
        started, before = clock.time(), self.sent
        try:
            while self._rate:
                await asyncio.sleep(1 / FRAMES_PER_SECOND)
                due = before + int((clock.time() - started) * self._rate)
                events = [self.message(next(lines)) for _ in range(due - self.sent)]
                await socket.send_text(json.dumps({"type": "batch", "events": events}))
            await answers
        except (WebSocketDisconnect, RuntimeError):
            answers.cancel()

    async def _answer(self, socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                frame = json.loads(await socket.receive_text())
                if frame["action"] == "heartbeat":
                    await socket.send_text('{"type": "pong"}')

    def message(self, text: str) -> dict[str, Any]:
        """Return the next message's event."""
        self.sent += 1
        message_id = str(ULID())
        return {
            "type": "message",
            "id": message_id,
            "streamId": self._stream_id,
            "userId": f"user-{self.sent % 97}",
            "displayName": f"viewer {self.sent % 97}",
            "role": "moderator" if self.sent % 31 == 0 else "viewer",
            "message": f"{text} {self.sent}",
            "timestamp": _TIME,
            "isModerated": False,
            "clientMessageId": message_id,
            "changeId": message_id,
            "version": 1,
        }
