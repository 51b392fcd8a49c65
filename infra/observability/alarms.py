"""What must not go unseen: functions, queues, gateways, tables, chat, streams, the canary."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ayinel_live.runtime import metrics
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.observability.measures import FIVE_MINUTES, Measures, of_aws
from infra.observability.refusals import throttled_requests
from infra.observability.runbook import RunbookAlarms
from infra.observability.tables import throttles

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

# How long work may wait before viewers, or creators, notice.
_QUEUE_AGE_SECONDS: Mapping[str, int] = {
    "Posts": 15,
    "Moderation": 30,
    "Reveals": 900,
    "Departures": 300,
    "VideoWork": 600,
    "Erasures": 3_600,
    "History": 1_800,
}
# Functions that read tables' streams; how far they may lag behind.
_ITERATOR_AGE_SECONDS: Mapping[str, int] = {
    "fan_out_worker": 10,
    "audience_worker": 30,
    "stream_events": 60,
    "playback_revoker": 60,
}
# What somebody waits for: p95, first calls among them.
_SLOW_MILLISECONDS: Mapping[str, int] = {
    "analytics_api": 2_000,
    "channels_api": 1_000,
    "chat_api": 1_000,
    "chat_authorizer": 500,
    "chat_socket": 500,
    "streams_api": 2_000,
}
_MODERATION_MILLISECONDS = 5_000
_FAULTS_A_PERIOD = 3
# A few are what a table's growth costs, and are tried again by whoever was refused.
_THROTTLES_A_PERIOD = 10
# One who calls too often is refused as it should be; this is many.
_REFUSALS_A_PERIOD = 100
_BUDGET_PART = 0.9


class Alarms(Construct):
    """The alarms of a deployment.

    Args:
        scope: Where they belong.
        stack: The service stack, all its functions and queues made.
        alarms: Makes them.
        measures: Makes the metrics.
    """

    def __init__(
        self, scope: Construct, stack: ServiceStack, alarms: RunbookAlarms, measures: Measures
    ) -> None:
        super().__init__(scope, "Alarms")
        self._stack = stack
        self._alarms = alarms
        self._measures = measures
        self.by_name: dict[str, cloudwatch.Alarm] = {}
        self._functions()
        self._queues()
        self._gateways()
        self._tables()
        self._chat()
        self._streams()
        self._canary()

    def _functions(self) -> None:
        for name, function in self._stack.functions.items():
            of = {"FunctionName": function.function.function_name}
            self._add(
                f"{name}-errors",
                f"{name} fails",
                "function-errors",
                of_aws("Lambda", "Errors", of, period=FIVE_MINUTES),
                above=_FAULTS_A_PERIOD,
            )
            self._add(
                f"{name}-throttles",
                f"{name} is not started as often as it should be",
                "function-throttles",
                of_aws("Lambda", "Throttles", of, period=FIVE_MINUTES),
                above=0,
            )
        for name, seconds in _ITERATOR_AGE_SECONDS.items():
            of = {"FunctionName": self._stack.functions[name].function.function_name}
            self._add(
                f"{name}-lag",
                f"{name} reads changes more than {seconds} s late",
                "iterator-age",
                of_aws("Lambda", "IteratorAge", of, statistic="Maximum"),
                above=seconds * 1000,
                periods=3,
            )
        for name, milliseconds in _SLOW_MILLISECONDS.items():
            of = {"FunctionName": self._stack.functions[name].function.function_name}
            self._add(
                f"{name}-slow",
                f"One in twenty calls of {name} takes more than {milliseconds} ms",
                "latency",
                of_aws("Lambda", "Duration", of, statistic="p95", period=FIVE_MINUTES),
                above=milliseconds,
                periods=3,
            )

    def _queues(self) -> None:
        for found in self._stack.node.find_all():
            if isinstance(found, FailureQueue):
                of = {"QueueName": found.queue.queue_name}
                self._add(
                    f"{found.node.id}-filled",
                    f"Something was set aside in {found.node.id}",
                    "dead-letter-queues",
                    of_aws("SQS", "ApproximateNumberOfMessagesVisible", of, statistic="Maximum"),
                    above=0,
                )
            elif isinstance(found, LiveQueue):
                seconds = _QUEUE_AGE_SECONDS[found.node.id]
                of = {"QueueName": found.queue.queue_name}
                self._add(
                    f"{found.node.id}-late",
                    f"Work waits in {found.node.id} for more than {seconds} s",
                    "queue-age",
                    of_aws("SQS", "ApproximateAgeOfOldestMessage", of, statistic="Maximum"),
                    above=seconds,
                    periods=3,
                )

    def _gateways(self) -> None:
        http = {"ApiId": self._stack.data.http_api.ref}
        chat = {"ApiId": self._stack.data.chat_api.ref}
        self._add(
            "http-errors",
            "More than one in a hundred HTTP requests is answered with 5xx",
            "http-errors",
            of_aws("ApiGateway", "5xx", http, statistic="Average", period=FIVE_MINUTES),
            above=0.01,
        )
        self._add(
            "http-slow",
            "One in twenty HTTP requests takes more than two seconds",
            "latency",
            of_aws("ApiGateway", "Latency", http, statistic="p95", period=FIVE_MINUTES),
            above=2_000,
            periods=3,
        )
        self._add(
            "http-throttled",
            "Callers of the HTTP API are refused because there are too many",
            "requests-throttled",
            throttled_requests(self, self._stack.deployment),
            above=_REFUSALS_A_PERIOD,
            periods=2,
        )
        self._add(
            "chat-errors",
            "The WebSocket API cannot reach its functions",
            "chat-errors",
            of_aws("ApiGateway", "IntegrationError", chat, period=FIVE_MINUTES),
            above=_FAULTS_A_PERIOD,
        )

    def _tables(self) -> None:
        for item, table in self._stack.data.tables.items():
            self._add(
                f"{item.logical_name}-throttled",
                f"Reads or writes of the table {item.logical_name} are throttled",
                "table-throttles",
                throttles(table),
                above=_THROTTLES_A_PERIOD,
            )

    def _chat(self) -> None:
        own, shape = self._measures.own, self._stack.deployment.stage.gateway
        budget = shape.posts_per_second * shape.post_workers * 60
        self._add(
            "posts-near-budget",
            "Posts to viewers take nine tenths of the stage's share of the account's requests",
            "posts-budget",
            own("post_worker", metrics.POSTS_DELIVERED),
            above=budget * _BUDGET_PART,
            periods=3,
        )
        self._add(
            "posts-throttled",
            "API Gateway refuses posts to viewers",
            "posts-budget",
            own("post_worker", metrics.POSTS_THROTTLED, period=FIVE_MINUTES),
            above=0,
            periods=2,
        )
        self._add(
            "posts-given-up",
            "Posts to viewers were given up",
            "posts-given-up",
            own("post_worker", metrics.POSTS_GIVEN_UP, period=FIVE_MINUTES),
            above=0,
        )
        self._add(
            "moderation-slow",
            "One message in twenty waits more than five seconds for its verdict",
            "moderation",
            own("moderation_worker", metrics.MODERATION_TOOK, statistic="p95"),
            above=_MODERATION_MILLISECONDS,
            periods=3,
        )
        self._add(
            "moderation-fails",
            "The classifier fails; messages are held for moderators",
            "moderation",
            own("moderation_worker", metrics.JUDGING_FAILED, period=FIVE_MINUTES),
            above=_FAULTS_A_PERIOD,
        )
        self._add(
            "frames-fail",
            "Chat frames fail on our side",
            "chat-errors",
            own("chat_socket", metrics.FRAMES_FAILED, period=FIVE_MINUTES),
            above=_FAULTS_A_PERIOD,
        )

    def _streams(self) -> None:
        own = self._measures.own
        self._add(
            "streams-not-mended",
            "The reconciler cannot bring streams in line with the provider",
            "reconciler",
            own("reconciler", metrics.STREAMS_NOT_MENDED, period=FIVE_MINUTES),
            above=0,
            periods=2,
        )
        self._add(
            "events-set-aside",
            "Events of the video provider are of no known shape",
            "video-events",
            own("ivs_events", metrics.EVENTS_SET_ASIDE, period=FIVE_MINUTES),
            above=0,
        )
        self._add(
            "history-delayed",
            "Ended streams cannot be written to the history",
            "history",
            own("history_writer", metrics.STREAMS_DELAYED, period=FIVE_MINUTES),
            above=0,
            periods=3,
        )

    def _canary(self) -> None:
        self._add(
            "canary-silent",
            "The canary has not walked the whole way for a quarter of an hour",
            "canary",
            self._measures.own("canary", metrics.CANARY_SUCCEEDED, period=FIVE_MINUTES),
            below=1,
            periods=3,
        )

    def _add(
        self,
        name: str,
        sentence: str,
        section: str,
        metric: cloudwatch.IMetric,
        *,
        above: float | None = None,
        below: float | None = None,
        periods: int = 1,
    ) -> None:
        self.by_name[name] = self._alarms.add(
            self, name, sentence, section, metric, above=above, below=below, periods=periods
        )
