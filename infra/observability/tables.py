"""Throttled tables: on demand, so one item or one index key takes more than a partition gives."""

from __future__ import annotations

from collections.abc import Iterator

from aws_cdk import aws_cloudwatch as cloudwatch

from infra.constructs.live_table import LiveTable
from infra.errors import WiringError
from infra.observability.measures import FIVE_MINUTES, of_aws

_EVENTS = ("ReadThrottleEvents", "WriteThrottleEvents")
# As many metrics as an alarm's expression may have.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
_METRICS_AT_MOST = 10


def throttles(table: LiveTable) -> cloudwatch.MathExpression:
    """Return how many reads and writes of a table and its indexes were throttled.

    Args:
        table: The table.

    Raises:
        WiringError: It has more indexes than fit into one alarm.
    """
    counted = list(_counted(table))
    if len(counted) > _METRICS_AT_MOST:
        raise WiringError(f"{table.item.logical_name} has too many indexes for one alarm")
    using = {f"m{number}": metric for number, metric in enumerate(counted)}
    return cloudwatch.MathExpression(
        # Over a list, because what was never throttled has no metric at all.
        expression=f"SUM([{','.join(using)}])",
        using_metrics=using,
        period=FIVE_MINUTES,
        label=table.item.logical_name,
    )


def _counted(table: LiveTable) -> Iterator[cloudwatch.IMetric]:
    of_table = {"TableName": table.table.table_name}
    for name in _EVENTS:
        yield of_aws("DynamoDB", name, of_table, period=FIVE_MINUTES)
        for index in table.index_names:
            yield of_aws(
                "DynamoDB",
                name,
                {**of_table, "GlobalSecondaryIndexName": index},
                period=FIVE_MINUTES,
            )
