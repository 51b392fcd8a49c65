"""Log groups: named for the environment, kept as long as the stage says."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.deployment import Deployment

_RETENTION = {
    7: logs.RetentionDays.ONE_WEEK,
    30: logs.RetentionDays.ONE_MONTH,
    90: logs.RetentionDays.THREE_MONTHS,
    365: logs.RetentionDays.ONE_YEAR,
}


def log_group(
    scope: Construct, construct_id: str, name: str, deployment: Deployment
) -> logs.LogGroup:
    """Make a log group.

    Args:
        scope: Where it belongs.
        construct_id: Its id there.
        name: The last part of its name.
        deployment: The deployment.
    """
    return logs.LogGroup(
        scope,
        construct_id,
        log_group_name=f"/ayinel-live/{deployment.environment}/{name}",
        retention=_RETENTION[deployment.stage.log_retention_days],
        removal_policy=RemovalPolicy.DESTROY,
    )
