"""A binary frame closes the connection with 1003.

Upstream (services/apigateway.py, `handle_websocket`) takes its bytes for text.
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
"""

from typing import Any

from ministack.services import apigateway

UNSUPPORTED_DATA = 1003


def apply() -> None:
    """End the connection where a frame is binary, as if its client had left."""
    handle = apigateway.handle_websocket

    async def handle_text(scope: Any, receive: Any, send: Any, *rest: Any, **named: Any) -> Any:
        async def receive_text() -> Any:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("text") is None:
                await send({"type": "websocket.close", "code": UNSUPPORTED_DATA})
                return {"type": "websocket.disconnect", "code": UNSUPPORTED_DATA, "reason": ""}
            return message

        return await handle(scope, receive_text, send, *rest, **named)

    apigateway.handle_websocket = handle_text
