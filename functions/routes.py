"""What a route of the HTTP API is; each API function lists its own in its `routes.py`.

The gateway's routes (infra), the OpenAPI document and the handlers' own checks are all made from
these lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module

from pydantic import BaseModel

BASE_PATH = "/api/v1/live"
API_FUNCTIONS = ("streams_api", "chat_api", "channels_api", "analytics_api")


class Access(StrEnum):
    """Who may call: decided at the gateway where a token is a must, in the function elsewhere."""

    SIGNED_IN = "signed-in"
    OPTIONAL_TOKEN = "optional-token"  # noqa: S105  a kind of access
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    Attributes:
        method: HTTP method.
        path: Below `BASE_PATH`, with `{parameters}`; `/` is the base itself.
        operation: Its id, a verb phrase in snake_case.
        access: Who may call.
        summary: One line for the OpenAPI document.
        request: Model of the body, or None.
        response: Model of the answer, or None where there is no body.
        parameters: Model of path and query parameters together, or None.
        status: Status of success.
        problems: Statuses of faults beyond 400, 401 (signed in), 429 and 500.
        requests_per_second: The gateway's throttle for the route, all callers together.
        burst: The gateway's burst for the route.
        response_media_types: Media types of the answer.
    """

    method: str
    path: str
    operation: str
    access: Access
    summary: str
    request: type[BaseModel] | None = None
    response: type[BaseModel] | None = None
    parameters: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = ()
    requests_per_second: int = 100
    burst: int = 200
    response_media_types: tuple[str, ...] = ("application/json",)

    @property
    def full_path(self) -> str:
        """The path with its base, without a trailing slash."""
        return BASE_PATH + ("" if self.path == "/" else self.path)

    @property
    def key(self) -> str:
        """The gateway's route key."""
        return f"{self.method} {self.full_path}"


def routes_of(function: str) -> tuple[Route, ...]:
    """Return the routes that a function serves.

    Args:
        function: One of `API_FUNCTIONS`.
    """
    routes: tuple[Route, ...] = import_module(f"functions.{function}.routes").ROUTES
    return routes
