"""Endpoints that begin, end and re-key a broadcast."""

from __future__ import annotations

import re

from ayinel_live.runtime import metrics
from ayinel_live.runtime.errors import InvalidInputError, UnsupportedError
from ayinel_live.runtime.http import Request, Response
from ayinel_live.streams.model import Visibility
from ayinel_live.streams.start_request import StartRequest
from functions.streams_api import routes
from functions.streams_api.api import api, logger, telemetry
from functions.streams_api.schemas import (
    ReasonedStreamPath,
    StartBody,
    StartedBody,
    StoppedBody,
    StreamKeyBody,
    StreamPath,
)
from functions.streams_api.wiring import (
    budget,
    channels,
    clock,
    ending,
    oversight,
    playback,
    playback_keys,
    reader,
    signed_in,
    starting,
)

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@api.route(routes.START.key)
def start(request: Request) -> Response:
    """Start a stream."""
    caller = signed_in(request)
    body = request.json(StartBody)
    key = _idempotency_key(request)
    budget.restart()
    starting.require_supported(body.quality)
    if body.visibility is not Visibility.PUBLIC:
        _require_playback_keys(caller.user_id)
    wanted = StartRequest(body.title, body.description, body.visibility, body.quality)
    started = starting.start(caller, wanted, key)
    stream = started.stream
    telemetry.count(metrics.STREAMS_STARTED)
    logger.info("stream_started", stream_id=stream.stream_id, user_id=caller.user_id)
    return Response(
        201,
        StartedBody(
            stream_id=stream.stream_id,
            rtmp_url=stream.rtmp_url,
            stream_key=started.key.value,
            playback_url=playback.url(stream, caller),
        ),
    )


@api.route(routes.STOP.key)
def stop(request: Request) -> Response:
    """End a broadcast."""
    caller = signed_in(request)
    query = request.parameters(ReasonedStreamPath)
    stream_id = query.stream_id
    stream = reader.get_owned(stream_id, caller, or_operator=True)
    budget.restart()
    stopped = oversight.stop(caller, stream, query.reason)
    telemetry.count(metrics.STREAMS_STOPPED)
    is_own = stream.user_id == caller.user_id
    logger.info("stream_stopped", stream_id=stream_id, user_id=caller.user_id, is_own=is_own)
    return Response(
        body=StoppedBody(
            stream_id=stream_id,
            status=stopped.public_status,
            start_time=stopped.start_time,
            end_time=stopped.end_time,
            duration=stopped.duration_seconds(clock()),
        )
    )


@api.route(routes.ROTATE_STREAM_KEY.key)
def rotate_stream_key(request: Request) -> Response:
    """Make a new stream key."""
    caller = signed_in(request)
    stream = reader.get_owned(request.parameters(StreamPath).stream_id, caller)
    budget.restart()
    key = ending.rotate_key(stream)
    logger.info("stream_key_rotated", stream_id=stream.stream_id, user_id=caller.user_id)
    return Response(
        body=StreamKeyBody(
            stream_id=stream.stream_id, rtmp_url=stream.rtmp_url, stream_key=key.value
        )
    )


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not _IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidInputError(
            "Idempotency-Key must be 1 to 255 visible ASCII characters.",
            code="invalid-idempotency-key",
        )
    return key


def _require_playback_keys(user_id: str) -> None:
    if playback_keys is None:
        raise UnsupportedError(
            "This installation has no private playback.",
            code="visibility-unsupported",
            extra={"supported": [Visibility.PUBLIC.value]},
        )
    starting.require_may_start(channels.get(user_id))
    playback_keys.ensure()
