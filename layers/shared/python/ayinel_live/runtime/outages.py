"""Tells a service that fails for a while from a fault of ours, by what botocore raised.

PynamoDB wraps botocore's exceptions; who asked them one by one would have to import both. Where
botocore was not imported, nothing of it can have been raised.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ayinel_live.runtime.errors import UpstreamError

# What botocore's `standard` retry mode takes for throttling, and transactions in each other's way.
# https://docs.aws.amazon.com/boto3/latest/guide/retries.html
_PASSING = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "InternalError",
        "InternalServerError",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
_SERVER_FAULT = 500
RETRY_AFTER_SECONDS = 1.0


def outage_from(error: BaseException) -> UpstreamError | None:
    """Return what to answer where a service did not do its work; None for any other fault.

    Args:
        error: What was raised, by botocore or by who called it.
    """
    botocore = sys.modules.get("botocore.exceptions")
    if botocore is None:
        return None
    for cause in _chain(error):
        if isinstance(cause, botocore.ClientError):
            return _outage() if _may_pass(cause.response) else None
        if isinstance(cause, botocore.HTTPClientError | botocore.ConnectionError):
            return _outage()
    return None


def refusal_code(error: BaseException) -> str | None:
    """Return the code that DynamoDB refused a request with; None where it gave no answer.

    PynamoDB's own `cause_response_code` raises an AttributeError where there was no answer:
    botocore's exceptions of broken connections have a `response`, and it is None.

    Args:
        error: What PynamoDB raised.
    """
    response = getattr(getattr(error, "cause", None), "response", None) or {}
    code: str | None = response.get("Error", {}).get("Code")
    return code


def _outage() -> UpstreamError:
    return UpstreamError(
        "A service that this stands on did not answer.", retry_after_seconds=RETRY_AFTER_SECONDS
    )


def _may_pass(response: dict[str, dict[str, object]]) -> bool:
    code = str(response.get("Error", {}).get("Code", ""))
    # An answer without a body has its status for a code, and PynamoDB keeps no other.
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", code)
    return code in _PASSING or (str(status).isdigit() and int(str(status)) >= _SERVER_FAULT)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        # PynamoDB keeps what botocore raised in an attribute of its own.
        kept = getattr(error, "cause", None)
        error = kept if isinstance(kept, BaseException) else error.__cause__
