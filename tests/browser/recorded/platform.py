"""The stub itself: the built pages, answers of the API, a chat and a broadcast, on one origin."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from local.website.__main__ import make_site
from tests.browser.recorded.chat import RecordedChat
from tests.browser.recorded.server import serving
from tests.browser.recorded.video import video_routes
from tests.support.stack import free_port

STREAM_ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
_TIME = "2026-01-01T00:00:00Z"
_HISTORY_MESSAGES = 30


class RecordedPlatform:
    """A platform on a port of its own.

    Args:
        pages: The built pages.
        messages_per_second: How fast its chat is.
        config: More of what `config.json` says, such as who signs people in.
        stream: What differs of the one stream that is watched.
        listed: How many streams are live.
        connect: Origins that the pages may call besides their own.
        routes: More routes, before all others.

    Attributes:
        url: Its origin.
        chat: Its chat.
        calls: The API's calls, oldest first: path and bearer token, which may be empty.
    """

    def __init__(
        self,
        pages: Path,
        *,
        messages_per_second: int = 0,
        config: Mapping[str, Any] | None = None,
        stream: Mapping[str, Any] | None = None,
        listed: int = 8,
        connect: tuple[str, ...] = (),
        routes: tuple[BaseRoute, ...] = (),
    ) -> None:
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.chat = RecordedChat(STREAM_ID, messages_per_second)
        self.calls: list[tuple[str, str]] = []
        self._stream = dict(stream or {})
        self._connect = connect
        self._listed = listed
        site = make_site(pages, {**self._config(), **(config or {})})
        self._app = Starlette(
            routes=[
                *routes,
                *video_routes(),
                Route("/api/v1/live/{path:path}", self._api, methods=["GET", "POST"]),
                Route("/api/v1/live", self._api),
                WebSocketRoute("/chat", self.chat.serve),
                Mount("/", site),
            ]
        )

    def _config(self) -> dict[str, Any]:
        return {
            "apiUrl": f"{self.url}/api/v1/live",
            "region": "us-east-1",
            "connectSources": [f"ws://127.0.0.1:{self._port}", *self._connect],
        }

    async def _api(self, request: Request) -> Response:
        path = request.path_params.get("path", "")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        self.calls.append((path, token))
        return JSONResponse(self._answer(path))

    def _answer(self, path: str) -> dict[str, Any]:
        if path in {"", "mine"}:
            ids = [f"{STREAM_ID[:-1]}{number}" for number in range(self._listed)]
            return {"streams": [self._details(stream_id) for stream_id in ids], "cursor": None}
        if path.endswith("/chat-ticket"):
            ticket = {"ticket": "t", "viewerId": "anon", "role": "viewer", "expiresIn": 60}
            return {**ticket, "chatUrl": f"ws://127.0.0.1:{self._port}/chat"}
        if path.endswith("/messages"):
            return {"messages": [self.chat.message("earlier") for _ in range(_HISTORY_MESSAGES)]}
        return self._details(STREAM_ID)

    def _details(self, stream_id: str) -> dict[str, Any]:
        return {
            "id": stream_id,
            "streamId": stream_id,
            "userId": "host",
            "title": "A busy evening at the harbour",
            "description": "Oil on canvas, from first wash to last light.",
            "status": "live",
            "state": "LIVE",
            "visibility": "PUBLIC",
            "quality": "720p",
            "viewerCount": 1,
            "startTime": _TIME,
            "endTime": None,
            "duration": 754,
            "thumbnailUrl": f"{self.url}/video/poster.jpg",
            "playbackUrl": f"{self.url}/video/live.m3u8",
            "recordingState": "recording",
            **self._stream,
        }

    def serving(self) -> AbstractAsyncContextManager[None]:
        """Serve until the block ends."""
        return serving(self._app, self._port)
