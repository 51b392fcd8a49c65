"""Access logs of the APIs: no path, query or header, where a person or a secret could stand."""

from __future__ import annotations

import json
from collections.abc import Mapping

from aws_cdk import aws_apigatewayv2 as gateway
from constructs import Construct

from infra.constructs.log_group import log_group
from infra.deployment import Deployment

_FIELDS: Mapping[str, str] = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "route": "$context.routeKey",
    "status": "$context.status",
    "integrationLatencyMs": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
    "authorizerError": "$context.authorizer.error",
}


def access_log(
    scope: Construct, name: str, deployment: Deployment, **fields: str
) -> gateway.CfnStage.AccessLogSettingsProperty | None:
    """Make the access log of an API's stage; none locally, where nothing would write it.

    Args:
        scope: Where it belongs.
        name: The last part of the log group's name.
        deployment: The deployment.
        fields: More fields of each line, by the gateway's variables.
    """
    if deployment.stage.is_local:
        return None
    return gateway.CfnStage.AccessLogSettingsProperty(
        destination_arn=log_group(scope, "AccessLog", name, deployment).log_group_arn,
        format=json.dumps({**_FIELDS, **fields}),
    )
