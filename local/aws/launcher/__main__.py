"""Start the emulator: `python -m local.aws.launcher`, configured by its environment alone."""

import logging
import os
import resource
import sys
from importlib.metadata import version

import uvicorn

from local.aws.launcher.patches import apply_all

SUPPORTED_VERSION = "1.5.33"
MESSAGE_LIMIT_BYTES = 128 * 1024


def main() -> None:
    """Patch MiniStack and serve it until SIGTERM."""
    installed = version("ministack")
    if installed != SUPPORTED_VERSION:
        sys.exit(
            f"The launcher mends MiniStack {SUPPORTED_VERSION} and none else, but {installed} "
            "is installed; pin it in locks/emulator.in or check each patch against it"
        )
    _raise_descriptor_limit()
    os.environ.setdefault("LOG_LEVEL", "INFO")
    try:
        apply_all(frozenset(filter(None, os.environ.get("AYINEL_EMULATOR_WITHOUT", "").split(","))))
    except ValueError as error:
        sys.exit(str(error))
    from local.aws.launcher.application import application
    from local.aws.launcher.workers import end_workers

    server = uvicorn.Server(
        uvicorn.Config(
            application,
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
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
            # An API Gateway message holds 128 KB at most; a longer one closes with 1009.
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
            ws_max_size=MESSAGE_LIMIT_BYTES,
            ws_ping_interval=None,
            ws_per_message_deflate=False,
        )
    )
    server.run()
    end_workers()
    # Handlers that never return hold threads of the pool, which Python would wait for.
    logging.shutdown()
    os._exit(0 if server.started else 1)


def _raise_descriptor_limit() -> None:
    """Let connection bursts open as many sockets as the machine allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


main()
