"""Every family of faults becomes the right problem object."""

from __future__ import annotations

import pytest

from ayinel_live.runtime.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidInputError,
    InvalidStateError,
    LiveError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
    UnsupportedError,
    UpstreamError,
)
from ayinel_live.runtime.problems import (
    PayloadTooLargeError,
    UnsupportedMediaTypeError,
    problem_from,
)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidInputError("x"), 400),
        (PayloadTooLargeError("x"), 413),
        (UnsupportedMediaTypeError("x"), 415),
        (UnauthenticatedError("x"), 401),
        (ForbiddenError("x"), 403),
        (NotFoundError("x"), 404),
        (ConflictError("x"), 409),
        (BusyError("x"), 409),
        (InvalidStateError("x"), 409),
        (UnsupportedError("x"), 422),
        (RateLimitedError("x"), 429),
        (UpstreamError("x"), 503),
        (LiveError("x"), 500),
    ],
)
def test_family_decides_the_status(error: LiveError, status: int) -> None:
    problem = problem_from(error)
    assert problem.status == status
    assert problem.body["status"] == status
    assert problem.body["detail"] == "x"
    assert str(problem.body["type"]).endswith(error.code)


def test_unknown_fault_tells_nothing_of_its_cause() -> None:
    problem = problem_from(RuntimeError("the key is sk_secret"))
    assert problem.status == 500
    assert "secret" not in str(problem.body)


def test_retry_after_is_whole_seconds_in_the_header_and_exact_in_the_body() -> None:
    problem = problem_from(RateLimitedError("slow down", retry_after_seconds=1.25))
    assert problem.headers == {"retry-after": "2"}
    assert problem.body["retryAfterSeconds"] == 1.25


def test_extra_members_are_shown() -> None:
    problem = problem_from(UnsupportedError("no", code="quality", extra={"supported": ["720p"]}))
    assert problem.body["supported"] == ["720p"]
    assert problem.body["code"] == "quality"
