"""The application that the launcher serves: MiniStack's, with a few routes of ours before it."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ministack import app as ministack_app
from ministack.core.persistence import save_all

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one ASGI connection.

    Args:
        scope: The connection, as ASGI describes it.
        receive: Gives the next message of the client.
        send: Takes the next message for the client.
    """
    path = scope.get("path", "")
    if scope["type"] != "http" or not path.startswith("/_ayinel/"):
        await ministack_app.app(scope, receive, send)
    elif path == "/_ayinel/health" and scope["method"] == "GET":
        await _answer(send, 200, {"pid": os.getpid()})
    elif path == "/_ayinel/save" and scope["method"] == "POST":
        await asyncio.to_thread(save_all, ministack_app._build_persistence_save_dict())
        await _answer(send, 200, {})
    else:
        await _answer(send, 404, {"message": f"No such route: {path}"})


async def _answer(send: Send, status: int, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
