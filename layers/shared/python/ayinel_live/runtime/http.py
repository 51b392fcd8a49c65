"""A small router for HTTP API events (payload format 2.0).

The gateway has matched the route already and says which in `routeKey`, so dispatch is one lookup.
Faults become problem objects (RFC 9457); what is neither a `LiveError` nor a service that fails is
logged and answered as 500.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from ayinel_live.runtime import metrics
from ayinel_live.runtime.errors import ForbiddenError, LiveError, NotFoundError, UpstreamError
from ayinel_live.runtime.outages import outage_from
from ayinel_live.runtime.problems import (
    PROBLEM_CONTENT_TYPE,
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
    problem_from,
)
from ayinel_live.runtime.wire import invalid_input_from, parse_wire

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

    from ayinel_live.runtime.telemetry import Telemetry

# More than the largest body that any route takes (a settings object with its blocked terms).
MAX_BODY_BYTES = 64 * 1024
ORIGIN_SECRET_HEADER = "x-origin-verify"  # noqa: S105  the name of a header

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass(frozen=True)
class Request:
    """One HTTP request as the gateway hands it over.

    Attributes:
        path: The parameters of the path, decoded.
        query: The query parameters; repeated ones are joined by commas by the gateway.
        headers: The headers, names in lower case.
        claims: The claims that the gateway's JWT authorizer has verified; empty without one.
        source_ip: The caller's address as the gateway saw it.
        request_id: The gateway's id of the request.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    claims: Mapping[str, Any]
    source_ip: str
    request_id: str
    raw_body: str = field(repr=False)
    is_base64: bool = False

    @classmethod
    def from_event(cls, event: Mapping[str, Any]) -> Request:
        """Read a payload 2.0 event."""
        context = event["requestContext"]
        authorizer = context.get("authorizer") or {}
        return cls(
            path=event.get("pathParameters") or {},
            query=event.get("queryStringParameters") or {},
            headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
            claims=(authorizer.get("jwt") or {}).get("claims") or {},
            source_ip=(context.get("http") or {}).get("sourceIp", ""),
            request_id=context.get("requestId", ""),
            raw_body=event.get("body") or "",
            is_base64=bool(event.get("isBase64Encoded")),
        )

    @cached_property
    def body(self) -> bytes:
        """The body's bytes.

        Raises:
            PayloadTooLargeError: It is over `MAX_BODY_BYTES`.
        """
        if len(self.raw_body) > MAX_BODY_BYTES * 2:
            raise PayloadTooLargeError(f"A body may have {MAX_BODY_BYTES} bytes at most.")
        if self.is_base64:
            try:
                data = base64.b64decode(self.raw_body, validate=True)
            except binascii.Error:
                data = b""
        else:
            data = self.raw_body.encode("utf-8", "surrogatepass")
        if len(data) > MAX_BODY_BYTES:
            raise PayloadTooLargeError(f"A body may have {MAX_BODY_BYTES} bytes at most.")
        return data

    def json(self, model: type[ModelT]) -> ModelT:
        """Parse the body.

        Args:
            model: What the body must be.

        Raises:
            UnsupportedMediaTypeError: A content type is given and it is not JSON.
            InvalidInputError: Malformed JSON or a broken field rule.
        """
        content_type = self.headers.get("content-type", "application/json")
        media_type = content_type.split(";", 1)[0].strip().lower()
        if media_type != "application/json" and not media_type.endswith("+json"):
            raise UnsupportedMediaTypeError("The body must be application/json.")
        return parse_wire(model, self.body)

    def parameters(self, model: type[ModelT]) -> ModelT:
        """Validate path and query parameters together.

        Args:
            model: A model whose aliases are the parameters' names.

        Raises:
            InvalidInputError: A parameter breaks its rule.
        """
        try:
            return model.model_validate({**self.query, **self.path})
        except ValidationError as error:
            raise invalid_input_from(error) from None


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint answers.

    Attributes:
        status: HTTP status code.
        body: A wire model, a JSON-ready value, text together with its content type, or None.
        headers: More headers, names in lower case.
        cookies: `Set-Cookie` values; the gateway takes them apart from the headers.
    """

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


Endpoint = Callable[[Request], Response]


class HttpApi:
    """The routes of one function, called with each event of the gateway.

    Args:
        logger: Gets unexpected faults.
        origin_secrets: Gives the secrets of which one must come in `x-origin-verify`; None where
            the function is reached directly.
        telemetry: Counts what is refused and what fails, and follows requests.
        modules: Names of modules that register endpoints when they are imported, most asked for
            first. They are imported when a route is wanted that is not known yet, so that a
            function starts without what its first request does not need.
    """

    def __init__(
        self,
        logger: Logger,
        origin_secrets: Callable[[], tuple[str, ...]] | None = None,
        telemetry: Telemetry | None = None,
        modules: Sequence[str] = (),
    ) -> None:
        self._modules = list(modules)
        self._logger = logger
        self._origin_secrets = origin_secrets
        self._telemetry = telemetry
        self._watched = telemetry.watch(self._answer) if telemetry else self._answer
        self._endpoints: dict[str, Endpoint] = {}

    def route(self, route_key: str) -> Callable[[Endpoint], Endpoint]:
        """Register an endpoint.

        Args:
            route_key: Method and path as the gateway names them, `GET /api/v1/live/{streamId}`.
        """

        def register(endpoint: Endpoint) -> Endpoint:
            self._endpoints[route_key] = endpoint
            return endpoint

        return register

    @property
    def route_keys(self) -> frozenset[str]:
        """The route keys that have an endpoint."""
        while self._modules:
            self._import_next()
        return frozenset(self._endpoints)

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, object]:
        """Answer one event of the gateway with its response object, whatever happens."""
        return self._watched(event, context)

    def _answer(self, event: Mapping[str, Any], _context: object) -> dict[str, object]:
        try:
            request = Request.from_event(event)
            self._check_origin(request)
            return _render(self._endpoint(event.get("routeKey", ""))(request))
        except LiveError as error:
            self._count_refusal(error)
            return self._render_problem(error)
        except Exception as error:
            if (outage := outage_from(error)) is not None:
                self._count_refusal(outage)
                return self._render_problem(outage)
            self._logger.exception("request_failed", route=event.get("routeKey", ""))
            self._count(metrics.REQUESTS_FAILED)
            return self._render_problem(error)

    def _endpoint(self, route_key: str) -> Endpoint:
        while route_key not in self._endpoints:
            if not self._modules:
                raise NotFoundError("There is no such endpoint.")
            self._import_next()
        return self._endpoints[route_key]

    def _import_next(self) -> None:
        # Off the list only when it is there: an import that fails is tried again.
        import_module(self._modules[0])
        del self._modules[0]

    def _count_refusal(self, error: LiveError) -> None:
        is_ours = isinstance(error, UpstreamError)
        if is_ours:
            self._logger.warning("request_put_off", code=error.code)
        self._count(metrics.REQUESTS_FAILED if is_ours else metrics.REQUESTS_REFUSED)

    def _count(self, name: str) -> None:
        if self._telemetry is not None:
            self._telemetry.count(name)

    def _check_origin(self, request: Request) -> None:
        if self._origin_secrets is None:
            return
        given = request.headers.get(ORIGIN_SECRET_HEADER, "").encode()
        if not any(hmac.compare_digest(given, s.encode()) for s in self._origin_secrets()):
            raise ForbiddenError("Requests come through the public address.", code="wrong-origin")

    @staticmethod
    def _render_problem(error: Exception) -> dict[str, object]:
        problem = problem_from(error)
        return {
            "statusCode": problem.status,
            "headers": {
                "content-type": PROBLEM_CONTENT_TYPE,
                "cache-control": "no-store",
                **problem.headers,
            },
            "body": json.dumps(problem.body, separators=(",", ":")),
        }


def _render(response: Response) -> dict[str, object]:
    rendered = _render_body(response)
    return {**rendered, "cookies": list(response.cookies)} if response.cookies else rendered


def _render_body(response: Response) -> dict[str, object]:
    headers = {"cache-control": "no-store", **response.headers}
    if response.body is None:
        return {"statusCode": response.status, "headers": headers}
    if isinstance(response.body, str):
        body = response.body
    elif isinstance(response.body, BaseModel):
        headers.setdefault("content-type", "application/json")
        body = response.body.model_dump_json(by_alias=True, exclude_none=True)
    else:
        headers.setdefault("content-type", "application/json")
        body = json.dumps(response.body, separators=(",", ":"))
    return {"statusCode": response.status, "headers": headers, "body": body}
