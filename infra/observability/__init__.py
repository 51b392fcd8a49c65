"""What the one on call sees: dashboards, alarms, and the topic that tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws, CfnOutput
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from ayinel_live.runtime.names import Output
from infra.observability.alarms import Alarms
from infra.observability.dashboards import Dashboards
from infra.observability.measures import Measures

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack


class Observability(Construct):
    """Topic, alarms and dashboards of a deployment on AWS.

    Args:
        scope: The service stack, all its functions and queues made.
    """

    def __init__(self, scope: ServiceStack) -> None:
        super().__init__(scope, "Observability")
        self.topic = sns.Topic(
            self, "Topic", display_name=f"Ayinel Live, {scope.deployment.environment}"
        )
        _let_publish(self.topic)
        measures = Measures(scope.deployment.environment)
        self.alarms = Alarms(scope, self.topic, measures)
        Dashboards(scope, measures, list(self.alarms.by_name.values()))
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
