"""The families of faults that the product knows, by meaning and not by transport.

    LiveError
    ├── InvalidInputError      the caller sent something that cannot be accepted
    ├── UnauthenticatedError   nobody, or nobody who can be believed, is calling
    ├── ForbiddenError         the caller is known and may not
    ├── NotFoundError          there is no such thing, or none that the caller may know of
    ├── ConflictError          it exists already, or somebody else was first
    ├── InvalidStateError      the thing is not in a state in which this can be done
    ├── UnsupportedError       well-formed, but this installation cannot deliver it
    ├── RateLimitedError       too much, too fast; says when to come back
    └── UpstreamError          a service we stand on failed or refused; may pass

A slice derives its own errors from a family; `problems.py` holds the one table from family to
HTTP status.
"""

from __future__ import annotations

from collections.abc import Mapping


class LiveError(Exception):
    """Any fault of the product; `detail` is a sentence that may be shown to the caller.

    Args:
        detail: What went wrong, in plain words, free of secrets and of echoed secret input.
        code: A fixed slug that clients can act on, such as `slow-mode`.
        extra: More members of the problem object (RFC 9457, section 3.2), camelCase keys.
    """

    code: str = "error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        self.extra: Mapping[str, object] = dict(extra or {})


class InvalidInputError(LiveError):
    """The request is malformed or a field breaks its rule."""

    code = "invalid-input"


class UnauthenticatedError(LiveError):
    """There is no credential, or it does not verify."""

    code = "unauthenticated"


class ForbiddenError(LiveError):
    """The caller is known and not allowed."""

    code = "forbidden"


class NotFoundError(LiveError):
    """The thing does not exist, or its existence is not the caller's to know."""

    code = "not-found"


class ConflictError(LiveError):
    """The request contradicts what is already there."""

    code = "conflict"


class InvalidStateError(LiveError):
    """The thing exists but is not in a state that allows the request."""

    code = "invalid-state"


class UnsupportedError(LiveError):
    """The request is well-formed but nothing here can deliver it."""

    code = "unsupported"


class RetryableError(LiveError):
    """A fault that may pass; `retry_after_seconds` says when to try again, where known."""

    def __init__(
        self,
        detail: str,
        *,
        retry_after_seconds: float | None = None,
        code: str | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail, code=code, extra=extra)
        self.retry_after_seconds = retry_after_seconds


class RateLimitedError(RetryableError):
    """The caller sends faster than it may."""

    code = "rate-limited"


class BusyError(RetryableError, ConflictError):
    """The thing is changing right now; the same request will do in a moment."""

    code = "busy"


class UpstreamError(RetryableError):
    """A service that we depend on failed, throttled or timed out."""

    code = "upstream"
