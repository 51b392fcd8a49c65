"""The routes of the streams API."""

from __future__ import annotations

from functions.routes import Access, Route
from functions.streams_api.owner_routes import OWNER_ROUTES
from functions.streams_api.schemas import (
    CapabilitiesBody,
    PageQuery,
    ReasonedStreamPath,
    StartBody,
    StartedBody,
    StatusBody,
    StoppedBody,
    StreamDetailsBody,
    StreamKeyBody,
    StreamListBody,
    StreamPath,
)

START = Route(
    "POST",
    "/start",
    "start_stream",
    Access.SIGNED_IN,
    "Start a stream and get where to push, with the key",
    request=StartBody,
    response=StartedBody,
    status=201,
    problems=(403, 409, 422),
    requests_per_second=5,
    burst=20,
)
STOP = Route(
    "POST",
    "/{streamId}/stop",
    "stop_stream",
    Access.SIGNED_IN,
    "End a broadcast: its key is revoked, its encoder dropped",
    response=StoppedBody,
    parameters=ReasonedStreamPath,
    problems=(403, 404, 409),
    requests_per_second=5,
    burst=20,
)
ROTATE_STREAM_KEY = Route(
    "POST",
    "/{streamId}/stream-key",
    "rotate_stream_key",
    Access.SIGNED_IN,
    "Replace the stream key; whoever pushes with the old one is dropped",
    response=StreamKeyBody,
    parameters=StreamPath,
    problems=(403, 404, 409),
    requests_per_second=2,
    burst=10,
)
STATUS = Route(
    "GET",
    "/status/{streamId}",
    "show_status",
    Access.OPTIONAL_TOKEN,
    "How a stream stands now",
    response=StatusBody,
    parameters=StreamPath,
    problems=(404,),
    requests_per_second=1000,
    burst=2000,
)
DETAILS = Route(
    "GET",
    "/{streamId}",
    "show_stream",
    Access.OPTIONAL_TOKEN,
    "A stream, with the address it is played at",
    response=StreamDetailsBody,
    parameters=StreamPath,
    problems=(404,),
    requests_per_second=500,
    burst=1000,
)
LIST = Route(
    "GET",
    "/",
    "list_live_streams",
    Access.ANYONE,
    "Public live streams, the latest started first",
    response=StreamListBody,
    parameters=PageQuery,
    requests_per_second=200,
    burst=400,
)
LIST_MINE = Route(
    "GET",
    "/mine",
    "list_own_streams",
    Access.SIGNED_IN,
    "The caller's own streams, the latest made first",
    response=StreamListBody,
    parameters=PageQuery,
)
CAPABILITIES = Route(
    "GET",
    "/capabilities",
    "show_capabilities",
    Access.ANYONE,
    "What this installation can deliver",
    response=CapabilitiesBody,
)

ROUTES: tuple[Route, ...] = (
    START,
    STOP,
    ROTATE_STREAM_KEY,
    STATUS,
    DETAILS,
    LIST,
    LIST_MINE,
    CAPABILITIES,
    *OWNER_ROUTES,
)
