"""An alarm's rule as a template declares it, and the state that it gives over emitted metrics.

As far as the product's alarms go: one metric or the sum of several, a sum over each period, a
threshold, and what missing data means.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sample:
    """One value of one metric.

    Attributes:
        namespace: The metric's namespace.
        name: Its name.
        dimensions: Its dimensions.
        at_seconds: When, in seconds since 1970.
        value: The value.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    at_seconds: float
    value: float


@dataclass(frozen=True, slots=True)
class WatchedMetric:
    """One metric that an alarm watches."""

    namespace: str
    name: str
    dimensions: Mapping[str, Any]
    statistic: str
    period_seconds: int

    def takes(self, sample: Sample) -> bool:
        """Say whether a sample is of this metric."""
        return (self.namespace, self.name, dict(self.dimensions)) == (
            sample.namespace,
            sample.name,
            dict(sample.dimensions),
        )


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """What an alarm watches, and when it goes off."""

    name: str
    metrics: tuple[WatchedMetric, ...]
    threshold: float
    is_upper: bool
    periods: int
    missing_breaches: bool

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> AlarmRule:
        """Read the properties of an `AWS::CloudWatch::Alarm`."""
        return cls(
            name=properties.get("AlarmName", ""),
            metrics=tuple(_watched(properties)),
            threshold=float(properties["Threshold"]),
            is_upper=_IS_UPPER[properties["ComparisonOperator"]],
            periods=int(properties["EvaluationPeriods"]),
            missing_breaches=_BREACHES[properties["TreatMissingData"]],
        )

    @property
    def period_seconds(self) -> int:
        """The period, the same of all its metrics."""
        (seconds,) = {metric.period_seconds for metric in self.metrics}
        return seconds

    def state(self, samples: Iterable[Sample], now_seconds: float) -> str:
        """Return `ALARM` or `OK` as of some moment.

        Args:
            samples: What was emitted.
            now_seconds: The moment; the last period ends here.
        """
        assert {metric.statistic for metric in self.metrics} == {"Sum"}
        ours = [s for s in samples if any(metric.takes(s) for metric in self.metrics)]
        breaches = []
        for number in range(self.periods):
            end = now_seconds - number * self.period_seconds
            values = [s.value for s in ours if end - self.period_seconds < s.at_seconds <= end]
            breaches.append(self._is_breached(sum(values)) if values else self.missing_breaches)
        return "ALARM" if all(breaches) else "OK"

    def _is_breached(self, value: float) -> bool:
        return value > self.threshold if self.is_upper else value < self.threshold


_IS_UPPER = {"GreaterThanThreshold": True, "LessThanThreshold": False}
_BREACHES = {"notBreaching": False, "breaching": True}


def _watched(properties: Mapping[str, Any]) -> Iterator[WatchedMetric]:
    if "MetricName" in properties:
        yield _metric(properties, properties.get("Statistic", ""), properties["Period"])
        return
    for query in properties["Metrics"]:
        if "MetricStat" in query:
            stat = query["MetricStat"]
            yield _metric(stat["Metric"], stat["Stat"], stat["Period"])


def _metric(found: Mapping[str, Any], statistic: str, period: int) -> WatchedMetric:
    dimensions = {each["Name"]: each["Value"] for each in found.get("Dimensions", [])}
    return WatchedMetric(
        found["Namespace"], found["MetricName"], dimensions, statistic, int(period)
    )


def emitted_samples(lines: Iterable[tuple[float, str]]) -> Iterator[Sample]:
    """Yield what CloudWatch makes of log lines in the embedded metric format.

    Args:
        lines: Each with its time in seconds since 1970.
    """
    for at_seconds, line in lines:
        if '"CloudWatchMetrics"' not in line:
            continue
        entry = json.loads(line)
        for directive in entry["_aws"]["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: entry[name] for name in names}
                for metric in directive["Metrics"]:
                    given = entry[metric["Name"]]
                    for value in given if isinstance(given, list) else [given]:
                        yield Sample(
                            directive["Namespace"], metric["Name"], dimensions, at_seconds, value
                        )
