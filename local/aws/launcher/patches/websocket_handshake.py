"""What the `$connect` function answers decides the handshake.

Upstream (services/apigateway.py, `handle_websocket`) drops the function's `Sec-WebSocket-Protocol`,
so that browsers which offered one close at once, and turns every refusal into a 403.
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-connect-route-subprotocol.html
"""

import json
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway

_answer: ContextVar[dict[str, Any]] = ContextVar("connect_answer")
_EVENT_TYPE = 6


def apply() -> None:
    """Keep the `$connect` function's answer and use it when the handshake is concluded."""
    invoke, handle = apigateway._invoke_ws_lambda, apigateway.handle_websocket

    async def invoke_keeping_answer(*arguments: Any, **named: Any) -> Any:
        answer = await invoke(*arguments, **named)
        if arguments[_EVENT_TYPE] == "CONNECT" and isinstance(answer, dict):
            _answer.get().update(answer)
        return answer

    async def handle_concluding(
        scope: Any, receive: Any, send: Any, *rest: Any, **named: Any
    ) -> Any:
        answer: dict[str, Any] = {}
        _answer.set(answer)
        accepted = False

        async def send_concluding(message: dict[str, Any]) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                message = {**message, "subprotocol": _subprotocol(answer, scope)}
            elif message["type"] == "websocket.close" and not accepted and "statusCode" in answer:
                await _refuse(send, int(answer["statusCode"]))
                return
            await send(message)

        return await handle(scope, receive, send_concluding, *rest, **named)

    apigateway._invoke_ws_lambda = invoke_keeping_answer
    apigateway.handle_websocket = handle_concluding


def _subprotocol(answer: dict[str, Any], scope: dict[str, Any]) -> str | None:
    headers = {name.lower(): value for name, value in (answer.get("headers") or {}).items()}
    chosen: str | None = headers.get("sec-websocket-protocol")
    return chosen if chosen in scope.get("subprotocols", ()) else None


async def _refuse(send: Any, status: int) -> None:
    body = json.dumps({"message": "Forbidden" if status == 403 else "Connection refused"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    start = {"type": "websocket.http.response.start", "status": status, "headers": headers}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": body})
