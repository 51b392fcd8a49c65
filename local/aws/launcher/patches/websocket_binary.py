"""A binary frame reaches the function as what it is, so that it is refused as such.

Upstream (services/apigateway.py, `handle_websocket`) takes its bytes for text. API Gateway on AWS
closes the connection with 1003 before any function hears of it; on one machine the function's own
refusal is shown, as other faults of a frame are, and the connection stays.
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-binary-media-types.html
"""

import base64
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import apigateway


class _Encoded(str):
    """Base64 text that stands for bytes."""

    __slots__ = ()


class _TellingOfBytes:
    """Runs a function, and tells it where a frame's body is encoded."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker

    def invoke(self, event: dict[str, Any], request_id: str) -> Any:
        """Run the function with the event."""
        if isinstance(event.get("body"), _Encoded):
            event = {**event, "isBase64Encoded": True}
        return self._worker.invoke(event, request_id)


def apply() -> None:
    """Encode what is binary on its way in, and say so to the function."""
    handle, worker_of = apigateway.handle_websocket, lambda_runtime.get_or_create_worker

    async def handle_encoding(scope: Any, receive: Any, send: Any, *rest: Any, **named: Any) -> Any:
        async def receive_encoded() -> Any:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("text") is None:
                frame = base64.b64encode(message.get("bytes") or b"").decode()
                return {**message, "text": _Encoded(frame), "bytes": None}
            return message

        return await handle(scope, receive_encoded, send, *rest, **named)

    def telling(*given: Any, **named: Any) -> _TellingOfBytes:
        return _TellingOfBytes(worker_of(*given, **named))

    apigateway.handle_websocket = handle_encoding
    lambda_runtime.get_or_create_worker = telling
