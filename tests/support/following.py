"""A chat client that keeps to the protocol as a page does: resumes, reconnects, drops repeats."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx
from ulid import ULID
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

Event = dict[str, Any]
HEARTBEAT_SECONDS = 45.0
ANSWER_SECONDS = 8.0
# A silent server is taken for dead when a pong is this late, as pages do.
PONG_SECONDS = 30.0
# What opening a connection may fail with while something is broken.
OPENING_FAULTS = (OSError, TimeoutError, InvalidHandshake, ConnectionClosed, httpx.HTTPError)


@dataclass
class Seen:
    """What one client was shown, behind its filter, and what the wire brought beside.

    Attributes:
        shown: Text by message id, in the order in which they were shown.
        ids: Message id by the sender's own id of it.
        twice: Messages that were shown a second time, under their id or another; must stay empty.
        times: When each was shown, epoch seconds.
        repeats: How many shown messages the wire brought again.
        frames: How many frames came.
        bytes: Their size.
    """

    shown: dict[str, str] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    repeats: int = 0
    frames: int = 0
    bytes: int = 0


@lru_cache(64)
def _parsed(raw: str | bytes) -> Event:
    """Parse a frame once for all the clients of this process that it comes to."""
    frame: Event = json.loads(raw)
    return frame


class FollowingClient:
    """One viewer's chat, for as long as `run` runs.

    Args:
        http: For tickets.
        api_url: The base of the API.
        stream_id: The stream.
        token: A bearer token; None for the anonymous.
        on_frame: Gets every frame as it came.
        heartbeat_seconds: Between two signs of life.
        chat_url: In the place of the ticket's.
        pong_seconds: How long a sign of life may stay unanswered.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        api_url: str,
        stream_id: str,
        *,
        token: str | None = None,
        on_frame: Callable[[Event], None] | None = None,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        chat_url: str | None = None,
        pong_seconds: float = PONG_SECONDS,
    ) -> None:
        self.stream_id = stream_id
        self.seen = Seen()
        self.answers: list[Event] = []
        self.opened = 0
        self.refused = 0
        self.viewer_id = ""
        self._http = http
        self._api_url = api_url
        self._headers = {"authorization": f"Bearer {token}"} if token else {}
        self._on_frame = on_frame
        self._heartbeat_seconds = heartbeat_seconds
        self._chat_url = chat_url
        self._pong_seconds = pong_seconds
        self._pongs = asyncio.Event()
        self._viewer_token: str | None = None
        self._socket: ClientConnection | None = None
        self._versions: dict[str, int] = {}
        self._newest: str | None = None
        self._changed = asyncio.Condition()
        self._resuming = False
        self._resume_from: str | None = None
        self.is_open = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        pause = 0.2
        while True:
            try:
                await self._follow_once()
                pause = 0.2
            except OPENING_FAULTS:
                self.refused += 1
                pause = min(5.0, pause * 2)
            finally:
                self.is_open.clear()
                self._socket = None
            await asyncio.sleep(pause * random.uniform(0.5, 1))

    async def kill(self) -> None:
        """Break the connection off without a word, as a lost network does."""
        if self._socket is not None:
            self._socket.transport.abort()

    async def send(self, text: str, client_message_id: str | None = None) -> str:
        """Send a message until it is answered; returns the id that it was accepted under.

        Raises:
            RuntimeError: It was refused for good.
            TimeoutError: It was not accepted for a minute and a half.
        """
        own_id = client_message_id or str(ULID())
        frame = {
            "action": "send-message",
            "streamId": self.stream_id,
            "message": text,
            "clientMessageId": own_id,
        }
        deadline = time.monotonic() + 90
        last: Event | None = None
        while time.monotonic() < deadline:
            answer = await self._ask(frame, own_id)
            if answer is None:
                continue
            if answer["type"] == "message-accepted":
                return str(answer["id"])
            problem = answer.get("problem", {})
            if answer["type"] == "message-rejected" or problem.get("status", 500) in {400, 403}:
                raise RuntimeError(f"refused: {answer}")
            self.answers.remove(answer)
            last = problem
            await asyncio.sleep(float(problem.get("retryAfterSeconds", 0.5)))
        state = "open" if self.is_open.is_set() else "closed"
        raise TimeoutError(
            f"not accepted in time; the last answer was {last}, the connection is {state} after "
            f"{self.opened} openings and {self.refused} refusals"
        )

    async def send_frame(self, frame: object) -> None:
        """Send any frame as it is."""
        await self.is_open.wait()
        assert self._socket is not None
        raw = frame if isinstance(frame, str | bytes) else json.dumps(frame)
        await self._socket.send(raw)

    async def _ask(self, frame: Event, own_id: str) -> Event | None:
        """Send a frame and wait for its answer; None where none came in time."""

        def answer() -> Event | None:
            return next((a for a in self.answers if a.get("clientMessageId") == own_id), None)

        try:
            await asyncio.wait_for(self.is_open.wait(), ANSWER_SECONDS)
            await self.send_frame(frame)
            async with self._changed:
                await asyncio.wait_for(
                    self._changed.wait_for(lambda: answer() is not None), ANSWER_SECONDS
                )
        except (TimeoutError, ConnectionClosed, AssertionError):
            return answer()
        return answer()

    async def _follow_once(self) -> None:
        body = {"viewerToken": self._viewer_token} if self._viewer_token else {}
        answer = await self._http.post(
            f"{self._api_url}/{self.stream_id}/chat-ticket", json=body, headers=self._headers
        )
        ticket = answer.raise_for_status().json()
        self._viewer_token = ticket.get("viewerToken")
        self.viewer_id = ticket["viewerId"]
        url = f"{self._chat_url or ticket['chatUrl']}?ticket={ticket['ticket']}"
        # Browsers send no pings of their own, and one process with hundreds of clients would take
        # its own slowness for the server's death.
        options: dict[str, Any] = {"open_timeout": 30, "close_timeout": 3, "max_queue": 256}
        async with connect(url, ping_interval=None, **options) as socket:
            self._socket = socket
            self.opened += 1
            self.is_open.set()
            await self._resume()
            beating = asyncio.create_task(self._beat(socket))
            try:
                async for raw in socket:
                    await self._take(raw)
            finally:
                beating.cancel()
                await asyncio.gather(beating, return_exceptions=True)

    async def _beat(self, socket: ClientConnection) -> None:
        while True:
            await asyncio.sleep(self._heartbeat_seconds * random.uniform(0.8, 1))
            self._pongs.clear()
            with contextlib.suppress(ConnectionClosed):
                await socket.send('{"action":"heartbeat"}')
            try:
                await asyncio.wait_for(self._pongs.wait(), self._pong_seconds)
            except TimeoutError:
                socket.transport.abort()

    async def _resume(self, *, is_continuation: bool = False) -> None:
        """Ask for what was missed.

        As long as the answer is not whole, what comes live says nothing of what lies before it: a
        resume that was cut off is taken up where it began.
        """
        if not self._resuming:
            self._resume_from = self._newest
            self._resuming = True
        frame: Event = {"action": "resume", "isContinuation": is_continuation}
        if self._resume_from is not None:
            frame["after"] = self._resume_from
        if self._socket is not None:
            await self._socket.send(json.dumps(frame))

    async def _take(self, raw: str | bytes) -> None:
        frame = _parsed(raw)
        self.seen.frames += 1
        self.seen.bytes += len(raw)
        if self._on_frame is not None:
            self._on_frame(frame)
        # What the gateway itself says of a function that failed has no type.
        for event in frame["events"] if frame.get("type") == "batch" else [frame]:
            await self._event(event)

    async def _event(self, event: Event) -> None:
        match event.get("type"):
            case "message":
                self._show(event)
            case "pong":
                self._pongs.set()
                newest = event.get("newestChangeId") or ""
                if self._resuming or newest > (self._newest or ""):
                    await self._resume()
            case "resumed" if event.get("hasMore"):
                self._resume_from = event["newestChangeId"]
                await self._resume(is_continuation=True)
            case "resumed":
                if event.get("gapTooLarge"):
                    await self._load_history()
                self._resuming = False
            case "problem" | "message-accepted" | "message-rejected":
                async with self._changed:
                    self.answers.append(event)
                    self._changed.notify_all()

    def _show(self, event: Event) -> None:
        """What a page's filter does: drop what is not newer than what is shown."""
        message_id = event["id"]
        change = event.get("changeId")
        if change is not None and (self._newest is None or change > self._newest):
            self._newest = change
        if self._versions.get(message_id, 0) >= event.get("version", 1):
            self.seen.repeats += 1
            return
        self._versions[message_id] = event.get("version", 1)
        own_id = f"{event['userId']}/{event['clientMessageId']}"
        if message_id in self.seen.shown or own_id in self.seen.ids:
            self.seen.twice.append(message_id)
        self.seen.ids[own_id] = message_id
        self.seen.shown[message_id] = event["message"]
        self.seen.times[message_id] = time.time()

    async def _load_history(self) -> None:
        cursor: str | None = None
        for _ in range(10):
            query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
            answer = await self._http.get(
                f"{self._api_url}/{self.stream_id}/messages", params=query, headers=self._headers
            )
            page = answer.raise_for_status().json()
            fresh = [m for m in page["messages"] if m["id"] not in self.seen.shown]
            for message in fresh:
                self._show({"version": 1, **message})
            cursor = page.get("nextCursor") or page.get("cursor")
            if cursor is None or not fresh:
                return
