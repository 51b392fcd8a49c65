"""The faults: what each kind looks like in the wire format of each service."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.proxy import Rule

# Everything that functions call; posts to connections are signed for `execute-api`.
SERVICES = (
    "dynamodb",
    "sqs",
    "events",
    "secretsmanager",
    "ivs",
    "apigatewaymanagementapi",
    "execute-api",
)
_THROTTLES: Mapping[str, tuple[str, int]] = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "apigatewaymanagementapi": ("LimitExceededException", 429),
    "execute-api": ("LimitExceededException", 429),
}
# Above the clients' read time-outs.
_HOLD_MILLISECONDS = 5_500
KINDS = ("throttle", "time-out", "reset", "5xx")


def rules_for(kind: str, rate: float) -> list[Rule]:
    """Return the rules of a kind of fault for all services.

    Args:
        kind: One of `KINDS`.
        rate: The share of requests that fails.
    """
    return [rule for service in SERVICES for rule in _rules(kind, service, rate)]


def _rules(kind: str, service: str, rate: float) -> list[Rule]:
    match kind:
        case "throttle":
            code, status = _THROTTLES.get(service, ("ThrottlingException", 400))
            return [_rule(service, rate, error={"code": code, "status": status})]
        case "time-out":
            return [_rule(service, rate, timeout_ms=_HOLD_MILLISECONDS)]
        case "reset":
            # Half of the resets come before the request was worked on, half after it: then what
            # was asked for has happened, and nobody was told.
            return [
                _rule(service, rate / 2, reset=True),
                _rule(service, rate / 2, response={"abort_bytes": 0}),
            ]
        case _:
            error = {"code": "InternalServerError", "status": 500}
            return [_rule(service, rate, error=error)]


def _rule(service: str, rate: float, **fault: object) -> Rule:
    return {"service": service, "probability": rate, **fault}
