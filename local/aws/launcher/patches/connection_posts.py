"""A post to `@connections` goes straight to the connection.

Upstream (app.py, `app`) tries each of its services on a request before it finds API Gateway, which
takes several times what the post itself takes: a frame to 500 viewers kept the emulator busy for a
second.
"""

import re
from typing import Any

from ministack import app as ministack_app
from ministack.services import apigateway

_PATH = re.compile(r"/_aws/execute-api/([^/]+)/([^/]+)/@connections/([^/]+)")
# The gateway's limit of a message; its own answer to more is the same.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
LIMIT_BYTES = 128 * 1024


def apply() -> None:
    """Answer posts before upstream looks at them; whatever else comes goes its way."""
    app = ministack_app.app

    async def app_posting(scope: Any, receive: Any, send: Any) -> None:
        found = None
        if scope["type"] == "http" and scope["method"] in {"POST", "DELETE"}:
            found = _PATH.fullmatch(scope["path"])
        if found is None:
            await app(scope, receive, send)
            return
        body = await _body(receive)
        if len(body) > LIMIT_BYTES:
            status, headers, answer = 413, {"x-amzn-ErrorType": "PayloadTooLargeException"}, b"{}"
        else:
            status, headers, answer = await apigateway.handle_connections_api(
                scope["method"], *found.groups(), body, {}
            )
        await _answer(send, status, headers, answer)

    ministack_app.app = app_posting


async def _body(receive: Any) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
    return body


async def _answer(send: Any, status: int, headers: dict[str, str], body: bytes) -> None:
    lines = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
