"""The faults: what each kind looks like in the wire format of each service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.faults.proxy import Rule, Traffic

# What functions call, by the names that requests are signed for; posts to connections are signed
# for `execute-api`.
_SERVICES: Mapping[str, tuple[str, ...]] = {
    "DynamoDB": ("dynamodb",),
    "SQS": ("sqs",),
    "IVS": ("ivs",),
    "EventBridge": ("events",),
    "Secrets-Manager": ("secretsmanager",),
    "connections": ("apigatewaymanagementapi", "execute-api"),
}
EVERYTHING = "everything"
TARGETS = (EVERYTHING, *_SERVICES)
KINDS = ("throttle", "time-out", "reset", "5xx")
RATES = (0.01, 0.1, 0.5)
_THROTTLES: Mapping[str, tuple[str, int]] = {
    "dynamodb": ("ProvisionedThroughputExceededException", 400),
    "apigatewaymanagementapi": ("LimitExceededException", 429),
    "execute-api": ("LimitExceededException", 429),
}
# Above the clients' read time-outs.
_HOLD_MILLISECONDS = 5_500


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the matrix.

    Attributes:
        target: What fails, one of `TARGETS`.
        kind: How, one of `KINDS`.
        rate: The share of requests that fails.
    """

    target: str
    kind: str
    rate: float

    def __str__(self) -> str:
        return f"{self.target}-{self.kind}-{round(self.rate * 100)}"

    def rules(self) -> list[Rule]:
        """Return the rules that make it: the first request of each service fails, then a share.

        Without the first, a rate of 1 % would leave a service that is called twice a minute whole.
        """
        groups = _SERVICES.values() if self.target == EVERYTHING else (_SERVICES[self.target],)
        services = [service for group in groups for service in group]
        first = [{**self._faults(service)[0], "times": 1} for service in services]
        return [*first, *(rule for service in services for rule in self._shares(service))]

    def counts(self, traffic: Traffic) -> dict[str, tuple[int, int]]:
        """Return how many requests came and were broken, by the target that they went to."""
        targets = _SERVICES if self.target == EVERYTHING else (self.target,)
        return {
            target: (
                sum(traffic.requests[service] for service in _SERVICES[target]),
                sum(traffic.broken[service] for service in _SERVICES[target]),
            )
            for target in targets
        }

    def _shares(self, service: str) -> list[Rule]:
        """Return the rules for the share; each looks at what those before it let pass."""
        faults = self._faults(service)
        each = self.rate / len(faults)
        return [
            {**fault, "probability": each / (1 - place * each)}
            for place, fault in enumerate(faults)
        ]

    def _faults(self, service: str) -> list[Rule]:
        match self.kind:
            case "throttle":
                code, status = _THROTTLES.get(service, ("ThrottlingException", 400))
                return [{"service": service, "error": {"code": code, "status": status}}]
            case "time-out":
                return [{"service": service, "timeout_ms": _HOLD_MILLISECONDS}]
            case "reset":
                # Half of the resets come before the request was worked on, half after it: then
                # what was asked for has happened, and nobody was told.
                return [
                    {"service": service, "response": {"abort_bytes": 0}},
                    {"service": service, "reset": True},
                ]
            case _:
                error = {"code": "InternalServerError", "status": 500}
                return [{"service": service, "error": error}]


def cells() -> list[Cell]:
    """Return the whole matrix."""
    return [Cell(target, kind, rate) for target in TARGETS for kind in KINDS for rate in RATES]
