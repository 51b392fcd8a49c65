"""The public door of the AWS stages."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ayinel_live.runtime.http import ORIGIN_SECRET_HEADER
from ayinel_live.runtime.names import CHAT_STAGE, Output
from functions.routes import API_FUNCTIONS, BASE_PATH
from infra.deployment import Context, ContextError, Deployment
from tests.infra.synthesis import AWS_STAGES, synthesis, synthesise

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
HEADERS_AT_MOST = 10


def distribution(stage: str) -> dict[str, Any]:
    (found,) = synthesis(stage).properties("AWS::CloudFront::Distribution")
    config: dict[str, Any] = found["DistributionConfig"]
    return config


def behaviour(stage: str, path: str) -> dict[str, Any]:
    (found,) = (b for b in distribution(stage)["CacheBehaviors"] if b["PathPattern"] == path)
    return dict(found)


def origin_of(stage: str, path: str) -> dict[str, Any]:
    wanted = behaviour(stage, path)["TargetOriginId"]
    (found,) = (o for o in distribution(stage)["Origins"] if o["Id"] == wanted)
    return dict(found)


def test_one_machine_has_no_cloudfront_and_no_firewall() -> None:
    found = synthesis("local")
    assert not found.resources("AWS::CloudFront::Distribution")
    assert not found.resources("AWS::WAFv2::WebACL")
    assert found.outputs()[Output.API_URL]


@pytest.mark.parametrize("stage", AWS_STAGES)
@pytest.mark.parametrize("path", [f"{BASE_PATH}*", f"/{CHAT_STAGE}"])
def test_both_apis_get_the_secret_header_from_secrets_manager(stage: str, path: str) -> None:
    (header,) = origin_of(stage, path)["OriginCustomHeaders"]
    assert header["HeaderName"] == ORIGIN_SECRET_HEADER
    assert "{{resolve:secretsmanager:" in json.dumps(header["HeaderValue"])


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_host_is_never_forwarded_and_header_lists_are_short_enough(stage: str) -> None:
    policies = synthesis(stage).properties("AWS::CloudFront::OriginRequestPolicy")
    assert len(policies) == 2
    for policy in policies:
        config = policy["OriginRequestPolicyConfig"]["HeadersConfig"]
        assert config["HeaderBehavior"] == "whitelist"
        assert "host" not in {header.lower() for header in config["Headers"]}
        assert len(config["Headers"]) <= HEADERS_AT_MOST


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_country_and_device_of_the_viewer_reach_the_api(stage: str) -> None:
    policies = synthesis(stage).resources("AWS::CloudFront::OriginRequestPolicy")
    used = behaviour(stage, f"{BASE_PATH}*")["OriginRequestPolicyId"]["Ref"]
    headers = policies[used]["Properties"]["OriginRequestPolicyConfig"]["HeadersConfig"]["Headers"]
    assert {
        "CloudFront-Viewer-Country",
        "CloudFront-Is-Mobile-Viewer",
        "CloudFront-Is-SmartTV-Viewer",
        "CloudFront-Is-Tablet-Viewer",
    } <= set(headers)


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_answers_are_cached_apart_for_each_caller(stage: str) -> None:
    policies = synthesis(stage).resources("AWS::CloudFront::CachePolicy")
    used = behaviour(stage, f"{BASE_PATH}*")["CachePolicyId"]["Ref"]
    key = policies[used]["Properties"]["CachePolicyConfig"]
    assert key["DefaultTTL"] == key["MinTTL"] == 0
    headers = key["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"]
    assert "Authorization" in headers


@pytest.mark.parametrize("stage", AWS_STAGES)
@pytest.mark.parametrize("name", [*API_FUNCTIONS, "chat_authorizer"])
def test_functions_behind_the_door_are_told_the_secret(stage: str, name: str) -> None:
    properties = synthesis(stage).functions()[name]["Properties"]
    assert "ORIGIN_SECRET_ARN" in properties["Environment"]["Variables"]


def test_production_has_a_firewall_with_a_limit_for_writes() -> None:
    (acl,) = synthesis("prod").properties("AWS::WAFv2::WebACL")
    assert acl["Scope"] == "CLOUDFRONT"
    limits = {
        rule["Name"]: rule["Statement"]["RateBasedStatement"]["Limit"]
        for rule in acl["Rules"]
        if "RateBasedStatement" in rule["Statement"]
    }
    assert limits["Writes"] < limits["Requests"]
    assert distribution("prod")["WebACLId"]


def test_firewall_takes_markup_and_addresses_in_a_body_for_text() -> None:
    (acl,) = synthesis("prod").properties("AWS::WAFv2::WebACL")
    groups = {
        group["Name"]: group
        for rule in acl["Rules"]
        if (group := rule["Statement"].get("ManagedRuleGroupStatement"))
    }
    counted = {
        override["Name"]
        for override in groups["AWSManagedRulesCommonRuleSet"]["RuleActionOverrides"]
        if override["ActionToUse"] == {"Count": {}}
    }
    assert {"CrossSiteScripting_BODY", "GenericRFI_BODY", "SizeRestrictions_BODY"} <= counted
    # What stands in addresses and headers is refused as ever.
    assert all(name.endswith("_BODY") for name in counted)
    others = (group for name, group in groups.items() if not name.endswith("CommonRuleSet"))
    assert not any("RuleActionOverrides" in group for group in others)


def test_firewall_refuses_what_its_rules_find() -> None:
    """A rule group whose own action is to count lets everything pass that it finds."""
    (acl,) = synthesis("prod").properties("AWS::WAFv2::WebACL")
    known, limits = (
        [rule for rule in acl["Rules"] if kind in rule["Statement"]]
        for kind in ("ManagedRuleGroupStatement", "RateBasedStatement")
    )
    assert {rule["Name"] for rule in known} == {
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    }
    assert all(rule["OverrideAction"] == {"None": {}} for rule in known)
    assert len(limits) == 2
    assert all(rule["Action"] == {"Block": {}} for rule in limits)
    assert len(known) + len(limits) == len(acl["Rules"])


def test_pages_may_run_only_their_own_scripts() -> None:
    (policy,) = synthesis("prod").properties("AWS::CloudFront::ResponseHeadersPolicy")
    headers = policy["ResponseHeadersPolicyConfig"]["SecurityHeadersConfig"]
    csp = json.dumps(headers["ContentSecurityPolicy"]["ContentSecurityPolicy"])
    assert "script-src 'self';" in csp
    assert "unsafe-eval" not in csp


def test_a_firewall_in_a_region_without_one_is_a_clear_fault() -> None:
    with pytest.raises(ContextError, match="us-east-1 alone"):
        Deployment.from_context(Context(stage="prod", region="eu-west-1"))


def test_a_firewall_that_is_there_already_serves_any_region() -> None:
    deployment = Deployment.from_context(
        Context(stage="prod", region="eu-west-1", web_acl_arn="arn:aws:wafv2:us-east-1:1:acl")
    )
    assert deployment.region == "eu-west-1"


def test_a_host_name_of_ones_own_is_served_with_its_certificate() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/one"
    found = synthesise(
        Context(stage="prod", domain_name="live.example.org", certificate_arn=certificate)
    )
    (named,) = found.properties("AWS::CloudFront::Distribution")
    config = named["DistributionConfig"]
    assert config["Aliases"] == ["live.example.org"]
    assert config["ViewerCertificate"]["AcmCertificateArn"] == certificate
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    outputs = found.outputs()
    assert outputs[Output.WEB_URL] == "https://live.example.org"
    assert outputs[Output.API_URL] == f"https://live.example.org{BASE_PATH}"
    assert outputs[Output.CHAT_URL] == f"wss://live.example.org/{CHAT_STAGE}"


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_without_a_host_name_cloudfronts_own_serves(stage: str) -> None:
    assert "Aliases" not in distribution(stage)
    assert "DomainName" in json.dumps(synthesis(stage).outputs()[Output.WEB_URL])
