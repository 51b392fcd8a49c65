"""Callers refused because there are too many: counted from the access log of the HTTP API.

The gateway has one metric for all refusals of a caller's making, where those for too many requests
drown among wrong tokens and missing streams.
"""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from ayinel_live.runtime.metrics import NAMESPACE
from infra.constructs.http_api import ACCESS_LOG
from infra.deployment import Deployment
from infra.observability.measures import FIVE_MINUTES

_METRIC = "RequestsThrottled"
_TOO_MANY_REQUESTS = 429


def throttled_requests(scope: Construct, deployment: Deployment) -> cloudwatch.Metric:
    """Count answers with 429, and return the metric.

    Args:
        scope: Where the filter belongs; it depends on nothing, so its scope must see to it that the
            log is there first.
        deployment: The deployment.
    """
    # A filter cannot give the dimensions that the functions' own metrics have.
    namespace = f"{NAMESPACE}/{deployment.environment}"
    logs.CfnMetricFilter(
        scope,
        "ThrottledRequests",
        log_group_name=f"/ayinel-live/{deployment.environment}/{ACCESS_LOG}",
        # The gateway writes the status as text.
        filter_pattern=f'{{ $.status = "{_TOO_MANY_REQUESTS}" }}',
        metric_transformations=[
            logs.CfnMetricFilter.MetricTransformationProperty(
                metric_namespace=namespace,
                metric_name=_METRIC,
                metric_value="1",
                default_value=0,
            )
        ],
    )
    return cloudwatch.Metric(
        namespace=namespace, metric_name=_METRIC, statistic="Sum", period=FIVE_MINUTES
    )
