"""The application that the launcher serves: MiniStack's, with a few routes of ours before it.

- `GET /_ayinel/health` tells the process id and the patches.
- `POST /_ayinel/save` writes the state to disk.
- `POST /_ayinel/warm` starts a worker of every function.
- `POST /_ayinel/events` takes `{"events": [...]}` of AWS services, see `service_events`.
"""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ministack import app as ministack_app

from local.aws.launcher import pool, service_events

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """Serve one ASGI connection.

    Args:
        scope: The connection, as ASGI describes it.
        receive: Gives the next message of the client.
        send: Takes the next message for the client.
    """
    path = scope.get("path", "")
    if scope["type"] == "http" and path.startswith("/_ayinel/"):
        status, document = await _route(scope["method"], path, receive)
        await _answer(send, status, document)
    else:
        await ministack_app.app(scope, receive, send)


async def _route(method: str, path: str, receive: Receive) -> tuple[int, dict[str, Any]]:
    match (method, path):
        case ("GET", "/_ayinel/health"):
            return 200, {"pid": os.getpid()}
        case ("POST", "/_ayinel/save"):
            await asyncio.to_thread(
                ministack_app.save_all, ministack_app._build_persistence_save_dict()
            )
            return 200, {}
        case ("POST", "/_ayinel/warm"):
            return 200, {"functions": await asyncio.to_thread(pool.warm_all)}
        case ("POST", "/_ayinel/events"):
            return await _put_events(await _body(receive))
    return 404, {"message": f"No such route: {method} {path}"}


async def _put_events(body: bytes) -> tuple[int, dict[str, Any]]:
    try:
        events = json.loads(body)["events"]
        return 200, {"ids": await asyncio.to_thread(service_events.put, events)}
    except (service_events.MalformedEventError, ValueError, KeyError, TypeError) as error:
        return 400, {"message": str(error)}


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


async def _answer(send: Send, status: int, document: dict[str, Any]) -> None:
    body = json.dumps(document).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
