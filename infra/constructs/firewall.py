"""The firewall before CloudFront: known attacks, and callers that call far too often."""

from __future__ import annotations

from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from functions.routes import BASE_PATH
from infra.deployment import Deployment

# Requests of one address in five minutes. Many viewers may share an address, and each polls.
_ANY_LIMIT = 10_000
# Things that are made: streams, tickets, reports.
_WRITE_LIMIT = 1_000
_MANAGED_GROUPS = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
# Rules that look for attacks in the text of bodies. Here it is text: titles hold markup, reports
# addresses, and both are kept as they are and escaped where they are shown; no address in a request
# is ever fetched. Bodies are bounded by the functions, at more than the first rule's 8 KB.
_COUNTED_ONLY = (
    "SizeRestrictions_BODY",
    "CrossSiteScripting_BODY",
    "EC2MetaDataSSRF_BODY",
    "GenericLFI_BODY",
    "GenericRFI_BODY",
)

_Statement = waf.CfnWebACL.StatementProperty


def firewall(scope: Construct, deployment: Deployment) -> str | None:
    """Return the ARN of the web ACL: the context's, a new one, or None where the stage has none.

    Args:
        scope: Where a new one would belong; its stack must be in us-east-1, as AWS wants it.
        deployment: The deployment.
    """
    if deployment.context.web_acl_arn:
        return deployment.context.web_acl_arn
    if not deployment.stage.has_firewall:
        return None
    rules = [_managed(group, priority) for priority, group in enumerate(_MANAGED_GROUPS)] + [
        _limit("Writes", len(_MANAGED_GROUPS), _WRITE_LIMIT, _is_write()),
        _limit("Requests", len(_MANAGED_GROUPS) + 1, _ANY_LIMIT, None),
    ]
    acl = waf.CfnWebACL(
        scope,
        "Firewall",
        scope="CLOUDFRONT",
        default_action=waf.CfnWebACL.DefaultActionProperty(
            allow=waf.CfnWebACL.AllowActionProperty()
        ),
        visibility_config=_seen("Firewall"),
        rules=rules,
    )
    return acl.attr_arn


def _managed(group: str, priority: int) -> waf.CfnWebACL.RuleProperty:
    overrides = [
        waf.CfnWebACL.RuleActionOverrideProperty(
            name=name,
            action_to_use=waf.CfnWebACL.RuleActionProperty(
                count=waf.CfnWebACL.CountActionProperty()
            ),
        )
        for name in _COUNTED_ONLY
        if group == "AWSManagedRulesCommonRuleSet"
    ]
    return waf.CfnWebACL.RuleProperty(
        name=group,
        priority=priority,
        override_action=waf.CfnWebACL.OverrideActionProperty(none={}),
        statement=_Statement(
            managed_rule_group_statement=waf.CfnWebACL.ManagedRuleGroupStatementProperty(
                vendor_name="AWS", name=group, rule_action_overrides=overrides or None
            )
        ),
        visibility_config=_seen(group),
    )


def _limit(
    name: str, priority: int, limit: int, narrowed: _Statement | None
) -> waf.CfnWebACL.RuleProperty:
    return waf.CfnWebACL.RuleProperty(
        name=name,
        priority=priority,
        action=waf.CfnWebACL.RuleActionProperty(block=waf.CfnWebACL.BlockActionProperty()),
        statement=_Statement(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                aggregate_key_type="IP", limit=limit, scope_down_statement=narrowed
            )
        ),
        visibility_config=_seen(name),
    )


def _is_write() -> _Statement:
    """Match requests to the API that change something."""
    under_api = _matches(waf.CfnWebACL.FieldToMatchProperty(uri_path={}), BASE_PATH, "STARTS_WITH")
    reading = _Statement(
        or_statement=waf.CfnWebACL.OrStatementProperty(
            statements=[
                _matches(waf.CfnWebACL.FieldToMatchProperty(method={}), method, "EXACTLY")
                for method in ("GET", "HEAD", "OPTIONS")
            ]
        )
    )
    return _Statement(
        and_statement=waf.CfnWebACL.AndStatementProperty(
            statements=[
                under_api,
                _Statement(not_statement=waf.CfnWebACL.NotStatementProperty(statement=reading)),
            ]
        )
    )


def _matches(field: waf.CfnWebACL.FieldToMatchProperty, text: str, constraint: str) -> _Statement:
    return _Statement(
        byte_match_statement=waf.CfnWebACL.ByteMatchStatementProperty(
            field_to_match=field,
            positional_constraint=constraint,
            search_string=text,
            text_transformations=[
                waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")
            ],
        )
    )


def _seen(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, metric_name=name, sampled_requests_enabled=False
    )
