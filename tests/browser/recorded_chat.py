"""A stub of the platform that plays recorded chat frames to a page, at a steady rate.

It speaks what the watch page asks for and nothing else: the page's own code is what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from ulid import ULID

from local.website.__main__ import make_site
from tests.support.stack import free_port

STREAM_ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
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
    """The stub.

    Args:
        pages: The built pages.
        port: Where it listens.
        messages_per_second: How fast the chat is.
    """

    def __init__(self, pages: Path, port: int, messages_per_second: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.sent = 0
        self._port = port
        self._rate = messages_per_second
        site = make_site(pages, self._config())
        self._app = Starlette(
            routes=[
                Route("/api/v1/live/{path:path}", self._api, methods=["GET", "POST"]),
                WebSocketRoute("/chat", self._chat),
                Mount("/", site),
            ]
        )

    def _config(self) -> Mapping[str, Any]:
        return {
            "apiUrl": f"{self.url}/api/v1/live",
            "region": "us-east-1",
            "connectSources": [f"ws://127.0.0.1:{self._port}"],
        }

    async def _api(self, request: Request) -> Response:
        path = request.path_params["path"]
        if path.endswith("/chat-ticket"):
            ticket = {"ticket": "t", "viewerId": "anon", "role": "viewer", "expiresIn": 60}
            return JSONResponse({**ticket, "chatUrl": f"ws://127.0.0.1:{self._port}/chat"})
        if path.endswith("/messages"):
            return JSONResponse({"messages": []})
        stream = {
            "streamId": STREAM_ID,
            "userId": "host",
            "title": "A busy evening",
            "description": "",
            "status": "offline",
            "visibility": "PUBLIC",
            "viewerCount": 1,
            "playbackUrl": "",
        }
        return JSONResponse(stream)

    async def _chat(self, socket: WebSocket) -> None:
        await socket.accept()
        answers = asyncio.create_task(self._answer(socket))
        lines = itertools.cycle(_LINES)
        clock = asyncio.get_running_loop()
        started = clock.time()
        try:
            while True:
                await asyncio.sleep(1 / FRAMES_PER_SECOND)
                due = int((clock.time() - started) * self._rate)
                events = [self._message(next(lines)) for _ in range(due - self.sent)]
                await socket.send_text(json.dumps({"type": "batch", "events": events}))
        except (WebSocketDisconnect, RuntimeError):
            answers.cancel()

    async def _answer(self, socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                frame = json.loads(await socket.receive_text())
                if frame["action"] == "heartbeat":
                    await socket.send_text('{"type": "pong"}')

    def _message(self, text: str) -> dict[str, Any]:
        self.sent += 1
        message_id = str(ULID())
        return {
            "type": "message",
            "id": message_id,
            "streamId": STREAM_ID,
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

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """Serve until the block ends."""
        config = uvicorn.Config(
            self._app,
            host="127.0.0.1",
            port=self._port,
            log_level="error",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110  uvicorn tells it in no other way
            await asyncio.sleep(0.05)
        try:
            yield
        finally:
            server.should_exit = True
            await task


def recorded_chat(pages: Path, *, messages_per_second: int) -> RecordedChat:
    """Return a stub on a free port."""
    return RecordedChat(pages, free_port(), messages_per_second)
