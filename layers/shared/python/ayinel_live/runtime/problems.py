"""One table from a family of faults to the problem object of RFC 9457.

The same object is the body of an HTTP fault (`application/problem+json`) and the `problem` member
of a WebSocket `problem` frame.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ayinel_live.runtime.errors import (
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidStateError,
    LiveError,
    NotFoundError,
    RateLimitedError,
    RetryableError,
    UnauthenticatedError,
    UnsupportedError,
    UpstreamError,
)

PROBLEM_CONTENT_TYPE = "application/problem+json"
PROBLEM_TYPE_BASE = "https://ayinel.dev/problems/"


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """How a family of faults is shown: HTTP status and fixed title."""

    status: int
    title: str


# The first family that the error is an instance of decides: from special to general.
_KINDS: tuple[tuple[type[LiveError], ProblemKind], ...] = (
    (InvalidInputError, ProblemKind(400, "The request is not valid")),
    (UnauthenticatedError, ProblemKind(401, "Sign in first")),
    (ForbiddenError, ProblemKind(403, "Not allowed")),
    (NotFoundError, ProblemKind(404, "Not found")),
    (ConflictError, ProblemKind(409, "Conflicts with the current state")),
    (InvalidStateError, ProblemKind(409, "Not possible in the current state")),
    (UnsupportedError, ProblemKind(422, "Not supported")),
    (RateLimitedError, ProblemKind(429, "Too many requests")),
    (UpstreamError, ProblemKind(503, "A service we depend on did not answer")),
)
_INTERNAL = ProblemKind(500, "Internal error")
_SPECIAL_TITLES: Mapping[int, str] = {413: "The request is too large", 415: "Wrong media type"}


class PayloadTooLargeError(InvalidInputError):
    """The body or frame is larger than what is read at all (HTTP 413)."""

    code = "too-large"


class UnsupportedMediaTypeError(InvalidInputError):
    """The body is not JSON (HTTP 415)."""

    code = "unsupported-media-type"


@dataclass(frozen=True, slots=True)
class Problem:
    """An RFC 9457 problem with what a transport needs to carry it.

    Attributes:
        status: HTTP status code.
        body: The problem object, ready for JSON.
        headers: `Retry-After` in whole seconds where the fault may pass.
    """

    status: int
    body: dict[str, object]
    headers: dict[str, str]


def problem_from(error: Exception) -> Problem:
    """Translate any exception; what is not a `LiveError` tells the caller nothing.

    Args:
        error: The fault.

    Returns:
        The problem with its HTTP status and headers.
    """
    if not isinstance(error, LiveError):
        body: dict[str, object] = {
            "type": PROBLEM_TYPE_BASE + "internal",
            "title": _INTERNAL.title,
            "status": _INTERNAL.status,
            "code": "internal",
            "detail": "The request failed on our side. It can be tried again.",
        }
        return Problem(_INTERNAL.status, body, {})
    kind = _kind_of(error)
    body = {
        "type": PROBLEM_TYPE_BASE + error.code,
        "title": kind.title,
        "status": kind.status,
        "code": error.code,
        "detail": error.detail,
        **error.extra,
    }
    headers: dict[str, str] = {}
    if isinstance(error, RetryableError) and error.retry_after_seconds is not None:
        body["retryAfterSeconds"] = round(error.retry_after_seconds, 3)
        headers["retry-after"] = str(max(1, math.ceil(error.retry_after_seconds)))
    return Problem(kind.status, body, headers)


def _kind_of(error: LiveError) -> ProblemKind:
    if isinstance(error, PayloadTooLargeError):
        return ProblemKind(413, _SPECIAL_TITLES[413])
    if isinstance(error, UnsupportedMediaTypeError):
        return ProblemKind(415, _SPECIAL_TITLES[415])
    for family, kind in _KINDS:
        if isinstance(error, family):
            return kind
    return _INTERNAL
