"""A small client of the product's own API and chat, for the demo and the end-to-end tests."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import httpx
from ulid import ULID
from websockets.asyncio.client import ClientConnection, connect

Event = dict[str, Any]
WAIT_SECONDS = 10.0


class LiveApi:
    """The HTTP API as one caller sees it.

    Args:
        api_url: The base that ends in `/api/v1/live`.
        token: A bearer token; None calls anonymously.
    """

    def __init__(self, api_url: str, token: str | None = None) -> None:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(headers=headers, timeout=30)
        self._base = api_url.rstrip("/")

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request; `path` is below the base and starts with a slash."""
        return self._http.request(
            method,
            self._base + ("" if path == "/" else path),
            json=body,
            headers=dict(headers or {}),
        )

    def get(self, path: str) -> Any:
        """Return the JSON of a GET that must succeed."""
        return self.call("GET", path).raise_for_status().json()

    def post(self, path: str, body: object = None) -> Any:
        """Return the JSON of a POST that must succeed; None where there is no body."""
        answer = self.call("POST", path, body).raise_for_status()
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()


class ChatClient:
    """One open chat connection: collects every event, drops repeats as a page does.

    Attributes:
        events: What arrived, batches taken apart, in order.
        frames: How many frames arrived.
    """

    def __init__(self, socket: ClientConnection, stream_id: str, viewer_id: str) -> None:
        self._socket = socket
        self._changed = asyncio.Condition()
        self.stream_id = stream_id
        self.viewer_id = viewer_id
        self.events: list[Event] = []
        self.frames = 0

    async def send(self, message: str, *, client_message_id: str | None = None) -> str:
        """Send a message and return its client id."""
        own_id = client_message_id or str(ULID())
        await self.send_frame(
            {
                "action": "send-message",
                "streamId": self.stream_id,
                "message": message,
                "clientMessageId": own_id,
            }
        )
        return own_id

    async def send_frame(self, frame: object) -> None:
        """Send any frame; text and bytes go as they are, anything else as JSON."""
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        await self._socket.send(raw)

    async def wait_for(
        self, wanted: Callable[[Event], bool], *, seconds: float = WAIT_SECONDS
    ) -> Event:
        """Wait for an event, also among those that came already.

        Args:
            wanted: Says whether this is the one.
            seconds: How long to wait.

        Raises:
            TimeoutError: It did not come; the message tells what did.
        """

        def newest() -> Event | None:
            return next((event for event in self.events if wanted(event)), None)

        async with self._changed:
            try:
                await asyncio.wait_for(
                    self._changed.wait_for(lambda: newest() is not None), timeout=seconds
                )
            except TimeoutError:
                seen = [event["type"] for event in self.events]
                raise TimeoutError(f"the event did not come; these did: {seen}") from None
        found = newest()
        assert found is not None
        return found

    async def wait_for_message(self, text: str, *, seconds: float = WAIT_SECONDS) -> Event:
        """Wait for a shown message with this text."""
        return await self.wait_for(
            lambda event: event["type"] == "message" and event["message"] == text, seconds=seconds
        )

    async def wait_for_viewer_count(self, count: int, *, seconds: float = WAIT_SECONDS) -> Event:
        """Wait until the newest viewer count is this one."""

        def is_newest(event: Event) -> bool:
            counts = [e for e in self.events if e["type"] == "viewer-count"]
            return bool(counts) and event is counts[-1] and event["viewerCount"] == count

        return await self.wait_for(is_newest, seconds=seconds)

    def messages(self) -> list[str]:
        """Return the texts of the shown messages, in order, repeats dropped."""
        shown = {e["id"]: e["message"] for e in self.events if e["type"] == "message"}
        return list(shown.values())

    async def close(self) -> None:
        """Close the connection cleanly."""
        await self._socket.close()

    async def collect(self) -> None:
        """Read frames until the connection ends."""
        async for raw in self._socket:
            frame = json.loads(raw)
            self.frames += 1
            events = frame["events"] if frame["type"] == "batch" else [frame]
            async with self._changed:
                self.events.extend(events)
                self._changed.notify_all()


@asynccontextmanager
async def join_chat(api: LiveApi, stream_id: str) -> AsyncIterator[ChatClient]:
    """Take a ticket and hold a chat connection open.

    Args:
        api: Whose ticket it is.
        stream_id: The stream.
    """
    ticket = await asyncio.to_thread(api.post, f"/{stream_id}/chat-ticket")
    url = f"{ticket['chatUrl']}?ticket={ticket['ticket']}"
    async with connect(url, open_timeout=20) as socket:
        client = ChatClient(socket, stream_id, ticket["viewerId"])
        reader = asyncio.create_task(client.collect())
        try:
            yield client
        finally:
            await client.close()
            await asyncio.wait({reader}, timeout=5)
            reader.cancel()
