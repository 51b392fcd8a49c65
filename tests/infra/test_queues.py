"""Queues: nothing is lost quietly, nothing is read in the clear."""

from __future__ import annotations

from typing import Any

import pytest

from infra.constructs.live_queue import FAILURES
from tests.infra.synthesis import STAGES, Synthesis, synthesis, target_of


def failure_queues(found: Synthesis) -> set[str]:
    names = {name for name in found.resources("AWS::SQS::Queue") if FAILURES in name}
    assert names
    return names


def readers(found: Synthesis) -> dict[str, list[dict[str, Any]]]:
    """Return the mappings of each queue."""
    queues: dict[str, list[dict[str, Any]]] = {}
    for mapping in found.properties("AWS::Lambda::EventSourceMapping"):
        source = target_of(mapping["EventSourceArn"])
        if source in found.resources("AWS::SQS::Queue"):
            queues.setdefault(source, []).append(mapping)
    assert queues
    return queues


@pytest.mark.parametrize("stage", STAGES)
def test_every_queue_sets_failures_aside_in_a_queue_of_its_kind(stage: str) -> None:
    found = synthesis(stage)
    queues = found.resources("AWS::SQS::Queue")
    aside = failure_queues(found)
    worked = set(queues) - aside
    assert worked
    targets = []
    for name in worked:
        policy = queues[name]["Properties"]["RedrivePolicy"]
        target = target_of(policy["deadLetterTargetArn"])
        targets.append(target)
        assert target in aside
        assert policy["maxReceiveCount"] >= 3
        is_fifo = [queues[part]["Properties"].get("FifoQueue", False) for part in (name, target)]
        assert is_fifo[0] == is_fifo[1]
    assert len(set(targets)) == len(targets)


@pytest.mark.parametrize("stage", STAGES)
def test_failures_are_kept_as_long_as_can_be(stage: str) -> None:
    found = synthesis(stage)
    queues = found.resources("AWS::SQS::Queue")
    for name in failure_queues(found):
        assert queues[name]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


@pytest.mark.parametrize("stage", STAGES)
def test_every_queue_is_encrypted_and_refuses_plain_http(stage: str) -> None:
    found = synthesis(stage)
    protected = {
        target_of(queue)
        for policy in found.properties("AWS::SQS::QueuePolicy")
        for queue in policy["Queues"]
        if any(
            statement["Effect"] == "Deny"
            and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in policy["PolicyDocument"]["Statement"]
        )
    }
    assert protected == set(found.resources("AWS::SQS::Queue"))
    for properties in found.properties("AWS::SQS::Queue"):
        assert properties["SqsManagedSseEnabled"] is True


@pytest.mark.parametrize("stage", STAGES)
def test_fifo_queues_run_in_high_throughput_mode(stage: str) -> None:
    found = synthesis(stage)
    fifo = [
        queue["Properties"]
        for name, queue in found.resources("AWS::SQS::Queue").items()
        if queue["Properties"].get("FifoQueue") and name not in failure_queues(found)
    ]
    assert fifo
    for properties in fifo:
        assert properties["DeduplicationScope"] == "messageGroup"
        assert properties["FifoThroughputLimit"] == "perMessageGroupId"


@pytest.mark.parametrize("stage", STAGES)
def test_every_queue_is_worked_off_by_one_function_that_reports_what_failed(stage: str) -> None:
    found = synthesis(stage)
    worked = set(found.resources("AWS::SQS::Queue")) - failure_queues(found)
    mappings = readers(found)
    assert set(mappings) == worked
    for name, of_queue in mappings.items():
        assert len(of_queue) == 1, name
        assert of_queue[0]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("stage", STAGES)
def test_a_message_stays_hidden_for_some_time_outs_of_its_reader(stage: str) -> None:
    found = synthesis(stage)
    functions = found.resources("AWS::Lambda::Function")
    for name, (mapping,) in readers(found).items():
        reader = functions[found.called(mapping["FunctionName"])]["Properties"]
        queue = found.resources("AWS::SQS::Queue")[name]["Properties"]
        # A lane of a FIFO queue whose reader died stands still for as long.
        times = 2 if queue.get("FifoQueue") else 6
        assert queue["VisibilityTimeout"] == times * reader["Timeout"], name
