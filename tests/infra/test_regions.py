"""A region that lacks something says so at synth; what is optional is left out."""

from __future__ import annotations

import boto3
import pytest
from aws_cdk import App
from aws_cdk.assertions import Annotations, Match

from infra.data_stack import DataStack
from infra.deployment import Context, ContextError, Deployment
from infra.regions import IVS_REGIONS
from tests.infra.synthesis import synthesise

DSN = "postgresql://history@db.example/live"
ACL = "arn:aws:wafv2:us-east-1:1:global/webacl/a/b"


def deployment(region: str, **more: str | bool) -> Deployment:
    return Deployment.from_context(Context(stage="dev", region=region, **more))  # type: ignore[arg-type]  # fields of Context


def test_table_of_video_regions_is_the_sdks() -> None:
    assert set(boto3.Session().get_available_regions("ivs")) == IVS_REGIONS


def test_region_without_video_is_refused_with_those_that_have_it() -> None:
    with pytest.raises(ContextError, match=r"Amazon IVS is not in eu-north-1: .* eu-west-1"):
        deployment("eu-north-1")


@pytest.mark.parametrize(
    ("more", "has_history"), [({}, False), ({"history_dsn": DSN}, True)], ids=["none", "postgres"]
)
def test_region_without_dsql_goes_without_history_unless_a_database_is_given(
    more: dict[str, str], has_history: bool
) -> None:
    assert deployment("ap-south-1", **more).has_history is has_history


def test_history_that_is_left_out_is_said_at_synth() -> None:
    stack = DataStack(App(analytics_reporting=False), deployment("ap-south-1"))
    said = Match.string_like_regexp("Aurora DSQL is not in ap-south-1: history is left out")
    Annotations.from_stack(stack).has_warning("*", said)


def test_history_that_is_left_out_on_purpose_is_not() -> None:
    meant = deployment("ap-south-1", has_history_cluster=False)
    stack = DataStack(App(analytics_reporting=False), meant)
    assert not Annotations.from_stack(stack).find_warning("*", Match.string_like_regexp("DSQL"))


def test_domain_of_ones_own_is_where_everything_is_reached() -> None:
    own = synthesise(
        Context(
            stage="dev",
            domain_name="live.example.com",
            certificate_arn="arn:aws:acm:us-east-1:1:certificate/c",
        )
    )
    (distribution,) = own.properties("AWS::CloudFront::Distribution")
    assert distribution["DistributionConfig"]["Aliases"] == ["live.example.com"]
    certificate = distribution["DistributionConfig"]["ViewerCertificate"]
    assert certificate["MinimumProtocolVersion"] == "TLSv1.2_2021"
    outputs = own.outputs()
    assert outputs["WebUrl"] == "https://live.example.com"
    assert outputs["ChatUrl"].startswith("wss://live.example.com/")
    variables = own.functions()["streams_api"]["Properties"]["Environment"]["Variables"]
    assert variables["RECORDINGS_URL"] == "https://live.example.com"
