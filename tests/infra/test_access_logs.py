"""Whoever comes through a door leaves a line, and no line says who it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from infra.constructs.access_logs import DOOR_FIELDS
from infra.deployment import Context, Deployment
from infra.stages import STAGES
from tests.infra.synthesis import AWS_STAGES, Synthesis, synthesis, target_of

# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
TELLING = ("c-ip", "c-port", "cs-uri", "cs(", "x-forwarded", "c-country", "asn")


def log_bucket(found: Synthesis) -> str:
    (name,) = (name for name in found.resources("AWS::S3::Bucket") if "AccessLogs" in name)
    return name


def writers(found: Synthesis) -> dict[str, dict[str, Any]]:
    """Return what the log bucket's policy lets services do, by service."""
    (policy,) = (
        each["PolicyDocument"]["Statement"]
        for each in found.properties("AWS::S3::BucketPolicy")
        if target_of(each["Bucket"]) == log_bucket(found)
    )
    return {
        statement["Principal"]["Service"]: statement
        for statement in policy
        if "Service" in statement.get("Principal", {})
    }


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_calls_of_every_other_bucket_are_logged(stage: str) -> None:
    found = synthesis(stage)
    logs = log_bucket(found)
    prefixes = set()
    for name, bucket in found.resources("AWS::S3::Bucket").items():
        if name == logs:
            continue
        told = bucket["Properties"]["LoggingConfiguration"]
        assert logs in json.dumps(told["DestinationBucketName"])
        prefixes.add(told["LogFilePrefix"])
    assert prefixes == {"buckets/recordings/", "buckets/pages/"}


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_requests_at_the_door_are_logged_without_who_sent_them(stage: str) -> None:
    found = synthesis(stage)
    (source,) = found.properties("AWS::Logs::DeliverySource")
    (delivery,) = found.properties("AWS::Logs::Delivery")
    (destination,) = found.properties("AWS::Logs::DeliveryDestination")
    (distribution,) = found.resources("AWS::CloudFront::Distribution")
    assert source["LogType"] == "ACCESS_LOGS"
    assert distribution in json.dumps(source["ResourceArn"])
    assert delivery["DeliverySourceName"] == source["Name"]
    assert log_bucket(found) in json.dumps(destination["DestinationResourceArn"])
    assert delivery["RecordFields"] == list(DOOR_FIELDS)
    assert not any(field.startswith(TELLING) for field in DOOR_FIELDS)


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_both_apis_log_their_calls(stage: str) -> None:
    stages = synthesis(stage).properties("AWS::ApiGatewayV2::Stage")
    assert len(stages) == 2
    assert all("DestinationArn" in each["AccessLogSettings"] for each in stages)


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_only_this_accounts_logs_are_written_and_none_is_kept_for_good(stage: str) -> None:
    found = synthesis(stage)
    allowed = writers(found)
    assert set(allowed) == {"logging.s3.amazonaws.com", "delivery.logs.amazonaws.com"}
    for statement in allowed.values():
        assert statement["Action"] == "s3:PutObject"
        assert "aws:SourceAccount" in statement["Condition"]["StringEquals"]
    bucket = found.resources("AWS::S3::Bucket")[log_bucket(found)]["Properties"]
    (rule,) = bucket["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] == STAGES[stage].log_retention_days


def test_elsewhere_than_where_cloudfront_can_be_asked_the_synthesis_says_so() -> None:
    there, elsewhere = (
        Deployment.from_context(Context(stage="dev", region=region))
        for region in ("us-east-1", "eu-west-1")
    )
    assert there.warnings == ()
    (warning,) = elsewhere.warnings
    assert "access logs can be asked for in us-east-1 alone" in warning
