"""The AWS that the sweep's functions meet: one that does as asked, and two that leak.

What refuses repeats the request in its message, headers and all; what garbles answers with secrets
in a shape that nobody expects. Neither is far from what SDKs and proxies do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import patch

import boto3
from botocore.awsrequest import AWSResponse
from botocore.httpsession import URLLib3Session
from moto import mock_aws
from moto.core.models import botocore_stubber
from websockets.sync.server import ServerConnection, serve

from ayinel_live.identity.rotation import ROTATE_AFTER
from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.names import HOUSE_STREAM_ID
from ayinel_live.runtime.tables import TableItem, bind_table
from tests.support.chat import OWNER_ID, STREAM_ID
from tests.support.streams import put_stream
from tests.support.tables import table_definition

REGION = "us-east-1"
CHANNEL_ARN = "arn:aws:ivs:us-east-1:123456789012:channel/AbCd"


class Way(StrEnum):
    """How AWS behaves."""

    WELL = "well"
    REFUSING = "refusing"
    GARBLING = "garbling"


class World:
    """AWS, and the addresses that functions ask without an SDK.

    Args:
        secrets: By kind; what leaks, leaks all of them.
    """

    def __init__(self, secrets: Mapping[str, str]) -> None:
        self.way = Way.WELL
        self.chat_url = ""
        self._everything = " ".join(secrets.values())

    def answer(self, asked: str) -> tuple[int, bytes]:
        """Return what somebody who leaks answers.

        Args:
            asked: The request as text.
        """
        everything = " ".join(self._known.values())
        if self.way is Way.GARBLING:
            return 200, f"<html>{everything}</html>".encode()
        told = {"__type": "ValidationException", "message": f"cannot do {asked} {everything}"}
        return 400, json.dumps(told).encode()

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve what is asked without an SDK; gives the address."""
        world = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                size = int(self.headers.get("content-length", 0))
                asked = f"{self.headers} {self.rfile.read(size).decode(errors='replace')}"
                status, body = world.answer(asked)
                if world.way is Way.WELL:
                    told = {"streamId": HOUSE_STREAM_ID, "ticket": "t", "chatUrl": world.chat_url}
                    status, body = 200, json.dumps(told).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_DELETE = do_POST  # noqa: N815  the library's names

            def log_message(self, *_: object) -> None:
                """Write nothing: this is not the function's log."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        with serve(_sing_back, "127.0.0.1", 0) as chat:
            self.chat_url = f"ws://127.0.0.1:{chat.socket.getsockname()[1]}"
            threads = [Thread(target=one.serve_forever, daemon=True) for one in (server, chat)]
            for thread in threads:
                thread.start()
            yield f"http://127.0.0.1:{server.server_address[1]}"
            server.shutdown()
            server.server_close()

    @contextmanager
    def aws(self) -> Iterator[None]:
        """Stand between the SDK and the network, with tables, queues and secrets made."""
        with mock_aws(), patch.object(URLLib3Session, "send", self._send):
            yield

    def behave(self, way: Way, known: Mapping[str, str]) -> None:
        """Have AWS behave otherwise from now on.

        Args:
            way: How.
            known: The secrets that it can leak.
        """
        self.way, self._known = way, known
        botocore_stubber.enabled = way is Way.WELL

    def _send(self, request: Any) -> AWSResponse:
        """Take the place of the network: what moto does not answer comes here."""
        asked = f"{request.url} {request.headers} {request.body!r}"
        status, body = self.answer(asked)
        return AWSResponse(request.url, status, {"content-type": "application/json"}, _Raw(body))


def _sing_back(connection: ServerConnection) -> None:
    """Answer each frame as a chat does in which one hears oneself."""
    for frame in connection:
        told = {"type": "message", "message": json.loads(frame)["message"]}
        connection.send(json.dumps(told))


class _Raw:
    """A body as urllib3 hands it over."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, **_: object) -> Iterator[bytes]:
        yield self._data

    def read(self, *_: object, **__: object) -> bytes:
        data, self._data = self._data, b""
        return data


def video_answers(secrets: Mapping[str, str], is_well: Callable[[], bool]) -> Callable[..., Any]:
    """Return what answers for Amazon IVS, of which moto knows little, while AWS does as asked."""
    channel = {
        "arn": CHANNEL_ARN,
        "ingestEndpoint": "ingest.example",
        "playbackUrl": "https://play.example/live.m3u8",
        "type": "STANDARD",
    }
    key = {"arn": f"{CHANNEL_ARN}/key", "value": secrets["stream_key"], "channelArn": CHANNEL_ARN}
    pair = {"arn": "arn:aws:ivs:us-east-1:123456789012:playback-key/abc", "name": "n"}
    answers: Mapping[str, Mapping[str, Any]] = {
        "CreateChannel": {"channel": channel, "streamKey": key},
        "GetChannel": {"channel": channel},
        "UpdateChannel": {"channel": channel},
        "ListChannels": {"channels": []},
        "CreateStreamKey": {"streamKey": key},
        "ListStreamKeys": {"streamKeys": []},
        "GetStreamKey": {"streamKey": key},
        "ListStreams": {"streams": []},
        "ListStreamSessions": {"streamSessions": []},
        "ImportPlaybackKeyPair": {"keyPair": pair},
    }

    def respond(request: Any, **_: object) -> AWSResponse | None:
        if not is_well():
            return None
        found = answers.get(request.url.rpartition("/")[2], {})
        return AWSResponse(request.url, 200, {}, _Raw(json.dumps(found).encode()))

    return respond


def furnish(secrets: Mapping[str, str], items: list[type[TableItem]]) -> dict[str, str]:
    """Make what functions stand on, and return the variables that name it."""
    tables = boto3.client("dynamodb", region_name=REGION)
    for item in items:
        tables.create_table(**table_definition(item, item.logical_name))
        bind_table(item, item.logical_name)
    put_stream(STREAM_ID, OWNER_ID, started_at=datetime.now(UTC))
    keeper = boto3.client("secretsmanager", region_name=REGION)
    now = datetime.now(UTC)
    created, long_ago = to_rfc3339(now), to_rfc3339(now - 2 * ROTATE_AFTER)
    front = boto3.client("cloudfront", region_name=REGION)
    public = {"CallerReference": "c", "Name": "n", "EncodedKey": "k"}
    key_id = front.create_public_key(PublicKeyConfig=public)["PublicKey"]["Id"]
    group = {"Name": "g", "Items": [key_id]}
    playback, recording = (
        {"key_pair_id": key_id, "private_key": secrets[kind], "created_at": created}
        for kind in ("playback_key", "recording_key")
    )
    for name, value in {
        "ticket": {"current": secrets["ticket_secret"], "rotatedAt": long_ago},
        "origin": {"current": secrets["origin_secret"], "rotatedAt": long_ago},
        "playback": {"current": playback},
        "recordings": {"current": recording, "changed_at": created},
    }.items():
        keeper.create_secret(Name=name, SecretString=json.dumps(value))
    queues = boto3.client("sqs", region_name=REGION)
    topics = boto3.client("sns", region_name=REGION)
    fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    return {
        "KEY_GROUP_ID": front.create_key_group(KeyGroupConfig=group)["KeyGroup"]["Id"],
        "TICKET_SECRET_ARN": "ticket",
        "ORIGIN_SECRET_ARN": "origin",
        "PLAYBACK_KEY_SECRET_ARN": "playback",
        "RECORDINGS_SECRET_ARN": "recordings",
        "FIFO_URL": queues.create_queue(QueueName="lane.fifo", Attributes=fifo)["QueueUrl"],
        "QUEUE_URL": queues.create_queue(QueueName="queue")["QueueUrl"],
        "FAULT_TOPIC_ARN": topics.create_topic(Name="faults")["TopicArn"],
    }
