"""HTTP APIs."""

import json
from typing import Any

import httpx

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, eventually

ORIGIN = "http://localhost:8000"
PREFLIGHT = {"origin": ORIGIN, "access-control-request-method": "POST"}


def preflight_of_template(cloud: Cloud) -> httpx.Response:
    cors = {
        "AllowOrigins": [ORIGIN],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": ["authorization"],
        "AllowCredentials": "true",
        "MaxAge": 60,
    }
    properties = {"Name": "sample", "ProtocolType": "HTTP", "CorsConfiguration": cors}
    stack = {
        "Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}},
        "Outputs": {"Id": {"Value": {"Ref": "Api"}}},
    }
    api = deploy(cloud, "cors", stack)["Id"]
    cloud.client("apigatewayv2").create_stage(ApiId=api, StageName="$default")
    return httpx.options(f"{cloud.url}/_aws/execute-api/{api}/any", headers=PREFLIGHT)


def deploy(cloud: Cloud, name: str, template: dict[str, Any]) -> dict[str, str]:
    cloudformation = cloud.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))

    def finished() -> Any:
        stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        return None if stack["StackStatus"].endswith("_IN_PROGRESS") else stack

    stack = eventually(finished)
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def test_preflight_of_a_template_is_answered(mended: Cloud) -> None:
    answer = preflight_of_template(mended)
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-allow-methods"] == "GET,POST"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-max-age"] == "60"


def test_upstream_refuses_every_preflight_of_a_template(without: Without) -> None:
    with without("http_cors") as cloud:
        assert preflight_of_template(cloud).status_code == 403


def event_of_request(cloud: Cloud) -> dict[str, Any]:
    function = cloud.function("keep_event")
    gateway = cloud.client("apigatewayv2")
    api = gateway.create_api(Name="echo", ProtocolType="HTTP", Target=function.arn)["ApiId"]
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=function.arn,
        PayloadFormatVersion="2.0",
    )["IntegrationId"]
    gateway.create_route(ApiId=api, RouteKey="GET /item/{id}", Target=f"integrations/{integration}")
    if not gateway.get_stages(ApiId=api)["Items"]:
        gateway.create_stage(ApiId=api, StageName="$default")
    answer = httpx.get(
        f"{cloud.url}/_aws/execute-api/{api}/item/7",
        headers={"cookie": "a=1; b=2", "x-forwarded-for": "203.0.113.9"},
    )
    event: dict[str, Any] = answer.json()
    assert event["pathParameters"] == {"id": "7"}
    return event


def test_event_tells_the_caller_and_the_cookies(mended: Cloud) -> None:
    event = event_of_request(mended)
    assert event["cookies"] == ["a=1", "b=2"]
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert event["headers"]["x-forwarded-port"] == str(mended.emulator.port)


def test_upstream_tells_neither(without: Without) -> None:
    with without("http_forwarding") as cloud:
        event = event_of_request(cloud)
        assert "cookies" not in event
        assert event["headers"]["x-forwarded-for"] == "203.0.113.9"
