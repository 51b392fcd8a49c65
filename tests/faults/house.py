"""What all cells of the matrix share, and what was said in it that should not have been."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from tests.support.following import Event, FollowingClient
from tests.support.stack import Stack

_SHOWN_CHARACTERS = 300
_ROUTES = ("chat-ticket", "invitations", "start", "status", "stop")


@dataclass
class House:
    """A stream that stands open, with people in its chat.

    Attributes:
        stack: The stack.
        stream_id: The stream.
        owner: Its creator's name.
        viewers: The clients in its chat.
        http: For calls; every answer that it gets is judged.
        unclear: What was said, by where: refusals that do not invite to try again.
    """

    stack: Stack
    stream_id: str
    owner: str
    viewers: list[FollowingClient] = field(default_factory=list)
    unclear: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Have every answer judged."""
        hooks = {"response": [self._judge_answer]}
        self.http = httpx.AsyncClient(timeout=60, event_hooks=hooks)

    def judge_frame(self, frame: Event) -> None:
        """Note a frame that refuses something without inviting to try again."""
        # The gateway says by itself when a function fails, in a frame without a type.
        is_told = "type" in frame
        problem = frame.get("problem", {})
        if is_told and (not problem or "retryAfterSeconds" in problem):
            return
        self.unclear.append(("chat", json.dumps(frame)[:_SHOWN_CHARACTERS]))

    async def _judge_answer(self, answer: httpx.Response) -> None:
        if answer.is_success:
            return
        await answer.aread()
        kind = answer.headers.get("content-type", "")
        is_clear = (
            answer.status_code in {409, 429, 503}
            and "problem+json" in kind
            and "retry-after" in answer.headers
        )
        if not is_clear:
            words = answer.request.url.path.split("/")
            route = next((word for word in _ROUTES if word in words), words[-1])
            said = f"{answer.status_code} {kind} {answer.text[:_SHOWN_CHARACTERS]}"
            self.unclear.append((route, said))


async def open_viewers(
    stack: Stack,
    http: httpx.AsyncClient,
    stream_id: str,
    count: int,
    exits: AsyncExitStack,
    on_frame: Callable[[Event], None] | None = None,
) -> list[FollowingClient]:
    """Open chat clients that stay until the exits are taken.

    Args:
        stack: Where the chat is.
        http: For their tickets.
        stream_id: Whose chat.
        count: How many.
        exits: Ends them.
        on_frame: Gets every frame as it came.
    """
    clients = [
        FollowingClient(
            http,
            stack.outputs["apiUrl"],
            stream_id,
            chat_url=stack.outputs["chatUrl"],
            heartbeat_seconds=4,
            pong_seconds=10,
            on_frame=on_frame,
        )
        for _ in range(count)
    ]
    for client in clients:
        task = asyncio.create_task(client.run())
        exits.push_async_callback(asyncio.wait, {task})
        exits.callback(task.cancel)
        await asyncio.wait_for(client.is_open.wait(), 60)
    return clients
