"""Metrics of the product and of AWS, as CDK knows them."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from ayinel_live.runtime.metrics import NAMESPACE

MINUTE = Duration.minutes(1)
FIVE_MINUTES = Duration.minutes(5)


class Measures:
    """Makes metrics of one deployment.

    Args:
        environment: The deployment's name, the dimension `stage`.
    """

    def __init__(self, environment: str) -> None:
        self._environment = environment

    def own(
        self, service: str, name: str, *, statistic: str = "Sum", period: Duration = MINUTE
    ) -> cloudwatch.Metric:
        """Return a metric that a function emits.

        Args:
            service: The function.
            name: One of `runtime.metrics`.
            statistic: How values of a period become one.
            period: The period.
        """
        return cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name=name,
            dimensions_map={"service": service, "stage": self._environment},
            statistic=statistic,
            period=period,
            label=name if statistic == "Sum" else f"{name} {statistic}",
        )


def of_aws(
    service: str,
    name: str,
    dimensions: Mapping[str, str],
    *,
    statistic: str = "Sum",
    period: Duration = MINUTE,
    label: str | None = None,
) -> cloudwatch.Metric:
    """Return a metric that AWS emits by itself.

    Args:
        service: The last part of its namespace, such as `Lambda`.
        name: The metric.
        dimensions: What it is of.
        statistic: How values of a period become one.
        period: The period.
        label: What it is called in a graph.
    """
    return cloudwatch.Metric(
        namespace=f"AWS/{service}",
        metric_name=name,
        dimensions_map=dict(dimensions),
        statistic=statistic,
        period=period,
        label=label,
    )
