"""A connection keeps the time at which it was opened.

Upstream (services/apigateway.py, `_ws_request_context`) gives each frame's own time as
`connectedAt`, and no `messageDirection`.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html
"""

import time
from contextvars import ContextVar
from typing import Any

from ministack.services import apigateway

_connected_at: ContextVar[int] = ContextVar("connected_at")


def apply() -> None:
    """Note the time when a socket arrives; every event of it is built in the same task."""
    handle, build = apigateway.handle_websocket, apigateway._ws_request_context

    async def handle_noting_time(*arguments: Any, **named: Any) -> Any:
        _connected_at.set(int(time.time() * 1000))
        return await handle(*arguments, **named)

    def build_constant(*arguments: Any) -> dict[str, Any]:
        context: dict[str, Any] = build(*arguments)
        return {**context, "connectedAt": _connected_at.get(), "messageDirection": "IN"}

    apigateway.handle_websocket = handle_noting_time
    apigateway._ws_request_context = build_constant
