"""The server in front of the application.

uvicorn, not hypercorn as upstream: it serves several times the requests, and it tells the
application the code with which a client closed (hypercorn reports 1006 for each).
"""

import asyncio
import logging
import os
from types import FrameType
from typing import Any

import uvicorn

from local.aws.launcher.patches import mapping_threads

# An API Gateway message holds 128 KB at most; a longer one closes the connection with 1009.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
MESSAGE_LIMIT_BYTES = 128 * 1024
KEEP_ALIVE_SECONDS = 75
SHUTDOWN_SECONDS = 2


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop handing out work first, so that no handler fails for want of the APIs."""
        mapping_threads.stop()
        super().handle_exit(sig, frame)


def serve(application: Any) -> None:
    """Serve an ASGI application until SIGTERM, then let it save its state.

    Args:
        application: The application.
    """
    _Server(
        uvicorn.Config(
            _telling_resets(application),
            host=os.environ["BIND_HOST"],
            port=int(os.environ["GATEWAY_PORT"]),
            loop="uvloop",
            http="httptools",
            ws="websockets-sansio",
            lifespan="on",
            log_level=logging.WARNING,
            access_log=False,
            server_header=False,
            date_header=False,
            # A caller's x-forwarded-for is not to be believed, as API Gateway does not.
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=SHUTDOWN_SECONDS,
            ws_max_size=MESSAGE_LIMIT_BYTES,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
        )
    ).run()


def _telling_resets(application: Any) -> Any:
    """Tell a lost connection (1006) from a close without a code (1005); RFC 6455, 7.1.5.

    uvicorn gives both as 1005, but only a close frame comes with a reason, be it empty.
    """

    async def wrapped(scope: Any, receive: Any, send: Any) -> None:
        async def receive_telling() -> Any:
            message = await receive()
            if message["type"] == "websocket.disconnect" and "reason" not in message:
                return {**message, "code": 1006 if message["code"] == 1005 else message["code"]}
            return message

        is_socket = scope["type"] == "websocket"
        await application(scope, receive_telling if is_socket else receive, send)

    return wrapped


def serve_as_upstream(application: Any) -> None:
    """Serve with hypercorn, for the tests that show what it gets wrong.

    Args:
        application: The application.
    """
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config

    config = Config()
    config.bind = [f"{os.environ['BIND_HOST']}:{os.environ['GATEWAY_PORT']}"]
    asyncio.run(hypercorn_serve(application, config))
