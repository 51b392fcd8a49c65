"""What the one on call sees: dashboards, alarms, and the topic that tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, CfnOutput, NestedStack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from ayinel_live.runtime.names import Output
from infra.observability.alarms import Alarms
from infra.observability.budget import budget
from infra.observability.dashboards import Dashboards
from infra.observability.measures import Measures
from infra.observability.releases import GradualReleases
from infra.observability.runbook import RunbookAlarms

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack


class Observability(Construct):
    """Topic, alarms, dashboards and gradual releases of a deployment on AWS.

    What only watches stands in a nested stack: a stack holds 500 resources at most.

    Args:
        scope: The service stack, all its functions and queues made.
    """

    def __init__(self, scope: ServiceStack) -> None:
        super().__init__(scope, "Observability")
        environment = scope.deployment.environment
        self.topic = sns.Topic(self, "Topic", display_name=f"Ayinel Live, {environment}")
        _let_publish(self.topic)
        if email := scope.deployment.context.alarm_email:
            self.topic.add_subscription(subscriptions.EmailSubscription(email))
        measures, alarms = Measures(environment), RunbookAlarms(environment, self.topic)
        if scope.deployment.stage.is_gradual:
            GradualReleases(scope, alarms, measures)
        watch = NestedStack(
            self, "Watch", description=f"Ayinel Live, {environment}: alarms and dashboards"
        )
        # A filter names the log that it reads, which must be there.
        watch.node.add_dependency(scope.node.find_child("HttpRoutes"))
        watching = Alarms(watch, scope, alarms, measures)
        if dollars := scope.deployment.context.monthly_budget_dollars:
            budget(watch, float(dollars), self.topic, environment)
        Dashboards(watch, scope, measures, list(watching.by_name.values()))
        CfnOutput(self, "TopicArn", value=self.topic.topic_arn).override_logical_id(
            Output.ALARM_TOPIC_ARN
        )


def _let_publish(topic: sns.Topic) -> None:
    """Let this account's alarms publish, over TLS alone."""
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            effect=iam.Effect.DENY,
            actions=["sns:Publish"],
            principals=[iam.AnyPrincipal()],
            resources=[topic.topic_arn],
            conditions={"Bool": {"aws:SecureTransport": "false"}},
        )
    )
