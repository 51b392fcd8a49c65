"""What the CDK context may say, and what the app says when it is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aws_cdk import App

from ayinel_live.runtime.names import Output
from infra.constructs.live_function import check_environment
from infra.deployment import Context, ContextError, Deployment
from infra.errors import WiringError
from infra.locks import REPOSITORY
from infra.stages import ACCOUNT_REQUESTS_PER_SECOND, STAGES, Gateway, Stage
from tests.infra.synthesis import synthesis, synthesise

OWN_ISSUER = Context(
    stage="dev",
    oidc_issuer="https://id.example.com",
    oidc_audience="live, studio",
)


def test_an_environment_without_a_required_setting_is_refused() -> None:
    with pytest.raises(WiringError, match="environment of chat_authorizer lacks TICKET_SECRET_ARN"):
        check_environment("chat_authorizer", {})


def test_an_environment_with_a_name_that_nobody_reads_is_refused() -> None:
    given = {"TICKET_SECRET_ARN": "arn", "TICKET_SECRT": "arn"}
    with pytest.raises(WiringError, match="has TICKET_SECRT, which its settings do not read"):
        check_environment("chat_authorizer", given)


@pytest.mark.parametrize(
    ("context", "says"),
    [
        ({"stage": "test"}, "stage=test is none of local, dev, prod"),
        ({"stage": "dev", "hasHistoryCluster": "maybe"}, "hasHistoryCluster must be true or false"),
        ({"stage": "dev", "oidcIssuer": "https://a"}, "oidcIssuer needs oidcAudience"),
        ({"stage": "dev", "domainName": "a.example"}, "domainName needs certificateArn"),
    ],
)
def test_an_impossible_context_is_refused(context: dict[str, str], says: str) -> None:
    with pytest.raises(ContextError, match=says):
        Deployment.from_context(Context.from_node(App(context=context).node))


def test_a_fault_ends_the_app_with_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "CDK_CONTEXT_JSON": json.dumps({"stage": "test"}),
            "CDK_OUTDIR": str(tmp_path / "out"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: stage=test is none of local, dev, prod\n"


def test_context_is_read_in_camel_case() -> None:
    app = App(context={"stage": "dev", "hasHistoryCluster": "false", "environment": "alice"})
    context = Context.from_node(app.node)
    assert (context.stage, context.has_history_cluster, context.environment) == (
        "dev",
        False,
        "alice",
    )


def test_environments_stand_side_by_side() -> None:
    one, two = (
        Deployment.from_context(Context(stage="dev", environment=name)) for name in ("dev", "alice")
    )
    assert one.stack_name("Data") != two.stack_name("Data")


def test_an_issuer_that_is_there_takes_the_place_of_the_pool() -> None:
    found = synthesise(OWN_ISSUER)
    assert not found.resources("AWS::Cognito::UserPool")
    assert found.outputs()[Output.TOKEN_ISSUER] == OWN_ISSUER.oidc_issuer
    checking = found.functions()["streams_api"]["Properties"]["Environment"]["Variables"]
    assert checking["TOKEN_JWKS_URL"] == "https://id.example.com/.well-known/jwks.json"
    (authorizer,) = (
        properties
        for properties in found.properties("AWS::ApiGatewayV2::Authorizer")
        if properties["AuthorizerType"] == "JWT"
    )
    assert authorizer["JwtConfiguration"] == {
        "Issuer": OWN_ISSUER.oidc_issuer,
        "Audience": ["live", "studio"],
    }


def test_history_can_be_left_out_where_a_region_has_no_cluster() -> None:
    found = synthesise(Context(stage="dev", has_history_cluster=False))
    assert not found.resources("AWS::DSQL::Cluster")


def test_every_output_name_is_given_once() -> None:
    for stage in ("local", "prod"):
        found = synthesis(stage)
        given = [
            name
            for template in found.templates.values()
            for name in template.get("Outputs", {})
            if not name.startswith("ExportsOutput")
        ]
        assert len(given) == len(set(given))


def test_one_machine_tells_what_its_commands_need() -> None:
    assert {
        Output.API_URL,
        Output.CHAT_URL,
        Output.CONNECTIONS_URL,
        Output.USER_POOL_ID,
        Output.USER_POOL_CLIENT_ID,
        Output.EVENT_BUS_NAME,
        Output.RECORDING_BUCKET,
        Output.HOUSE_CHANNEL_ARN,
    } <= set(synthesis("local").outputs())


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_a_stage_takes_no_more_than_its_share_of_the_account(stage: Stage) -> None:
    shape = stage.gateway
    posts = shape.posts_per_second * shape.post_workers
    assert posts <= 0.8 * shape.account_share * ACCOUNT_REQUESTS_PER_SECOND


@pytest.mark.parametrize(("share", "workers"), [(0, 2), (1.1, 2), (0.5, 1)])
def test_an_impossible_share_is_refused(share: float, workers: int) -> None:
    with pytest.raises(ValueError, match="must be"):
        Gateway(
            account_share=share,
            post_workers=workers,
            requests_per_second=1,
            burst=1,
            frames_per_second=1,
            frames_burst=1,
        )
