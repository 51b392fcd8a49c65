"""The stand-in as tests use it: a boto3 client off the loop, players, fake listeners."""

import asyncio
import functools
import io
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import av
import boto3
import httpx
import uvicorn
from botocore.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.video.server import HttpServer, VideoStandIn
from local.video.settings import VideoSettings
from local.video.test_pattern import Pattern, TestPattern

REGION = "us-east-1"


def settings(**changes: Any) -> VideoSettings:
    """Settings on free ports, without throttling, with segments as short as the pictures allow."""
    quick = {"rtmp_port": 0, "http_port": 0, "is_throttled": False, "min_segment_seconds": 0.4}
    return VideoSettings(**{**quick, **changes})


def pattern(width: int = 320, height: int = 180, **changes: Any) -> Pattern:
    """A small pattern with two keyframes a second."""
    return Pattern(width, height, **{"keyframe_seconds": 0.5, **changes})


class House:
    """A running stand-in with what tests need around it."""

    def __init__(self, video: VideoStandIn, http: httpx.AsyncClient) -> None:
        self.video = video
        self.http = http
        self.ivs = boto3.client(
            "ivs",
            endpoint_url=video.http_url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            # What the client would refuse by itself is to reach the server.
            config=Config(retries={"max_attempts": 0}, parameter_validation=False),
        )

    async def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """Call the control API off the loop that serves it."""
        method = getattr(self.ivs, operation)
        answer: dict[str, Any] = await asyncio.to_thread(functools.partial(method, **members))
        return answer

    async def channel(self, **members: Any) -> tuple[dict[str, Any], str]:
        """Make a channel that takes plain RTMP; returns it and its key."""
        made = await self.call("create_channel", **{"insecureIngest": True, **members})
        return made["channel"], made["streamKey"]["value"]

    def publisher(self, key: str, picture: Pattern | None = None) -> TestPattern:
        """A publisher on this house."""
        return TestPattern(self.video.rtmp_url, key, picture or pattern())

    def events(self, channel_arn: str | None = None) -> list[str]:
        """The names of the events so far."""
        return [name(event) for event in self.raw_events(channel_arn)]

    def raw_events(self, channel_arn: str | None = None) -> list[dict[str, Any]]:
        """The events so far."""
        events: list[Any] = list(self.video.sender.recent)
        return [e for e in events if channel_arn is None or channel_arn in e["resources"]]

    async def wait_for_event(self, wanted: str, channel_arn: str, seconds: float = 8) -> None:
        """Wait until an event has been sent."""
        await until(lambda: wanted in self.events(channel_arn), seconds)

    async def playlist(self, channel: dict[str, Any], seconds: float = 8, **get: Any) -> str:
        """Wait for the master playlist; returns the path of the media playlist."""
        deadline = time.monotonic() + seconds
        while True:
            answer = await self.http.get(channel["playbackUrl"], **get)
            if answer.status_code == 200:
                return next(line for line in answer.text.splitlines() if line.startswith("/"))
            assert time.monotonic() < deadline, answer.text
            await asyncio.sleep(0.05)

    async def text(self, path: str) -> str:
        """Fetch a playlist."""
        answer = await self.http.get(self.video.http_url + path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def goes_on(self, media: str, segments: int) -> None:
        """Wait until a media playlist lists so many segments more than it does now."""
        wanted = (await self.text(media)).count("#EXTINF") + segments

        async def are_listed() -> bool:
            return (await self.text(media)).count("#EXTINF") >= wanted

        await until(are_listed)

    async def media(self, playlist: str) -> bytes:
        """Fetch all that a media playlist lists, in order, as a player would."""
        data = b""
        for line in playlist.splitlines():
            path = line
            if line.startswith("#EXT-X-MAP"):
                path = line.split('"')[1]
            elif not line.startswith("/"):
                continue
            answer = await self.http.get(self.video.http_url + path)
            assert answer.status_code == 200
            data += answer.content
        return data


def name(event: dict[str, Any]) -> str:
    """What an event says, whichever kind it is."""
    detail = event["detail"]
    found = detail.get("event_name") or detail.get("limit_name") or detail.get("recording_status")
    assert isinstance(found, str)
    return found


async def until(check: Callable[[], bool | Awaitable[bool]], seconds: float = 8) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while True:
        result = check()
        if result if isinstance(result, bool) else await result:
            return
        assert time.monotonic() < deadline, "it did not come true in time"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def running(**changes: Any) -> AsyncIterator[House]:
    """A stand-in for one test."""
    async with (
        VideoStandIn(settings(**changes)) as video,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        yield House(video, http)


def pictures(data: bytes) -> list[bytes]:
    """Decode all pictures of a piece of MP4, each as the bytes of its brightness."""
    with av.open(io.BytesIO(data), "r") as container:
        return [bytes(frame.to_ndarray()[: frame.height]) for frame in container.decode(video=0)]


def are_moving(decoded: list[bytes]) -> bool:
    """Whether most pictures differ from the one before."""
    pairs = list(itertools.pairwise(decoded))
    return sum(first != second for first, second in pairs) > 0.9 * len(pairs) > 0


class Listener:
    """An HTTP server of two routes: it takes events, and objects as S3 does."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.objects: dict[str, bytes] = {}
        self.types: dict[str, str] = {}
        self.refusals = 0
        self.buckets = {"recordings"}
        self.url = ""

    async def take_events(self, request: Request) -> Response:
        """Take events, unless told to refuse."""
        if self.refusals > 0:
            self.refusals -= 1
            return Response(status_code=503)
        self.events += json.loads(await request.body())["events"]
        return Response(status_code=204)

    async def put_object(self, request: Request) -> Response:
        """Take an object if its bucket is known."""
        bucket, key = request.path_params["bucket"], request.path_params["key"]
        body = await request.body()
        if bucket not in self.buckets:
            fault = "<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>"
            return Response(fault, status_code=404, media_type="application/xml")
        self.objects[key] = body
        self.types[key] = request.headers["content-type"]
        return Response(headers={"ETag": '"0"'})


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """A listener for one test."""
    listener = Listener()
    app = Starlette(
        routes=[
            Route("/events", listener.take_events, methods=["POST"]),
            Route("/{bucket}/{key:path}", listener.put_object, methods=["PUT"]),
        ]
    )
    server = HttpServer(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    )
    task = asyncio.create_task(server.serve())
    await server.listens.wait()
    listener.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield listener
    finally:
        server.should_exit = True
        await task
