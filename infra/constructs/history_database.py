"""Where history is kept: Aurora DSQL on AWS, or any PostgreSQL that the context names."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import RemovalPolicy, Stack
from aws_cdk import aws_dsql as dsql
from constructs import Construct

from infra.constructs.live_function import LiveFunction
from infra.deployment import Deployment


@dataclass(frozen=True)
class HistoryDatabase:
    """A PostgreSQL database.

    Attributes:
        kind: `dsql` or `postgres`.
        endpoint: The cluster's host name, or the connection string.
        cluster: The cluster, where it is ours.
    """

    kind: str
    endpoint: str
    cluster: dsql.CfnCluster | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The settings of functions that read or write it."""
        return {"HISTORY_KIND": self.kind, "HISTORY_ENDPOINT": self.endpoint}

    def allow_connecting(self, function: LiveFunction) -> None:
        """Let a function log in: by IAM to a cluster, by the connection string elsewhere."""
        if self.cluster is not None:
            # The functions make their own tables, which takes the role `admin`.
            function.allow(["dsql:DbConnectAdmin"], [self.cluster.attr_resource_arn])


def history_database(scope: Construct, deployment: Deployment) -> HistoryDatabase:
    """Return the database that the context names, or make a cluster.

    Without either the endpoint is empty, on which functions say that there is no history.

    Args:
        scope: Where a cluster would belong.
        deployment: The deployment.
    """
    if deployment.context.history_dsn or not deployment.has_history:
        return HistoryDatabase("postgres", deployment.context.history_dsn)
    is_protected = deployment.stage.is_protected
    cluster = dsql.CfnCluster(scope, "History", deletion_protection_enabled=is_protected)
    cluster.apply_removal_policy(RemovalPolicy.RETAIN if is_protected else RemovalPolicy.DESTROY)
    endpoint = f"{cluster.attr_identifier}.dsql.{Stack.of(scope).region}.on.aws"
    return HistoryDatabase("dsql", endpoint, cluster)
