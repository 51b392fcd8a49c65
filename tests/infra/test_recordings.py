"""Recordings of the AWS stages: behind CloudFront, for signers alone."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from ayinel_live.streams.deletion import BACKUP_LIFE
from functions.routes import BASE_PATH
from infra.constructs.recording_delivery import STAND_IN_KEY
from infra.stages import STAGES
from tests.infra.synthesis import AWS_STAGES, synthesis
from tests.infra.test_web import behaviour, distribution

PATHS = ["/ivs/v1/*/latest_thumbnail/*", "/ivs/v1/*"]
# RSA Laboratories, "The RSA Challenge Numbers".
RSA_2048 = int(
    "25195908475657893494027183240048398571429282126204032027777137836043662020707595"
    "55626401852588078440691829064124951508218929855914917618450280848912007284499268"
    "73928072877767359714183472702618963750149718246911650776133798590957000973304597"
    "48808428401797429100642458691817195118746121515172654632282216869987549182422433"
    "63725908514186546204357679842338718477444792073993423658482382428119816381501067"
    "48104516603773060562016196762561338441436038339044149526344321901146575444541784"
    "24020924616515723350778707749817125772467962926386356373289912154831438167899885"
    "040445364023527381951378636564391212010397122822120720357"
)


@pytest.mark.parametrize("stage", AWS_STAGES)
@pytest.mark.parametrize("path", PATHS)
def test_nobody_gets_a_recording_without_a_signature(stage: str, path: str) -> None:
    (group,) = synthesis(stage).resources("AWS::CloudFront::KeyGroup")
    assert behaviour(stage, path)["TrustedKeyGroups"] == [{"Ref": group}]


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_live_pictures_come_before_recordings_and_are_kept_for_seconds(stage: str) -> None:
    paths = [b["PathPattern"] for b in distribution(stage)["CacheBehaviors"]]
    assert paths.index(PATHS[0]) < paths.index(PATHS[1])
    policies = synthesis(stage).resources("AWS::CloudFront::CachePolicy")
    longest = [
        policies[behaviour(stage, path)["CachePolicyId"]["Ref"]]["Properties"]["CachePolicyConfig"][
            "MaxTTL"
        ]
        for path in PATHS
    ]
    assert longest == [10, 3600]


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_only_cloudfront_of_the_account_reads_the_bucket_and_only_recordings(stage: str) -> None:
    buckets = synthesis(stage).resources("AWS::S3::Bucket")
    (recordings,) = (name for name in buckets if name.startswith("Recordings"))
    (policy,) = (
        p
        for p in synthesis(stage).properties("AWS::S3::BucketPolicy")
        if p["Bucket"] == {"Ref": recordings}
    )
    (reading,) = (s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Allow")
    assert reading["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert reading["Action"] == "s3:GetObject"
    assert "/ivs/v1/*" in json.dumps(reading["Resource"])
    assert reading["Condition"]["StringEquals"] == {"AWS:SourceAccount": {"Ref": "AWS::AccountId"}}


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_streams_api_may_read_the_signing_key_and_not_change_it(stage: str) -> None:
    found = synthesis(stage)
    variables = found.functions()["streams_api"]["Properties"]["Environment"]["Variables"]
    assert "https://" in json.dumps(variables["RECORDINGS_URL"])
    secret = variables["RECORDINGS_SECRET_ARN"]
    actions = {
        action
        for policy in found.statements("streams_api")
        for action in (
            policy["Action"] if isinstance(policy["Action"], list) else [policy["Action"]]
        )
        if policy["Resource"] == secret
    }
    assert actions == {"secretsmanager:GetSecretValue"}


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_deployment_waits_for_the_first_key_and_for_the_right_to_make_it(stage: str) -> None:
    (made,) = synthesis(stage).resources("Custom::RecordingKeys").values()
    assert "StandInKeyId" in made["Properties"]
    assert any("recordingkeyrotatorRoleDefaultPolicy" in needed for needed in made["DependsOn"])


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_cookies_that_open_a_recording_are_not_taken_off_the_apis_answers(stage: str) -> None:
    policies = synthesis(stage).resources("AWS::CloudFront::OriginRequestPolicy")
    used = behaviour(stage, f"{BASE_PATH}*")["OriginRequestPolicyId"]["Ref"]
    config = policies[used]["Properties"]["OriginRequestPolicyConfig"]
    assert config["CookiesConfig"]["CookieBehavior"] == "whitelist"


def test_recordings_on_one_machine_are_unsigned() -> None:
    variables = synthesis("local").functions()["streams_api"]["Properties"]["Environment"]
    assert variables["Variables"]["RECORDINGS_SECRET_ARN"] == ""
    assert variables["Variables"]["RECORDINGS_URL"]
    assert not synthesis("local").resources("Custom::RecordingKeys")


def test_key_that_holds_the_groups_place_has_no_owner() -> None:
    key = load_pem_public_key(STAND_IN_KEY.encode())
    assert isinstance(key, RSAPublicKey)
    assert key.public_numbers().n == RSA_2048


@pytest.mark.parametrize("stage", AWS_STAGES)
def test_recordings_go_after_their_time_and_deleted_ones_with_the_backups(stage: str) -> None:
    buckets = synthesis(stage).resources("AWS::S3::Bucket")
    (recordings,) = (buckets[name] for name in buckets if name.startswith("Recordings"))
    (rule,) = recordings["Properties"]["LifecycleConfiguration"]["Rules"]
    variables = synthesis(stage).functions()["streams_api"]["Properties"]["Environment"]
    kept = int(variables["Variables"]["RECORDING_RETENTION_DAYS"])
    assert kept == STAGES[stage].recording_retention_days > 0
    assert rule["ExpirationInDays"] == kept
    assert rule["NoncurrentVersionExpiration"]["NoncurrentDays"] == BACKUP_LIFE.days
