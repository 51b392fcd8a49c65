"""What starts functions from outside."""

from __future__ import annotations

from typing import Any

import pytest

from tests.infra.synthesis import STAGES, Synthesis, synthesis, target_of

CLOCKWORK = {
    "playback_key_rotator": "rate(1 hour)",
    "reconciler": "rate(1 minute)",
    "recording_key_rotator": "rate(1 hour)",
    "secret_rotator": "rate(1 hour)",
    "sweeper": "rate(1 minute)",
}
# Walks the public addresses, which one machine does not have.
CANARY = {"canary": "rate(5 minutes)"}


def rules(found: Synthesis) -> dict[str, dict[str, Any]]:
    """Return the rules by the function that they start."""
    names = {
        logical: found_function["Properties"]["Handler"].split(".")[1]
        for logical, found_function in found.resources("AWS::Lambda::Function").items()
        if found_function["Properties"]["Handler"].startswith("functions.")
    }
    return {
        names[found.called(rule["Targets"][0]["Arn"])]: rule
        for rule in found.properties("AWS::Events::Rule")
    }


@pytest.mark.parametrize("stage", STAGES)
def test_every_event_of_ivs_reaches_its_listener(stage: str) -> None:
    pattern = rules(synthesis(stage))["ivs_events"]["EventPattern"]
    assert pattern == {
        "source": ["aws.ivs"],
        "detail-type": [
            "IVS Stream State Change",
            "IVS Stream Health Change",
            "IVS Limit Breach",
            "IVS Recording State Change",
        ],
    }


@pytest.mark.parametrize("stage", STAGES)
def test_clockwork_runs_at_its_pace(stage: str) -> None:
    scheduled = {
        name: rule["ScheduleExpression"]
        for name, rule in rules(synthesis(stage)).items()
        if "ScheduleExpression" in rule
    }
    assert scheduled == (CLOCKWORK if stage == "local" else CLOCKWORK | CANARY)


@pytest.mark.parametrize("stage", STAGES)
def test_events_that_cannot_be_delivered_are_set_aside(stage: str) -> None:
    found = synthesis(stage)
    queues = found.resources("AWS::SQS::Queue")
    for rule in found.properties("AWS::Events::Rule"):
        for target in rule["Targets"]:
            assert target_of(target["DeadLetterConfig"]["Arn"]) in queues


@pytest.mark.parametrize("stage", STAGES)
def test_the_house_records_its_channel_into_its_bucket(stage: str) -> None:
    found = synthesis(stage)
    ((name, recording),) = found.resources("AWS::IVS::RecordingConfiguration").items()
    (channel,) = found.properties("AWS::IVS::Channel")
    assert channel["RecordingConfigurationArn"] == {"Fn::GetAtt": [name, "Arn"]}
    bucket = recording["Properties"]["DestinationConfiguration"]["S3"]["BucketName"]
    assert target_of(bucket) in found.resources("AWS::S3::Bucket")


def test_production_channels_go_on_recording_without_their_stack() -> None:
    """Those that were made at run time use the configuration, which keeps it from deletion."""
    (kept,) = synthesis("prod").resources("AWS::IVS::RecordingConfiguration").values()
    assert kept["DeletionPolicy"] == kept["UpdateReplacePolicy"] == "Retain"
    (passing,) = synthesis("dev").resources("AWS::IVS::RecordingConfiguration").values()
    assert "DeletionPolicy" not in passing


@pytest.mark.parametrize("stage", STAGES)
def test_no_bucket_is_open_to_the_world(stage: str) -> None:
    for bucket in synthesis(stage).properties("AWS::S3::Bucket"):
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
