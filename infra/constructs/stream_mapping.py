"""A function reads a table's changes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.live_function import LiveFunction
from infra.constructs.live_queue import FailureQueue
from infra.constructs.live_table import LiveTable
from infra.errors import WiringError

_ATTEMPTS = 5
_LONGEST_AGE = Duration.hours(6)


class StreamMapping(Construct):
    """One event source mapping: what fails is halved, tried again, and at last set aside.

    One batch at a time for each shard (`ParallelizationFactor` 1), so that changes of one key
    arrive in order.

    Args:
        scope: Where it belongs.
        table: The table; its item class must have a stream.
        function: The reader.
        failures: Takes what the reader could not work off: where in the stream it is, no data.
        filters: Filter patterns, of which a record must match one.
        batch_size: How many records it is handed at most.
        batch_window_seconds: How long to gather a batch.
    """

    def __init__(
        self,
        scope: Construct,
        table: LiveTable,
        function: LiveFunction,
        failures: FailureQueue,
        *,
        filters: Sequence[Mapping[str, object]],
        batch_size: int = 500,
        batch_window_seconds: int = 0,
    ) -> None:
        super().__init__(scope, f"{table.item.logical_name}Changes")
        stream_arn = table.table.table_stream_arn
        if stream_arn is None:
            raise WiringError(f"{table.item.logical_name} has no stream")
        function.allow(
            [
                "dynamodb:DescribeStream",
                "dynamodb:GetRecords",
                "dynamodb:GetShardIterator",
                "dynamodb:ListStreams",
            ],
            [stream_arn],
        )
        failures.allow_sending(function)
        mapping = lambda_.CfnEventSourceMapping(
            self,
            "Mapping",
            function_name=function.target.function_arn,
            event_source_arn=stream_arn,
            starting_position="TRIM_HORIZON",
            batch_size=batch_size,
            maximum_batching_window_in_seconds=batch_window_seconds or None,
            parallelization_factor=1,
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=_ATTEMPTS,
            maximum_record_age_in_seconds=int(_LONGEST_AGE.to_seconds()),
            function_response_types=["ReportBatchItemFailures"],
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(
                    destination=failures.queue.queue_arn
                )
            ),
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[
                    lambda_.CfnEventSourceMapping.FilterProperty(
                        pattern=json.dumps(pattern, separators=(",", ":"), sort_keys=True)
                    )
                    for pattern in filters
                ]
            ),
        )
        # Lambda tries the stream with the role's policy when the mapping is made.
        mapping.node.add_dependency(function.role)


def changed(*events: str) -> dict[str, object]:
    """Return a filter pattern for kinds of change: INSERT, MODIFY, REMOVE."""
    return {"eventName": list(events)}
