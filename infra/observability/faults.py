"""Every unhandled fault once on a topic: log lines are filtered, fingerprinted and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

if TYPE_CHECKING:
    from infra.constructs.live_function import LiveFunction
    from infra.deployment import Deployment
    from infra.service_stack import ServiceStack

# Any of these in a line makes it worth a look; `functions/fault_reporter/faults.py` looks.
_TERMS = ("exception_name", "Task timed out", "Runtime exited", "Runtime.ImportModuleError")


class FaultFilters(Construct):
    """Subscription filters on the logs of all functions but the reporter's own.

    Args:
        scope: The service stack.
        reporter: The function that tells.
    """

    def __init__(self, scope: ServiceStack, reporter: LiveFunction) -> None:
        super().__init__(scope, "FaultFilters")
        groups = f"log-group:/ayinel-live/{scope.deployment.environment}/*"
        reporter.target.add_permission(
            "Logs",
            principal=iam.ServicePrincipal("logs.amazonaws.com"),
            source_arn=f"arn:{Aws.PARTITION}:logs:{Aws.REGION}:{Aws.ACCOUNT_ID}:{groups}",
            source_account=Aws.ACCOUNT_ID,
        )
        for name, function in scope.functions.items():
            if function is reporter:
                continue
            made = logs.CfnSubscriptionFilter(
                self,
                name,
                log_group_name=function.log_group.log_group_name,
                filter_pattern=" ".join(f'?"{term}"' for term in _TERMS),
                destination_arn=reporter.target.function_arn,
            )
            made.node.add_dependency(reporter.target)


def fault_topic(scope: Construct, deployment: Deployment) -> sns.Topic:
    """Make the topic of faults.

    Args:
        scope: Where it belongs.
        deployment: The deployment.
    """
    name = f"Ayinel Live faults, {deployment.environment}"
    topic = sns.Topic(scope, "FaultTopic", display_name=name, enforce_ssl=True)
    if email := deployment.context.alarm_email:
        topic.add_subscription(subscriptions.EmailSubscription(email))
    return topic
