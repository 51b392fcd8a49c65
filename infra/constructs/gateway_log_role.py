"""The role by which API Gateway writes logs: one setting for the whole account and region.

A WebSocket API's stage with an access log is refused where nobody has made that setting yet.
https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-logging.html
"""

from __future__ import annotations

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.deployment import Deployment

_POLICY = "service-role/AmazonAPIGatewayPushToCloudWatchLogs"


def gateway_log_role(scope: Construct, deployment: Deployment) -> CfnResource | None:
    """Make the setting, unless the context says that it is there or this is one machine.

    Both stay when the deployment goes: other deployments of the account log by them.

    Args:
        scope: Where it belongs.
        deployment: The deployment.

    Returns:
        What a stage with an access log must wait for.
    """
    if deployment.stage.is_local or not deployment.context.has_gateway_log_role:
        return None
    # Of no use on one machine, where it need not be loaded.
    from aws_cdk import aws_apigateway as apigateway

    role = iam.Role(
        scope,
        "GatewayLogRole",
        description="API Gateway writes logs of all APIs of this account and region",
        assumed_by=iam.ServicePrincipal("apigateway.amazonaws.com"),
        managed_policies=[iam.ManagedPolicy.from_aws_managed_policy_name(_POLICY)],
    )
    role.apply_removal_policy(RemovalPolicy.RETAIN)
    account = apigateway.CfnAccount(scope, "GatewayLogs", cloud_watch_role_arn=role.role_arn)
    account.apply_removal_policy(RemovalPolicy.RETAIN)
    account.node.add_dependency(role)
    return account
