"""A queue with its dead-letter queue, encrypted, over TLS only, read by one function."""

from __future__ import annotations

from aws_cdk import CfnOutput, Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from ayinel_live.runtime.names import queue_output
from infra.constructs.live_function import LiveFunction

# AWS's advice for queues that Lambda reads.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_VISIBILITY_TIMES_TIMEOUT = 6
# A group of a FIFO queue stands still while a message of it is hidden, be its reader dead or not.
_FIFO_VISIBILITY_TIMES_TIMEOUT = 2
_RETENTION = Duration.days(4)
_FAILURES_RETENTION = Duration.days(14)
FAILURES = "Failures"


class FailureQueue(Construct):
    """Where what could not be worked off waits for a person; nothing reads it by itself.

    Args:
        scope: Where it belongs.
        name: The name of the queue or function whose failures it takes.
        fifo: Whether it takes those of a FIFO queue.
    """

    def __init__(self, scope: Construct, name: str, *, fifo: bool = False) -> None:
        super().__init__(scope, f"{name}{FAILURES}")
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=True if fifo else None,
            retention_period=_FAILURES_RETENTION,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
        )
        _publish(self, f"{name}{FAILURES}", self.queue)

    def allow_sending(self, function: LiveFunction) -> None:
        """Let a function put aside what it cannot work off."""
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])


class LiveQueue(Construct):
    """A queue of the product.

    Args:
        scope: Where it belongs.
        name: Its logical name, such as `Moderation`.
        reader_timeout_seconds: The time-out of the function that reads it.
        fifo: Whether order within a group and deduplication matter; high throughput mode then.
        attempts: How often a message is tried before it is set aside.
        delay_seconds: How long a message waits before it can be read.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        reader_timeout_seconds: int,
        fifo: bool = False,
        attempts: int = 5,
        delay_seconds: int = 0,
    ) -> None:
        super().__init__(scope, name)
        self.failures = FailureQueue(scope, name, fifo=fifo)
        times = _FIFO_VISIBILITY_TIMES_TIMEOUT if fifo else _VISIBILITY_TIMES_TIMEOUT
        self.queue = sqs.Queue(
            self,
            "Queue",
            fifo=True if fifo else None,
            deduplication_scope=sqs.DeduplicationScope.MESSAGE_GROUP if fifo else None,
            fifo_throughput_limit=(sqs.FifoThroughputLimit.PER_MESSAGE_GROUP_ID if fifo else None),
            visibility_timeout=Duration.seconds(reader_timeout_seconds * times),
            retention_period=_RETENTION,
            delivery_delay=Duration.seconds(delay_seconds) if delay_seconds else None,
            enforce_ssl=True,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            dead_letter_queue=sqs.DeadLetterQueue(
                max_receive_count=attempts, queue=self.failures.queue
            ),
        )
        _publish(self, name, self.queue)

    def allow_sending(self, function: LiveFunction) -> None:
        """Let a function put messages into the queue."""
        function.allow(["sqs:SendMessage"], [self.queue.queue_arn])

    def read_by(
        self,
        function: LiveFunction,
        *,
        batch_size: int = 10,
        batch_window_seconds: int = 0,
        concurrency: int | None = None,
    ) -> None:
        """Have a function work the queue off, answering which messages of a batch failed.

        Args:
            function: The reader.
            batch_size: How many messages it is handed at most; 10 for FIFO queues.
            batch_window_seconds: How long to gather a batch; not for FIFO queues.
            concurrency: How many may run at once, 2 or more; as many as Lambda likes when None.
        """
        function.allow(
            [
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
            ],
            [self.queue.queue_arn],
        )
        lambda_.EventSourceMapping(
            function,
            f"{self.node.id}Mapping",
            target=function.target,
            event_source_arn=self.queue.queue_arn,
            batch_size=batch_size,
            max_batching_window=(
                Duration.seconds(batch_window_seconds) if batch_window_seconds else None
            ),
            max_concurrency=concurrency,
            report_batch_item_failures=True,
        )


def _publish(scope: Construct, name: str, queue: sqs.Queue) -> None:
    output = CfnOutput(scope, "Url", value=queue.queue_url)
    output.override_logical_id(queue_output(name))
