"""What a request costs between the gateway's event and the endpoint, and back.

The peer is Powertools' HTTP resolver with validation on: same path, same models, an endpoint that
only makes its answer. Both must answer alike, which is checked first.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.openapi.params import Body, Path

from ayinel_live.connections.frames import MessageAcceptedFrame
from ayinel_live.runtime.http import HttpApi, Request, Response
from ayinel_live.runtime.ids import StreamId
from functions.chat_socket.frames import SendMessage, parse_frame
from functions.chat_socket.replies import reply
from functions.streams_api.schemas import StatusBody, StreamPath
from tests.benchmarks.harness import Figure, figure

CALLS = 300
ROUNDS = 15
LIMIT = 0.5
PEER = "Powertools' resolver with validation"
STREAM_ID = "01JG00000000000000000000S1"
STATUS_KEY = "GET /api/v1/live/status/{streamId}"
FRAME = {
    "action": "send-message",
    "streamId": STREAM_ID,
    "message": "That was the best round of the whole evening!",
    "clientMessageId": "01JG00000000000000000000M1",
}
CONTEXT = SimpleNamespace(aws_request_id="r", function_name="f", memory_limit_in_mb=512)
Handler = Callable[[dict[str, Any], Any], Any]


def http_event(method: str, path: str, body: str | None = None) -> dict[str, Any]:
    """Return an event of the HTTP API, payload 2.0."""
    return {
        "version": "2.0",
        "routeKey": STATUS_KEY if body is None else f"{method} {path}",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "live.example", "content-type": "application/json"},
        "pathParameters": {"streamId": STREAM_ID},
        "requestContext": {
            "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
            "requestId": "r",
            "stage": "$default",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def status_of(stream_id: str) -> StatusBody:
    """Return an answer to `status`."""
    values = {"streamId": stream_id, "status": "live", "viewerCount": 17, "duration": 60}
    return StatusBody.model_validate({**values, "quality": "1080p"})


def accepted(frame: SendMessage) -> MessageAcceptedFrame:
    """Return an answer to a frame."""
    return MessageAcceptedFrame(
        id=STREAM_ID, stream_id=frame.stream_id, client_message_id=frame.client_message_id
    )


def our_status() -> Handler:
    """Make our handler of `status`."""
    api = HttpApi(Logger(service="routing"))

    @api.route(STATUS_KEY)
    def show(request: Request) -> Response:
        return Response(body=status_of(request.parameters(StreamPath).stream_id))

    return api


def our_frame(event: dict[str, Any], context: object) -> object:
    """Answer a chat frame."""
    frame = parse_frame(event)
    assert isinstance(frame, SendMessage)
    return reply(accepted(frame))


def peer() -> Handler:
    """Make the peer, with both routes."""
    app = APIGatewayHttpResolver(enable_validation=True)

    @app.get("/api/v1/live/status/<stream_id>")
    def show(stream_id: Annotated[StreamId, Path()]) -> StatusBody:
        return status_of(stream_id)

    @app.post("/frames")
    def take(frame: Annotated[SendMessage, Body()]) -> MessageAcceptedFrame:
        return accepted(frame)

    return app.resolve


def measure() -> list[Figure]:
    """Cost of routing and validating, beside the peer's."""
    theirs = peer()
    text = json.dumps(FRAME)
    status = http_event("GET", f"/api/v1/live/status/{STREAM_ID}")
    socket = {"requestContext": {"routeKey": "send-message"}, "body": text}
    posted = http_event("POST", "/frames", text)
    pairs: list[tuple[str, Handler, dict[str, Any], dict[str, Any]]] = [
        ("status", our_status(), status, status),
        ("chat frame", our_frame, socket, posted),
    ]
    figures = []
    for name, ours, event, their_event in pairs:
        # The peer writes members that are absent, ours leaves them out.
        answer = json.loads(theirs(their_event, CONTEXT)["body"])
        present = {key: value for key, value in answer.items() if value is not None}
        assert json.loads(ours(event, CONTEXT)["body"]) == present, answer
        rounds = [
            (microseconds(ours, event), microseconds(theirs, their_event)) for _ in range(ROUNDS)
        ]
        ratio = statistics.median(mine / other for mine, other in rounds)
        cost = statistics.median(mine for mine, _ in rounds)
        figures.append(figure(f"routing, {name}", cost, "us CPU", PEER, ratio, f"at most {LIMIT}"))
    return figures


def microseconds(handler: Handler, event: dict[str, Any]) -> float:
    """Return the processor time of one call."""
    begin = time.process_time()
    for _ in range(CALLS):
        handler(event, CONTEXT)
    return (time.process_time() - begin) / CALLS * 1e6
