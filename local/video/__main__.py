"""``python -m local.video``: runs the stand-in until it is told to end."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from local.video.server import PortError, VideoStandIn
from local.video.settings import VideoSettings

_USUAL_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class FactsFormatter(logging.Formatter):
    """Writes the facts of a record, its ``extra``, behind the message: why, how many, which."""

    def format(self, record: logging.LogRecord) -> str:
        """Write a record.

        Args:
            record: The record.

        Returns:
            Its line.
        """
        facts = {name: value for name, value in vars(record).items() if name not in _USUAL_FIELDS}
        line = super().format(record)
        return " ".join([line, *(f"{name}={value!r}" for name, value in facts.items())])


def main(arguments: list[str] | None = None) -> int:
    """Run the stand-in.

    Args:
        arguments: The command line; the process's own if left out.

    Returns:
        The exit status, 1 if a port is taken.
    """
    options = _parser().parse_args(arguments)
    handler = logging.StreamHandler()
    handler.setFormatter(FactsFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=options.log_level, handlers=[handler])
    logging.getLogger("httpx").setLevel(logging.WARNING)
    settings = VideoSettings(
        host=options.host,
        rtmp_port=options.rtmp_port,
        http_port=options.http_port,
        state_dir=options.state_dir,
        events_url=options.events_url,
        s3_endpoint=options.s3_endpoint,
        public_http_url=options.public_http_url,
        public_rtmp_address=options.public_rtmp_address,
        region=options.region,
        account_id=options.account_id,
        is_throttled=options.throttle,
        starvation_seconds=options.starvation_seconds,
        frozen_seconds=options.frozen_seconds,
        reconnect_seconds=options.reconnect_seconds,
    )
    try:
        asyncio.run(_serve(settings))
    except PortError as error:
        print(f"video stand-in: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.video", description=__doc__)
    defaults = VideoSettings()
    parser.add_argument("--host", default=defaults.host)
    parser.add_argument("--rtmp-port", type=int, default=defaults.rtmp_port)
    parser.add_argument("--http-port", type=int, default=defaults.http_port)
    parser.add_argument("--state-dir", type=Path, help="where channels and keys are kept")
    parser.add_argument("--events-url", default="", help="where events are posted")
    parser.add_argument("--s3-endpoint", default="", help="where recordings go")
    parser.add_argument("--public-http-url", default="", help="how players reach this server")
    parser.add_argument("--public-rtmp-address", default="", help="host:port for encoders")
    parser.add_argument("--region", default=defaults.region)
    parser.add_argument("--account-id", default=defaults.account_id)
    parser.add_argument(
        "--throttle",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="hold callers to the rates of IVS",
    )
    parser.add_argument("--starvation-seconds", type=float, default=defaults.starvation_seconds)
    parser.add_argument("--frozen-seconds", type=float, default=defaults.frozen_seconds)
    parser.add_argument("--reconnect-seconds", type=float, default=defaults.reconnect_seconds)
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING"])
    return parser


async def _serve(settings: VideoSettings) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    async with VideoStandIn(settings) as video:
        print(f"video stand-in: {video.http_url} and {video.rtmp_url}", file=sys.stderr)
        await ended.wait()


if __name__ == "__main__":
    sys.exit(main())
