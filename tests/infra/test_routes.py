"""The gateway's routes are those that the functions list."""

from __future__ import annotations

from typing import Any

import pytest

from ayinel_live.runtime.names import CHAT_STAGE
from functions.routes import API_FUNCTIONS, Access, Route, routes_of
from infra.constructs.chat_api import FRAME_ROUTES
from infra.deployment import Context
from infra.stages import STAGES as SHAPES
from tests.infra.synthesis import STAGES, Synthesis, synthesis, synthesise, target_of

ROUTES: dict[str, tuple[str, Route]] = {
    route.key: (name, route) for name in API_FUNCTIONS for route in routes_of(name)
}


def http_routes(found: Synthesis) -> dict[str, dict[str, Any]]:
    return {
        route["RouteKey"]: route
        for route in found.properties("AWS::ApiGatewayV2::Route")
        if " " in route["RouteKey"]
    }


def chat_routes(found: Synthesis) -> dict[str, tuple[str, dict[str, Any]]]:
    return {
        route["Properties"]["RouteKey"]: (name, route["Properties"])
        for name, route in found.resources("AWS::ApiGatewayV2::Route").items()
        if " " not in route["Properties"]["RouteKey"]
    }


def api_stage(found: Synthesis, name: str) -> dict[str, Any]:
    (stage,) = (
        stage
        for stage in found.resources("AWS::ApiGatewayV2::Stage").values()
        if stage["Properties"]["StageName"] == name
    )
    return stage


@pytest.mark.parametrize("stage", STAGES)
def test_gateway_has_exactly_the_routes_of_the_functions(stage: str) -> None:
    assert set(http_routes(synthesis(stage))) == set(ROUTES)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("key", sorted(ROUTES))
def test_route_leads_to_the_function_that_lists_it(stage: str, key: str) -> None:
    found = synthesis(stage)
    integration = http_routes(found)[key]["Target"]["Fn::Join"][1][1]["Ref"]
    uri = found.resources("AWS::ApiGatewayV2::Integration")[integration]["Properties"]
    function = found.functions()[ROUTES[key][0]]
    assert found.resources("AWS::Lambda::Function")[found.called(uri["IntegrationUri"])] == function


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("key", sorted(ROUTES))
def test_only_routes_for_the_signed_in_ask_for_a_token(stage: str, key: str) -> None:
    found = synthesis(stage)
    route = http_routes(found)[key]
    if ROUTES[key][1].access is Access.SIGNED_IN:
        authorizers = found.resources("AWS::ApiGatewayV2::Authorizer")
        asked = authorizers[route["AuthorizerId"]["Ref"]]["Properties"]
        assert route["AuthorizationType"] == asked["AuthorizerType"] == "JWT"
        assert asked["JwtConfiguration"]["Audience"]
    else:
        assert route["AuthorizationType"] == "NONE"


@pytest.mark.parametrize("stage", STAGES)
def test_every_route_is_throttled_within_the_stages_share(stage: str) -> None:
    settings = api_stage(synthesis(stage), "$default")["Properties"]
    shape = SHAPES[stage].gateway
    assert set(settings["RouteSettings"]) == set(ROUTES)
    for key, throttle in settings["RouteSettings"].items():
        route = ROUTES[key][1]
        wanted = min(route.requests_per_second, shape.requests_per_second)
        assert throttle["ThrottlingRateLimit"] == wanted
        assert throttle["ThrottlingBurstLimit"] == min(route.burst, shape.burst)
    assert settings["DefaultRouteSettings"]["ThrottlingRateLimit"] == shape.requests_per_second


@pytest.mark.parametrize("stage", STAGES)
def test_stage_waits_for_the_routes_that_it_throttles(stage: str) -> None:
    found = synthesis(stage)
    routes = {
        name
        for name, route in found.resources("AWS::ApiGatewayV2::Route").items()
        if " " in route["Properties"]["RouteKey"]
    }
    assert routes <= set(api_stage(found, "$default")["DependsOn"])


@pytest.mark.parametrize("stage", STAGES)
def test_socket_has_a_route_for_each_action_and_answers_on_each(stage: str) -> None:
    found = synthesis(stage)
    routes = chat_routes(found)
    assert set(routes) == {"$connect", "$disconnect", *FRAME_ROUTES}
    answering = {
        response["RouteId"]["Ref"]
        for response in found.properties("AWS::ApiGatewayV2::RouteResponse")
    }
    assert answering == {routes[key][0] for key in FRAME_ROUTES}


@pytest.mark.parametrize("stage", STAGES)
def test_only_a_ticket_opens_the_socket(stage: str) -> None:
    found = synthesis(stage)
    connect = chat_routes(found)["$connect"][1]
    authorizers = found.resources("AWS::ApiGatewayV2::Authorizer")
    asked = authorizers[connect["AuthorizerId"]["Ref"]]["Properties"]
    assert connect["AuthorizationType"] == "CUSTOM"
    assert asked["AuthorizerType"] == "REQUEST"
    assert asked["IdentitySource"] == ["route.request.querystring.ticket"]


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_access_logs_hold_nothing_that_a_person_or_a_secret_could_stand_in(stage: str) -> None:
    for properties in synthesis(stage).properties("AWS::ApiGatewayV2::Stage"):
        written = properties["AccessLogSettings"]["Format"]
        for secret in ("path", "querystring", "sourceIp", "authorizer.claims", "userAgent"):
            assert secret not in written


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_socket_waits_for_the_account_to_let_api_gateway_write_logs(stage: str) -> None:
    """Its stage is refused in an account where nobody has."""
    found = synthesis(stage)
    ((name, setting),) = found.resources("AWS::ApiGateway::Account").items()
    assert name in api_stage(found, CHAT_STAGE)["DependsOn"]
    role = found.resources("AWS::IAM::Role")[target_of(setting["Properties"]["CloudWatchRoleArn"])]
    # Other deployments of the account log by them too.
    assert setting["DeletionPolicy"] == role["DeletionPolicy"] == "Retain"


def test_an_account_that_lets_it_already_is_left_alone() -> None:
    found = synthesise(Context(stage="dev", has_gateway_log_role=False))
    assert not found.resources("AWS::ApiGateway::Account")


@pytest.mark.parametrize("stage", STAGES)
def test_all_post_workers_together_stay_within_the_stages_share(stage: str) -> None:
    found = synthesis(stage)
    shape = SHAPES[stage].gateway
    worker = found.functions()["post_worker"]["Properties"]
    pace = float(worker["Environment"]["Variables"]["POSTS_PER_SECOND"])
    (mapping,) = (
        mapping
        for mapping in found.properties("AWS::Lambda::EventSourceMapping")
        if found.resources("AWS::Lambda::Function")[found.called(mapping["FunctionName"])]
        == found.functions()["post_worker"]
    )
    workers = mapping["ScalingConfig"]["MaximumConcurrency"]
    share = 0.8 * 10_000 * shape.account_share
    assert share - workers < workers * pace <= share
