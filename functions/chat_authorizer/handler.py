"""The authorizer of the WebSocket API's `$connect`: a ticket in, an identity out.

What it answers as context rides on every later frame of the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.identity.origin import came_through_the_door, origin_secrets
from ayinel_live.identity.signatures import RotatingSecrets
from ayinel_live.identity.tickets import TicketVerifier
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.errors import UnauthenticatedError
from ayinel_live.runtime.telemetry import Telemetry
from functions.chat_authorizer.settings import ChatAuthorizerSettings

settings = ChatAuthorizerSettings.from_environment()
logger = Logger()
telemetry = Telemetry("chat_authorizer", settings.stage, logger)
door_secrets = origin_secrets(settings.origin_secret_arn)
verifier = TicketVerifier(RotatingSecrets(settings.ticket_secret_arn))


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> dict[str, object]:
    """Answer with an IAM policy, the one form that WebSocket APIs take.

    Args:
        event: The gateway's request authorizer event.
        context: Lambda's context.

    Returns:
        Allow with the identity as context, or deny, on which the handshake ends with 403.
    """
    if not came_through_the_door(event.get("headers"), door_secrets):
        # Past CloudFront there is no firewall.
        logger.info("ticket_refused", code="wrong-origin")
        return _policy("nobody", "Deny", event["methodArn"], {})
    ticket = (event.get("queryStringParameters") or {}).get("ticket", "")
    try:
        claims = verifier.verify(ticket, utc_now())
    except UnauthenticatedError as error:
        logger.info("ticket_refused", code=error.code)
        return _policy("nobody", "Deny", event["methodArn"], {})
    return _policy(claims.viewer_id, "Allow", event["methodArn"], claims.to_context())


def _policy(
    principal: str, effect: str, resource: str, context: dict[str, str]
) -> dict[str, object]:
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {
        "principalId": principal,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
