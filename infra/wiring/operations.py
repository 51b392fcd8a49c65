"""Operations: the canary, and on AWS what the one on call sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam

from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.names import HOUSE_STREAM_ID, Output
from ayinel_live.streams.items import StreamItem
from infra.constructs.live_queue import FailureQueue
from infra.grants import names, writes
from infra.observability.faults import FaultFilters, fault_topic

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_WALK_SECONDS = 60
_EVERY = Duration.minutes(5)


def wire(stack: ServiceStack) -> None:
    """Make the canary; where there is no AWS nothing calls it by itself."""
    house = stack.data.house
    canary = stack.function(
        "canary",
        uses=[names(StreamItem)],
        environment={
            "API_URL": stack.addresses.api_url,
            "HOUSE_CHANNEL_ARN": house.channel_arn if house else "",
        },
        timeout_seconds=_WALK_SECONDS,
    )
    canary.role.add_to_policy(
        iam.PolicyStatement(
            actions=["dynamodb:PutItem"],
            resources=[stack.data.tables[StreamItem].table.table_arn],
            # The house's stream and no other.
            conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": [HOUSE_STREAM_ID]}},
        )
    )
    topic = None
    if not stack.deployment.stage.is_local:
        topic = fault_topic(stack, stack.deployment)
    reporter = stack.function(
        "fault_reporter",
        uses=[writes(IdempotencyItem)],
        environment={"FAULT_TOPIC_ARN": topic.topic_arn if topic else ""},
    )
    if topic is None:
        return
    reporter.allow(["sns:Publish"], [topic.topic_arn])
    set_aside = FailureQueue(stack, "FaultReporter")
    set_aside.allow_sending(reporter)
    reporter.set_dead_letter_queue(set_aside.queue.queue_arn)
    CfnOutput(stack, Output.FAULT_TOPIC_ARN, value=topic.topic_arn)
    failures = FailureQueue(stack, "Canary")
    failures.allow_sending(canary)
    canary.target.configure_async_invoke(max_event_age=_EVERY, retry_attempts=0)
    canary.set_dead_letter_queue(failures.queue.queue_arn)
    events.Rule(
        stack,
        "CanaryTick",
        description="Calls the canary",
        schedule=events.Schedule.rate(_EVERY),
        targets=[
            targets.LambdaFunction(
                canary.target, dead_letter_queue=failures.queue, retry_attempts=0
            )
        ],
    )
    FaultFilters(stack, reporter)
    # Last, when all that is to be watched is there; of no use on one machine.
    from infra.observability import Observability

    Observability(stack)
