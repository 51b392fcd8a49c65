"""The routes of the WebSocket API: who may connect is asked once, every frame has its route."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from ayinel_live.runtime.names import CHAT_STAGE
from infra.constructs.access_log import access_log
from infra.constructs.gateway_log_role import gateway_log_role
from infra.constructs.live_function import LiveFunction
from infra.deployment import Deployment

_GATEWAY = iam.ServicePrincipal("apigateway.amazonaws.com")
_CONNECT = "$connect"
_DISCONNECT = "$disconnect"
# A frame without a known `action` goes to `$default`, which answers with a problem.
FRAME_ROUTES = ("$default", "delete-message", "heartbeat", "resume", "send-message")


class ChatRoutes(Construct):
    """Routes, integration, authorizer and stage of the WebSocket API.

    Args:
        scope: Where it belongs.
        api: The API itself.
        socket: Serves every route.
        authorizer: Checks the ticket of a connection.
        deployment: The deployment.
    """

    def __init__(
        self,
        scope: Construct,
        api: gateway.CfnApi,
        socket: LiveFunction,
        authorizer: LiveFunction,
        deployment: Deployment,
    ) -> None:
        super().__init__(scope, "ChatRoutes")
        self._api = api
        self._deployment = deployment
        self._integration = gateway.CfnIntegration(
            self,
            "Integration",
            api_id=api.ref,
            integration_type="AWS_PROXY",
            integration_uri=_invocation_uri(socket),
            timeout_in_millis=socket.timeout_seconds * 1000,
        )
        tickets = self._authorizer(authorizer)
        _let_invoke(socket, f"{_api_arn(api)}/{CHAT_STAGE}/*")
        routes: list[gateway.CfnRoute | gateway.CfnRouteResponse] = [
            self._route(_CONNECT, authorization_type="CUSTOM", authorizer_id=tickets.ref),
            self._route(_DISCONNECT),
        ]
        for key in FRAME_ROUTES:
            routes += self._frame_route(key)
        self._stage(routes)

    def _authorizer(self, function: LiveFunction) -> gateway.CfnAuthorizer:
        authorizer = gateway.CfnAuthorizer(
            self,
            "Tickets",
            api_id=self._api.ref,
            name="tickets",
            authorizer_type="REQUEST",
            authorizer_uri=_invocation_uri(function),
            identity_source=["route.request.querystring.ticket"],
        )
        _let_invoke(function, f"{_api_arn(self._api)}/authorizers/{authorizer.ref}")
        return authorizer

    def _route(
        self,
        key: str,
        *,
        authorization_type: str = "NONE",
        authorizer_id: str | None = None,
        answers: bool = False,
    ) -> gateway.CfnRoute:
        return gateway.CfnRoute(
            self,
            key.removeprefix("$"),
            api_id=self._api.ref,
            route_key=key,
            target=f"integrations/{self._integration.ref}",
            authorization_type=authorization_type,
            authorizer_id=authorizer_id,
            operation_name=key.removeprefix("$"),
            route_response_selection_expression="$default" if answers else None,
        )

    def _frame_route(self, key: str) -> list[gateway.CfnRoute | gateway.CfnRouteResponse]:
        """Make a route whose function's answer goes back to the sender."""
        route = self._route(key, answers=True)
        response = gateway.CfnRouteResponse(
            self,
            f"{key.removeprefix('$')}-response",
            api_id=self._api.ref,
            route_id=route.ref,
            route_response_key="$default",
        )
        return [route, response]

    def _stage(self, routes: list[gateway.CfnRoute | gateway.CfnRouteResponse]) -> None:
        shape = self._deployment.stage.gateway
        stage = gateway.CfnStage(
            self,
            "Stage",
            api_id=self._api.ref,
            stage_name=CHAT_STAGE,
            auto_deploy=True,
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=shape.frames_per_second,
                throttling_burst_limit=shape.frames_burst,
                # Data traces would hold chat text.
                data_trace_enabled=False,
            ),
            access_log_settings=access_log(
                self,
                "chat-access",
                self._deployment,
                event="$context.eventType",
                connectionId="$context.connectionId",
            ),
        )
        logging = gateway_log_role(self, self._deployment)
        for awaited in (*routes, logging):
            if awaited is not None:
                stage.add_resource_dependency(awaited)


def _api_arn(api: gateway.CfnApi) -> str:
    return f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:{api.ref}"


def _invocation_uri(function: LiveFunction) -> str:
    return (
        f"arn:{Aws.PARTITION}:apigateway:{Aws.REGION}:lambda:path/2015-03-31/functions/"
        f"{function.target.function_arn}/invocations"
    )


def _let_invoke(function: LiveFunction, source_arn: str) -> None:
    function.target.add_permission("ChatApi", principal=_GATEWAY, source_arn=source_arn)
