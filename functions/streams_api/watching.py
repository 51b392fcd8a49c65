"""Endpoints that show streams: status, details, lists, capabilities."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from ayinel_live.runtime.http import Request, Response
from ayinel_live.streams.listing import StreamPage
from ayinel_live.streams.model import RECONNECT_GRACE, LiveStream, Visibility
from functions.streams_api import routes
from functions.streams_api.api import api
from functions.streams_api.schemas import (
    CapabilitiesBody,
    PageQuery,
    StatusBody,
    StreamBody,
    StreamDetailsBody,
    StreamListBody,
    StreamPath,
)
from functions.streams_api.wiring import (
    audience,
    clock,
    lists,
    maybe_signed_in,
    playback,
    playback_secret,
    provider,
    reader,
    recordings,
    signed_in,
)

# A shared cache takes the polling off the function; one second is what viewers are promised.
_ONE_SECOND = "public, max-age=1, s-maxage=1"
_ONE_MINUTE = "public, max-age=60"


@api.route(routes.STATUS.key)
def show_status(request: Request) -> Response:
    """Show how a stream stands now."""
    caller = maybe_signed_in(request)
    stream = reader.get_visible(request.parameters(StreamPath).stream_id, caller)
    body = StatusBody(
        stream_id=stream.stream_id,
        status=stream.public_status,
        viewer_count=audience.totals(stream.stream_id).viewer_count,
        start_time=stream.start_time,
        duration=stream.duration_seconds(clock()),
        quality=stream.quality,
    )
    text = body.model_dump_json(by_alias=True, exclude_none=True)
    return _cached(request, text, _ONE_SECOND, is_shared=stream.visibility is not _PRIVATE)


@api.route(routes.DETAILS.key)
def show_details(request: Request) -> Response:
    """Show a stream with where it is played."""
    caller = maybe_signed_in(request)
    stream = reader.get_visible(request.parameters(StreamPath).stream_id, caller)
    is_own = caller is not None and caller.user_id == stream.user_id
    body = StreamDetailsBody.detailed(
        stream,
        audience.totals(stream.stream_id),
        clock,
        playback_url=playback.url(stream, caller),
        rtmp_url=stream.rtmp_url if is_own else None,
    )
    # Not for caches: the playback address may hold a token.
    return Response(body=body)


@api.route(routes.LIST.key)
def list_live(request: Request) -> Response:
    """List public live streams."""
    query = request.parameters(PageQuery)
    body = _list(lists.live(limit=query.limit, cursor=query.cursor))
    text = body.model_dump_json(by_alias=True, exclude_none=True)
    return _cached(request, text, _ONE_SECOND, is_shared=True)


@api.route(routes.LIST_MINE.key)
def list_mine(request: Request) -> Response:
    """List the caller's own streams."""
    caller = signed_in(request)
    query = request.parameters(PageQuery)
    page = lists.of_owner(caller.user_id, limit=query.limit, cursor=query.cursor)
    return Response(body=_list(page))


@api.route(routes.CAPABILITIES.key)
def show_capabilities(request: Request) -> Response:
    """Show what this installation can deliver."""
    can = provider.capabilities
    has_private = can.has_private_playback and playback_secret is not None
    body = CapabilitiesBody(
        provider=can.name,
        qualities=can.qualities,
        visibilities=tuple(Visibility) if has_private else (Visibility.PUBLIC,),
        max_bitrate_bps=can.max_bitrate_bps,
        is_recorded=provider.can_record,
        has_timed_metadata=can.has_timed_metadata,
        reconnect_grace_seconds=int(RECONNECT_GRACE.total_seconds()),
    )
    text = body.model_dump_json(by_alias=True, exclude_none=True)
    return _cached(request, text, _ONE_MINUTE, is_shared=True)


_PRIVATE = Visibility.PRIVATE


def _list(page: StreamPage) -> StreamListBody:
    totals = audience.totals_of(stream.stream_id for stream in page.streams)

    def show(stream: LiveStream) -> StreamBody:
        body = StreamBody.of(stream, totals[stream.stream_id], clock)
        return body.model_copy(update={"thumbnail_url": recordings.live_thumbnail(stream)})

    return StreamListBody(streams=tuple(map(show, page.streams)), cursor=page.cursor)


def _cached(request: Request, text: str, cache_control: str, *, is_shared: bool) -> Response:
    """Answer with an entity tag, or with 304 where the caller has this very answer."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:24]}"'
    headers: Mapping[str, str] = {
        "cache-control": cache_control if is_shared else "no-store",
        "content-type": "application/json",
        "etag": tag,
    }
    known = request.headers.get("if-none-match", "")
    if is_shared and tag in [part.strip().removeprefix("W/") for part in known.split(",")]:
        return Response(304, headers=headers)
    return Response(body=text, headers=headers)
