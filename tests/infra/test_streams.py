"""Who reads the tables' changes, and how."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from tests.infra.synthesis import STAGES, Synthesis, synthesis, target_of

# DynamoDB's own limit of readers of one shard.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
READERS_AT_MOST = 2


def mappings(found: Synthesis) -> list[dict[str, Any]]:
    of_streams = [
        mapping
        for mapping in found.properties("AWS::Lambda::EventSourceMapping")
        if "StartingPosition" in mapping
    ]
    assert of_streams
    return of_streams


@pytest.mark.parametrize("stage", STAGES)
def test_no_stream_has_a_third_reader(stage: str) -> None:
    found = mappings(synthesis(stage))
    readers = Counter(target_of(mapping["EventSourceArn"]) for mapping in found)
    assert readers
    assert max(readers.values()) <= READERS_AT_MOST


@pytest.mark.parametrize("stage", STAGES)
def test_every_table_with_a_stream_has_a_reader(stage: str) -> None:
    found = synthesis(stage)
    streamed = [t for t in found.properties("AWS::DynamoDB::Table") if "StreamSpecification" in t]
    sources = {target_of(mapping["EventSourceArn"]) for mapping in mappings(found)}
    assert len(sources) == len(streamed)


@pytest.mark.parametrize("stage", STAGES)
def test_mappings_halve_retry_and_set_aside(stage: str) -> None:
    found = synthesis(stage)
    for mapping in mappings(found):
        assert mapping["StartingPosition"] == "TRIM_HORIZON"
        assert mapping["BisectBatchOnFunctionError"] is True
        assert 1 <= mapping["MaximumRetryAttempts"] <= 10
        assert mapping["MaximumRecordAgeInSeconds"] <= 24 * 3600
        assert mapping["ParallelizationFactor"] == 1
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        aside = target_of(mapping["DestinationConfig"]["OnFailure"]["Destination"])
        assert aside in found.resources("AWS::SQS::Queue")


@pytest.mark.parametrize("stage", STAGES)
def test_mappings_take_only_the_kinds_of_change_that_they_name(stage: str) -> None:
    for mapping in mappings(synthesis(stage)):
        patterns = [json.loads(f["Pattern"]) for f in mapping["FilterCriteria"]["Filters"]]
        assert patterns
        for pattern in patterns:
            assert set(pattern["eventName"]) <= {"INSERT", "MODIFY", "REMOVE"}


@pytest.mark.parametrize("stage", STAGES)
def test_mappings_wait_for_the_policy_that_lets_them_read(stage: str) -> None:
    found = synthesis(stage)
    policies = found.resources("AWS::IAM::Policy")
    waiting = [
        set(mapping["DependsOn"])
        for mapping in found.resources("AWS::Lambda::EventSourceMapping").values()
        if "StartingPosition" in mapping["Properties"]
    ]
    assert len(waiting) == len(mappings(found))
    for names in waiting:
        assert names & set(policies)
