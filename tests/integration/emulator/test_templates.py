"""What templates may hold."""

import json
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, eventually

ORIGIN = "http://localhost:8000"
PREFLIGHT = {"origin": ORIGIN, "access-control-request-method": "POST"}


def deploy(cloud: Cloud, name: str, resources: dict[str, Any], output: Any) -> str:
    """Make a stack; return its one output."""
    cloudformation = cloud.client("cloudformation")
    template = {"Resources": resources, "Outputs": {"One": {"Value": output}}}
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def finished() -> Any:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = eventually(finished)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    value: str = stack["Outputs"][0]["OutputValue"]
    return value


def preflight(cloud: Cloud) -> httpx.Response:
    cors = {
        "AllowOrigins": [ORIGIN],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization"],
        "AllowCredentials": "true",
        "MaxAge": 60,
    }
    properties = {"Name": "sample", "ProtocolType": "HTTP", "CorsConfiguration": cors}
    resources = {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}}
    api = deploy(cloud, "cors", resources, {"Ref": "Api"})
    cloud.client("apigatewayv2").create_stage(ApiId=api, StageName="$default")
    return httpx.options(f"{cloud.url}/_aws/execute-api/{api}/any", headers=PREFLIGHT)


def test_preflight_is_answered_as_the_template_says(mended: Cloud) -> None:
    answer = preflight(mended)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "60"


def test_upstream_refuses_every_preflight(without: Without) -> None:
    with without("http_cors") as cloud:
        assert preflight(cloud).status_code == 403


def provider_url(cloud: Cloud) -> str:
    pool = {"Type": "AWS::Cognito::UserPool", "Properties": {"UserPoolName": "users"}}
    return deploy(cloud, "users", {"Pool": pool}, {"Fn::GetAtt": ["Pool", "ProviderURL"]})


def test_user_pool_tells_its_url(mended: Cloud) -> None:
    url = provider_url(mended)
    pools = mended.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
    pool = next(pool["Id"] for pool in pools if pool["Name"] == "users")
    assert url == f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"


def test_upstream_does_not_know_the_url(without: Without) -> None:
    with without("user_pool_url") as cloud, pytest.raises(AssertionError, match="ROLLBACK"):
        provider_url(cloud)


def answering_api(cloud: Cloud) -> str:
    """Deploy a WebSocket API that sends back what its function returns; return its id."""
    function = cloud.function("socket")
    api = {"Ref": "Api"}

    def resource(kind: str, **properties: Any) -> dict[str, Any]:
        return {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": properties}

    route = resource(
        "Route",
        ApiId=api,
        RouteKey="$default",
        RouteResponseSelectionExpression="$default",
        Target={"Fn::Join": ["/", ["integrations", {"Ref": "Integration"}]]},
    )
    resources = {
        "Api": resource(
            "Api",
            Name="chat",
            ProtocolType="WEBSOCKET",
            RouteSelectionExpression="$request.body.action",
        ),
        "Integration": resource(
            "Integration", ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function.arn
        ),
        "Route": route,
        "Response": resource(
            "RouteResponse", ApiId=api, RouteId={"Ref": "Route"}, RouteResponseKey="$default"
        ),
        "Stage": resource("Stage", ApiId=api, StageName="live"),
    }
    return deploy(cloud, "chat", resources, api)


def test_route_response_lets_the_answer_out(mended: Cloud) -> None:
    api = answering_api(mended)
    with connect(mended.socket_url(api)) as socket:
        socket.send("hello")
        assert socket.recv(timeout=5) == "what the handler returned"
    (route,) = mended.client("apigatewayv2").get_routes(ApiId=api)["Items"]
    answers = mended.client("apigatewayv2").get_route_responses(
        ApiId=api, RouteId=route["RouteId"]
    )["Items"]
    assert [answer["RouteResponseKey"] for answer in answers] == ["$default"]
    mended.client("cloudformation").delete_stack(StackName="chat")
    apis = mended.client("apigatewayv2").get_apis
    assert eventually(lambda: api not in {found["ApiId"] for found in apis()["Items"]})


def test_upstream_refuses_route_responses(without: Without) -> None:
    with without("route_responses") as cloud:
        failed = cloud.client("cloudformation").exceptions.ClientError
        with pytest.raises(failed, match="RouteResponse"):
            answering_api(cloud)
