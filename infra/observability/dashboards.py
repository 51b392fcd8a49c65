"""Dashboards: five pages, from what a creator sees to what it costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from ayinel_live.runtime import metrics
from infra.constructs.live_queue import FailureQueue, LiveQueue
from infra.observability.measures import Measures, of_aws

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_HALF, _THIRD, _HEIGHT = 12, 8, 6
# More lines than these need a wider graph.
_FEW = 6

# Page, graph, service: the metrics that stand together.
OWN_GRAPHS: Mapping[str, Mapping[str, Mapping[str, Sequence[str]]]] = {
    "streams": {
        "Broadcasts": {
            "streams_api": (metrics.STREAMS_STARTED, metrics.STREAMS_STOPPED),
            "ivs_events": (metrics.STREAMS_WENT_LIVE, metrics.STREAMS_ENDED),
        },
        "Ingest": {
            "ivs_events": (
                metrics.STREAMS_STARVED,
                metrics.EVENTS_LEARNED,
                metrics.EVENTS_SET_ASIDE,
            )
        },
        "Reconciler": {"reconciler": (metrics.STREAMS_MENDED, metrics.STREAMS_NOT_MENDED)},
        "Platform's bus": {"stream_events": (metrics.EVENTS_PUBLISHED, metrics.RECORDS_SET_ASIDE)},
        "History": {"history_writer": (metrics.STREAMS_WRITTEN, metrics.STREAMS_DELAYED)},
        "Trust and safety": {"streams_api": (metrics.REPORTS_FILED,)},
    },
    "audience": {
        "Coming and going": {
            "chat_socket": (
                metrics.CONNECTIONS_OPENED,
                metrics.CONNECTIONS_CLOSED,
                metrics.CONNECTIONS_REFUSED,
            ),
            "sweeper": (metrics.CONNECTIONS_SWEPT, metrics.DEPARTURES_TAKEN),
        },
        "Tickets": {"chat_api": (metrics.TICKETS_ISSUED,)},
        "Counting": {
            "audience_worker": (
                metrics.VIEWERS_COUNTED,
                metrics.STREAMS_RETRIED,
                metrics.RECORDS_SET_ASIDE,
            )
        },
    },
    "chat": {
        "Messages": {
            "chat_socket": (metrics.MESSAGES_ACCEPTED, metrics.MESSAGES_REJECTED),
            "moderation_worker": (
                metrics.MESSAGES_JUDGED,
                metrics.MESSAGES_HELD,
                metrics.MESSAGES_BLOCKED,
            ),
        },
        "Moderators": {"chat_api": (metrics.HELD_MESSAGES_DECIDED,)},
        "Moderation's faults": {
            "moderation_worker": (
                metrics.MESSAGES_RETRIED,
                metrics.JUDGING_FAILED,
                metrics.MESSAGES_SET_ASIDE,
            )
        },
        "Fan-out": {
            "fan_out_worker": (
                metrics.CHANGES_READ,
                metrics.POSTINGS_SENT,
                metrics.RECORDS_SET_ASIDE,
            ),
            "post_worker": (metrics.FRAMES_MADE, metrics.EVENTS_DELIVERED),
        },
        "Posts": {
            "post_worker": (
                metrics.POSTS_DELIVERED,
                metrics.POSTS_RETRIED,
                metrics.POSTS_THROTTLED,
                metrics.CONNECTIONS_GONE,
            )
        },
        "Posts' faults": {
            "post_worker": (
                metrics.POSTS_REFUSED,
                metrics.POSTS_LEFT,
                metrics.POSTS_GIVEN_UP,
                metrics.MESSAGES_SET_ASIDE,
            )
        },
        "Frames": {"chat_socket": (metrics.FRAMES_REFUSED, metrics.FRAMES_FAILED)},
    },
    "errors": {
        "New faults": {"fault_reporter": (metrics.FAULTS_REPORTED,)},
        "Canary": {"canary": (metrics.CANARY_SUCCEEDED, metrics.CANARY_FAILED)},
    },
}
# Times, with the function that takes them.
TIMES = {
    metrics.MODERATION_TOOK: "moderation_worker",
    metrics.CANARY_TOOK: "canary",
}


class Dashboards(Construct):
    """The dashboards of a deployment.

    Args:
        scope: Where they belong.
        stack: The service stack, all its functions and queues made.
        measures: Makes the metrics.
        alarms: Stand at the top of the page on errors.
    """

    def __init__(
        self,
        scope: Construct,
        stack: ServiceStack,
        measures: Measures,
        alarms: Sequence[cloudwatch.IAlarm],
    ) -> None:
        super().__init__(scope, "Dashboards")
        self._stack = stack
        self._measures = measures
        pages = {
            "streams": self._own("streams"),
            "audience": self._own("audience"),
            "chat": self._own("chat") + self._queues(),
            "performance": self._performance(),
            "errors": self._errors(alarms),
        }
        for name, widgets in pages.items():
            page = cloudwatch.Dashboard(
                self,
                name,
                dashboard_name=f"ayinel-live-{stack.deployment.environment}-{name}",
            )
            page.add_widgets(*widgets)

    def _own(self, page: str) -> list[cloudwatch.IWidget]:
        return [
            self._graph(
                title,
                [
                    self._measures.own(service, name)
                    for service, names in services.items()
                    for name in names
                ],
            )
            for title, services in OWN_GRAPHS[page].items()
        ]

    def _queues(self) -> list[cloudwatch.IWidget]:
        found = self._stack.node.find_all()
        work = [queue for queue in found if isinstance(queue, LiveQueue)]
        aside = [queue for queue in found if isinstance(queue, FailureQueue)]
        return [
            self._graph(
                "How long work waits, s",
                [
                    of_aws(
                        "SQS",
                        "ApproximateAgeOfOldestMessage",
                        {"QueueName": queue.queue.queue_name},
                        statistic="Maximum",
                        label=queue.node.id,
                    )
                    for queue in work
                ],
            ),
            self._graph(
                "Set aside",
                [
                    of_aws(
                        "SQS",
                        "ApproximateNumberOfMessagesVisible",
                        {"QueueName": queue.queue.queue_name},
                        statistic="Maximum",
                        label=queue.node.id,
                    )
                    for queue in aside
                ],
            ),
        ]

    def _performance(self) -> list[cloudwatch.IWidget]:
        times = [
            self._measures.own(service, name, statistic=statistic)
            for name, service in TIMES.items()
            for statistic in ("p50", "p95")
        ]
        http = {"ApiId": self._stack.data.http_api.ref}
        return [
            self._lambda("Duration p95, ms", "Duration", "p95"),
            self._lambda("Running at once", "ConcurrentExecutions", "Maximum"),
            self._lambda("Behind the tables' changes, ms", "IteratorAge", "Maximum"),
            self._graph("Times, ms", times),
            self._graph(
                "HTTP latency, ms",
                [
                    of_aws("ApiGateway", "Latency", http, statistic=each, label=each)
                    for each in ("p50", "p95", "p99")
                ],
            ),
            self._everywhere("Cold starts", metrics.FUNCTION_STARTED),
        ]

    def _errors(self, alarms: Sequence[cloudwatch.IAlarm]) -> list[cloudwatch.IWidget]:
        chat = {"ApiId": self._stack.data.chat_api.ref}
        return [
            cloudwatch.AlarmStatusWidget(
                title="Alarms", alarms=list(alarms), width=2 * _HALF, height=_HEIGHT
            ),
            self._lambda("Failed invocations", "Errors", "Sum"),
            self._everywhere("Faults", metrics.FAULTS_RAISED),
            self._everywhere("Put off", metrics.INVOCATIONS_PUT_OFF),
            self._apis("Requests refused", metrics.REQUESTS_REFUSED),
            self._apis("Requests failed", metrics.REQUESTS_FAILED),
            *self._own("errors"),
            # What the bill is made of; the arithmetic is in docs/cost.md.
            self._lambda("Cost: invocations", "Invocations", "Sum"),
            self._lambda("Cost: time run, ms", "Duration", "Sum"),
            self._graph(
                "Cost: gateway requests and posts",
                [
                    of_aws("ApiGateway", "MessageCount", chat, label="frames"),
                    of_aws("ApiGateway", "ConnectCount", chat, label="connections"),
                    self._measures.own("post_worker", metrics.POSTS_DELIVERED),
                ],
            ),
        ]

    def _lambda(self, title: str, name: str, statistic: str) -> cloudwatch.IWidget:
        return self._graph(
            title,
            [
                of_aws(
                    "Lambda",
                    name,
                    {"FunctionName": function.function.function_name},
                    statistic=statistic,
                    label=service,
                )
                for service, function in self._stack.functions.items()
            ],
        )

    def _everywhere(self, title: str, name: str) -> cloudwatch.IWidget:
        return self._by_service(title, name, tuple(self._stack.functions))

    def _apis(self, title: str, name: str) -> cloudwatch.IWidget:
        apis = [service for service in self._stack.functions if service.endswith("_api")]
        return self._by_service(title, name, apis)

    def _by_service(self, title: str, name: str, services: Sequence[str]) -> cloudwatch.IWidget:
        return self._graph(
            title,
            [self._measures.own(service, name).with_(label=service) for service in services],
        )

    def _graph(self, title: str, drawn: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
        return cloudwatch.GraphWidget(
            title=title,
            left=list(drawn),
            region=Stack.of(self).region,
            width=_HALF if len(drawn) > _FEW else _THIRD,
            height=_HEIGHT,
            left_y_axis=cloudwatch.YAxisProps(min=0),
        )
