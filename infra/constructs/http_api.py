"""The routes of the HTTP API, made from the functions' own lists."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Aws
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_iam as iam
from constructs import Construct

from functions.routes import Access, Route, routes_of
from infra.constructs.access_log import access_log
from infra.constructs.live_function import LiveFunction
from infra.constructs.token_issuer import TokenIssuer
from infra.deployment import Deployment

ACCESS_LOG = "http-access"
_PAYLOAD_VERSION = "2.0"
_GATEWAY = iam.ServicePrincipal("apigateway.amazonaws.com")


class HttpRoutes(Construct):
    """Routes, integrations, authorizer and stage of an HTTP API.

    Args:
        scope: Where it belongs.
        api: The API itself.
        functions: The functions that serve it, by name.
        tokens: Whose tokens open the routes for signed-in callers.
        deployment: The deployment.
    """

    def __init__(
        self,
        scope: Construct,
        api: gateway.CfnApi,
        functions: Mapping[str, LiveFunction],
        tokens: TokenIssuer,
        deployment: Deployment,
    ) -> None:
        super().__init__(scope, "HttpRoutes")
        self._api = api
        self._authorizer = gateway.CfnAuthorizer(
            self,
            "Tokens",
            api_id=api.ref,
            name="tokens",
            authorizer_type="JWT",
            identity_source=["$request.header.Authorization"],
            jwt_configuration=gateway.CfnAuthorizer.JWTConfigurationProperty(
                issuer=tokens.issuer, audience=list(tokens.audiences)
            ),
        )
        routes = {}
        for name, function in functions.items():
            integration = self._integration(function)
            for route in routes_of(name):
                routes[route.key] = (route, self._route(route, integration))
        self._stage(routes, deployment)

    def _integration(self, function: LiveFunction) -> gateway.CfnIntegration:
        function.target.add_permission(
            "HttpApi",
            principal=_GATEWAY,
            source_arn=f"arn:{Aws.PARTITION}:execute-api:{Aws.REGION}:{Aws.ACCOUNT_ID}:"
            f"{self._api.ref}/*",
        )
        return gateway.CfnIntegration(
            self,
            f"{function.name}-integration",
            api_id=self._api.ref,
            integration_type="AWS_PROXY",
            integration_uri=function.target.function_arn,
            payload_format_version=_PAYLOAD_VERSION,
            timeout_in_millis=function.timeout_seconds * 1000,
        )

    def _route(self, route: Route, integration: gateway.CfnIntegration) -> gateway.CfnRoute:
        is_signed_in = route.access is Access.SIGNED_IN
        return gateway.CfnRoute(
            self,
            route.operation,
            api_id=self._api.ref,
            route_key=route.key,
            target=f"integrations/{integration.ref}",
            authorization_type="JWT" if is_signed_in else "NONE",
            authorizer_id=self._authorizer.ref if is_signed_in else None,
            operation_name=route.operation,
        )

    def _stage(
        self, routes: Mapping[str, tuple[Route, gateway.CfnRoute]], deployment: Deployment
    ) -> None:
        shape = deployment.stage.gateway
        stage = gateway.CfnStage(
            self,
            "Stage",
            api_id=self._api.ref,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=gateway.CfnStage.RouteSettingsProperty(
                throttling_rate_limit=shape.requests_per_second,
                throttling_burst_limit=shape.burst,
            ),
            route_settings={
                key: {
                    "ThrottlingRateLimit": min(
                        route.requests_per_second, shape.requests_per_second
                    ),
                    "ThrottlingBurstLimit": min(route.burst, shape.burst),
                }
                for key, (route, _) in routes.items()
            },
            access_log_settings=access_log(
                self, ACCESS_LOG, deployment, responseLength="$context.responseLength"
            ),
        )
        for _, declared in routes.values():
            stage.add_resource_dependency(declared)
