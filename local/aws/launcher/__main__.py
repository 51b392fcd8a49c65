"""Start the emulator: `python -m local.aws.launcher`, configured by its environment alone."""

import logging
import os
import resource
import sys
from importlib.metadata import version

from local.aws.launcher.patches import SERVER, apply_all

SUPPORTED_VERSION = "1.5.33"


def main() -> None:
    """Patch MiniStack and serve it until SIGTERM."""
    installed = version("ministack")
    if installed != SUPPORTED_VERSION:
        sys.exit(
            f"The launcher mends MiniStack {SUPPORTED_VERSION} and none else, but {installed} "
            "is installed; pin it in locks/emulator.in or check each patch against it"
        )
    _raise_descriptor_limit()
    without = frozenset(filter(None, os.environ.get("AYINEL_EMULATOR_WITHOUT", "").split(",")))
    try:
        apply_all(without)
    except ValueError as error:
        sys.exit(str(error))
    from local.aws.launcher.application import application
    from local.aws.launcher.server import serve, serve_as_upstream
    from local.aws.launcher.unpacked import prune
    from local.aws.launcher.worker import end_workers

    prune()
    (serve_as_upstream if SERVER in without else serve)(application)
    end_workers()
    # Handlers that never return hold threads of the pool, which Python would wait for.
    logging.shutdown()
    os._exit(0)


def _raise_descriptor_limit() -> None:
    """Let connection bursts open as many sockets as the machine allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


main()
