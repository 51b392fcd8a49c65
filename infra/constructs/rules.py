"""What starts a function from outside: events of a service, or the clock."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from infra.constructs.live_function import LiveFunction
from infra.constructs.live_queue import FailureQueue

# The detail-types of https://docs.aws.amazon.com/ivs/latest/LowLatencyUserGuide/eventbridge.html
IVS_DETAIL_TYPES = (
    "IVS Stream State Change",
    "IVS Stream Health Change",
    "IVS Limit Breach",
    "IVS Recording State Change",
)
_LONGEST_AGE = Duration.hours(6)
_MINUTE = Duration.minutes(1)
_ATTEMPTS = 10


class IvsEvents(Construct):
    """Every event of Amazon IVS goes to a function; what cannot be delivered is set aside.

    Args:
        scope: Where it belongs.
        function: The listener; an event that it fails on is tried again, then set aside too.
        failures: Takes the events, as they came, either way.
    """

    def __init__(self, scope: Construct, function: LiveFunction, failures: FailureQueue) -> None:
        super().__init__(scope, "IvsEvents")
        _set_failures_aside(function, failures, attempts=2, longest_age=_LONGEST_AGE)
        events.Rule(
            self,
            "Rule",
            description="State, health, limits and recordings of Amazon IVS channels",
            event_pattern=events.EventPattern(
                source=["aws.ivs"], detail_type=list(IVS_DETAIL_TYPES)
            ),
            targets=[
                targets.LambdaFunction(
                    function.target,
                    dead_letter_queue=failures.queue,
                    max_event_age=_LONGEST_AGE,
                    retry_attempts=_ATTEMPTS,
                )
            ],
        )


class Clockwork(Construct):
    """The clock calls a function; a call that is missed is made up for by the next.

    Args:
        scope: Where it belongs.
        function: The function.
        failures: Takes calls that were given up.
        every: How often.
    """

    def __init__(
        self,
        scope: Construct,
        function: LiveFunction,
        failures: FailureQueue,
        *,
        every: Duration = _MINUTE,
    ) -> None:
        super().__init__(scope, f"{function.name}-clockwork")
        _set_failures_aside(function, failures, attempts=0, longest_age=_MINUTE)
        events.Rule(
            self,
            "Rule",
            description=f"Calls {function.name}",
            schedule=events.Schedule.rate(every),
            targets=[
                targets.LambdaFunction(
                    function.target,
                    dead_letter_queue=failures.queue,
                    max_event_age=_MINUTE,
                    retry_attempts=0,
                )
            ],
        )


def _set_failures_aside(
    function: LiveFunction, failures: FailureQueue, *, attempts: int, longest_age: Duration
) -> None:
    """Have Lambda put events of asynchronous calls aside, unchanged, when their retries end."""
    failures.allow_sending(function)
    function.target.configure_async_invoke(max_event_age=longest_age, retry_attempts=attempts)
    function.set_dead_letter_queue(failures.queue.queue_arn)
