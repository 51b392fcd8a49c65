"""HTTP APIs."""

from typing import Any

import httpx

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud


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
