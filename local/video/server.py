"""The stand-in as one thing to start and stop."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from local.video.arns import Names
from local.video.broadcasts import Broadcasts
from local.video.control.api import ControlApi
from local.video.control.channels import ChannelOperations
from local.video.control.playback import PlaybackOperations
from local.video.control.recordings import RecordingOperations
from local.video.control.streams import StreamOperations
from local.video.control.tags import TagOperations
from local.video.control.throttle import Throttle
from local.video.events import EventSender
from local.video.ingest import IngestServer
from local.video.playback import Playback
from local.video.recordings import Recordings
from local.video.settings import VideoSettings
from local.video.store import Store
from local.video.viewer_sessions import ViewerSessions


class PortError(Exception):
    """Raised when a port cannot be had; the message says which, why, and what to do."""


class HttpServer(uvicorn.Server):
    """Uvicorn that leaves the process's signal handlers alone and says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen.

        Args:
            sockets: What to listen on; its own where left out.
        """
        await super().startup(sockets)
        self.listens.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the handlers as they are."""
        yield


class VideoStandIn:
    """Everything together; ``async with`` starts and stops it.

    Example:
        >>> settings = VideoSettings(rtmp_port=0, http_port=0, is_throttled=False)
        >>> async with VideoStandIn(settings) as video:
        ...     ivs = boto3.client("ivs", endpoint_url=video.http_url)

    Attributes:
        settings: How it runs.
        store: What the control API keeps.
        sender: The events.
        broadcasts: Who is publishing.
        viewers: Who is watching.
    """

    def __init__(self, settings: VideoSettings) -> None:
        self.settings = settings
        self.store = Store(settings.state_dir)
        names = Names(settings.region, settings.account_id)
        self.sender = EventSender(settings.events_url, settings.account_id, settings.region)
        self.broadcasts = Broadcasts(settings, self.store, self.sender, names)
        self.viewers = ViewerSessions(settings, self.store)
        self._recordings = Recordings(settings, self.store, self.sender, names)
        self.broadcasts.on_segment.append(self._recordings.segment_listed)
        self.broadcasts.on_end.append(self._recordings.ended)
        self._ingest = IngestServer(settings, self.broadcasts.admit)
        playback = Playback(settings, self.store, self.broadcasts, self.viewers)
        self._channels = ChannelOperations(
            settings, self.store, names, self.broadcasts, self._addresses
        )
        control = ControlApi(
            (
                self._channels,
                StreamOperations(settings, self.store, self.broadcasts, self.viewers),
                PlaybackOperations(settings, self.store, names, self.viewers),
                RecordingOperations(settings, self.store, names),
                TagOperations(self.store),
            ),
            Throttle(settings.throttle_burst_seconds) if settings.is_throttled else None,
        )
        health = Route("/health", self._health)
        self._app = Starlette(routes=[health, *playback.routes(), *control.routes()])
        self._socket: socket.socket | None = None
        self._http: HttpServer | None = None
        self._http_task: asyncio.Task[None] | None = None

    @property
    def http_url(self) -> str:
        """Where control API and playback are reached."""
        if self.settings.public_http_url:
            return self.settings.public_http_url.rstrip("/")
        assert self._socket is not None
        return f"http://{self.settings.host}:{self._socket.getsockname()[1]}"

    @property
    def rtmp_address(self) -> str:
        """Where encoders push, ``host:port``."""
        return self.settings.public_rtmp_address or f"{self.settings.host}:{self._ingest.port}"

    @property
    def rtmp_url(self) -> str:
        """What an encoder's server field takes; the key comes behind it."""
        return f"rtmp://{self.rtmp_address}/app/"

    async def start(self) -> None:
        """Listen on both ports.

        Raises:
            PortError: If a port cannot be had; nothing listens then.
        """
        family = socket.AF_INET6 if ":" in self.settings.host else socket.AF_INET
        self._socket = socket.socket(family)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        port, option = self.settings.http_port, "--http-port"
        try:
            self._socket.bind((self.settings.host, port))
            port, option = self.settings.rtmp_port, "--rtmp-port"
            await self._ingest.start()
        except OSError as error:
            self._socket.close()
            self.store.close()
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise PortError(f"port {port}: {reason.lower()}; free it or pass {option}") from error
        config = uvicorn.Config(
            self._app,
            log_config=None,
            # An access log would hold playback tokens; this silences it even if someone listens.
            log_level="warning",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
        self._http = HttpServer(config)
        self._http_task = asyncio.create_task(self._http.serve([self._socket]))
        self._channels.readdress()
        self.sender.start()
        self.broadcasts.start()
        self._recordings.start()
        await self._http.listens.wait()

    async def stop(self) -> None:
        """End every broadcast, deliver its events, and stop listening."""
        await self.broadcasts.stop()
        await self._ingest.stop()
        await self._recordings.stop()
        await self.sender.stop()
        if self._http is not None and self._http_task is not None:
            self._http.should_exit = True
            await self._http_task
        if self._socket is not None:
            self._socket.close()
        self.store.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    def _addresses(self) -> tuple[str, str]:
        return self.http_url, self.rtmp_address

    async def _health(self, request: Request) -> JSONResponse:
        live = len(self.broadcasts.live())
        return JSONResponse({"status": "ok", "liveStreams": live, "rtmpUrl": self.rtmp_url})
