"""How often the chat function asks AWS for each message that it accepts, counted at the emulator.

The deployed handler's code runs here against an emulator behind a proxy that counts requests by
their operation and hands them on. Making the function's clients and its first look at the channel's
settings come before the counting; the settings are then read again every few seconds, however many
messages come, and shown as a line of their own.
"""

from __future__ import annotations

import json
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from ayinel_live.channels.chat_settings_reader import SETTINGS_LIFE_SECONDS
from ayinel_live.channels.store import ChannelItem, ChatterItem
from ayinel_live.chat.admission import BURST_MESSAGES, INTERVAL_MILLISECONDS
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.ids import new_ulid
from functions.chat_socket.settings import ChatSocketSettings
from tests.benchmarks.harness import Figure, figure
from tests.benchmarks.one_machine import WORDS
from tests.integration.emulator.running import running
from tests.support.tables import create_tables

SENDERS = 12
CALM_ROUNDS = 4
CALM_LIMIT, BURST_LIMIT = 2.0, 3.0
_SKIPPED = {"connection", "content-length", "transfer-encoding"}
_CHANCE = random.Random(11)


class CountingProxy(ThreadingHTTPServer):
    """Counts requests to AWS by operation and hands each on.

    Args:
        upstream: Where to.
    """

    daemon_threads = True

    def __init__(self, upstream: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forwarding)
        self.upstream = urlsplit(upstream).netloc
        self.counts: Counter[str] = Counter()
        self.url = f"http://127.0.0.1:{self.server_port}"


class _Forwarding(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: CountingProxy

    def do_POST(self) -> None:
        """Count a request, hand it on and bring the answer."""
        target = self.headers.get("x-amz-target", "").rpartition(".")[2]
        self.server.counts[target] += 1
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        upstream = HTTPConnection(self.server.upstream, timeout=10)
        upstream.request("POST", self.path, body, dict(self.headers))
        answer = upstream.getresponse()
        data = answer.read()
        upstream.close()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _SKIPPED:
                self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base's name
        """Say nothing."""


@contextmanager
def counted_socket() -> Iterator[tuple[Any, Counter[str]]]:
    """Hold the chat function's handler and what it asked for."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as cloud:
        create_tables(cloud.client("dynamodb"), ChannelItem, ChatterItem, IdempotencyItem)
        queue = cloud.client("sqs").create_queue(
            QueueName="moderation.fifo", Attributes={"FifoQueue": "true"}
        )["QueueUrl"]
        proxy = CountingProxy(cloud.url)
        Thread(target=proxy.serve_forever, daemon=True).start()
        names = {f"{name}_TABLE".upper() for name in ("chat_messages", "moderation_log")}
        names |= {name.upper() for name in ChatSocketSettings.model_fields}
        os.environ.update(dict.fromkeys(names, "unused"))
        os.environ.update(cloud.emulator.client_environment())
        os.environ.update(
            {
                "AWS_ENDPOINT_URL": proxy.url,
                "STAGE": "local",
                "POWERTOOLS_SERVICE_NAME": "chat_socket",
                "POWERTOOLS_LOG_LEVEL": "ERROR",
                "POWERTOOLS_METRICS_DISABLED": "true",
                "MODERATION_QUEUE_URL": queue,
                **{
                    f"{item.logical_name.upper()}_TABLE": item.logical_name
                    for item in (ChannelItem, ChatterItem, IdempotencyItem)
                },
            }
        )
        from functions.chat_socket.handler import handler

        yield handler, proxy.counts
        proxy.shutdown()
        proxy.server_close()


def frame(sender: str) -> dict[str, Any]:
    """Return the event of a new message, unlike those before."""
    now = utc_now()
    stream_id = "01JG00000000000000000000S1"
    in_an_hour = int(now.timestamp()) + 3600
    body = {
        "action": "send-message",
        "streamId": stream_id,
        "message": " ".join(_CHANCE.sample(WORDS, 6)),
        "clientMessageId": new_ulid(now),
    }
    return {
        "requestContext": {
            "routeKey": "send-message",
            "connectionId": f"{sender}=",
            "requestId": body["clientMessageId"],
            "authorizer": {
                "ticketId": body["clientMessageId"],
                "streamId": stream_id,
                "ownerId": "creator",
                "viewerId": sender,
                "userId": sender,
                "displayName": sender,
                "role": "viewer",
                "isCounted": "true",
                "expiresAt": str(in_an_hour),
                "connectionExpiresAt": str(in_an_hour),
            },
        },
        "body": json.dumps(body),
    }


def send(handler: Any, sender: str) -> None:
    """Send a message that must be accepted."""
    answer = json.loads(handler(frame(sender), None)["body"])
    assert answer["type"] == "message-accepted", answer


def measure() -> list[Figure]:
    """Requests per accepted message at a calm pace and in bursts."""
    with counted_socket() as (handler, counts):
        send(handler, "first")
        counts.clear()
        begun = time.monotonic()
        for turn in range(CALM_ROUNDS):
            for number in range(SENDERS):
                send(handler, f"calm{number}")
            pause = begun + (turn + 1) * (INTERVAL_MILLISECONDS / 1000 + 0.2) - time.monotonic()
            time.sleep(max(0.0, pause))
        calm_seconds = time.monotonic() - begun
        calm = Counter(counts)
        counts.clear()
        for number in range(SENDERS):
            for _ in range(BURST_MESSAGES):
                send(handler, f"burst{number}")
        burst = Counter(counts)
    return [
        *_figures("at a calm pace", calm, CALM_ROUNDS * SENDERS, CALM_LIMIT),
        *_figures("in bursts of five", burst, BURST_MESSAGES * SENDERS, BURST_LIMIT),
        figure(
            "reads of a channel's settings",
            calm["GetItem"] / calm_seconds,
            "requests/s",
            "one in the settings' life",
            calm["GetItem"] / calm_seconds * SETTINGS_LIFE_SECONDS,
            "whatever the rate of messages",
        ),
    ]


def _figures(pace: str, counts: Counter[str], messages: int, limit: float) -> list[Figure]:
    reads = counts["GetItem"]
    per_message = (counts.total() - reads) / messages
    told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    name = f"requests per accepted message, {pace}"
    note = f"at most {limit:g}; {messages} messages: {told}"
    return [figure(name, per_message, "requests", f"limit of {limit:g}", per_message / limit, note)]
