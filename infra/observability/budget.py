"""What the account spends, told before the month is over."""

from __future__ import annotations

from aws_cdk import Aws
from aws_cdk import aws_budgets as budgets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

_SPENT_PERCENT = 80
_EXPECTED_PERCENT = 100


def budget(scope: Construct, dollars: float, topic: sns.Topic, environment: str) -> None:
    """Tell the topic when spending nears a month's budget, or is expected to pass it.

    It is the whole account's spending: a filter by tag would take a setting of the account's that
    no stack can make, and see nothing without it.

    Args:
        scope: Where it belongs.
        dollars: The budget of a month.
        topic: Told.
        environment: The deployment's name.
    """
    topic.add_to_resource_policy(
        iam.PolicyStatement(
            actions=["sns:Publish"],
            principals=[iam.ServicePrincipal("budgets.amazonaws.com")],
            resources=[topic.topic_arn],
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}},
        )
    )
    budgets.CfnBudget(
        scope,
        "Budget",
        budget=budgets.CfnBudget.BudgetDataProperty(
            budget_name=f"ayinel-live-{environment}",
            budget_type="COST",
            time_unit="MONTHLY",
            budget_limit=budgets.CfnBudget.SpendProperty(amount=dollars, unit="USD"),
        ),
        notifications_with_subscribers=[
            _told("ACTUAL", _SPENT_PERCENT, topic),
            _told("FORECASTED", _EXPECTED_PERCENT, topic),
        ],
    )


def _told(
    kind: str, percent: float, topic: sns.ITopic
) -> budgets.CfnBudget.NotificationWithSubscribersProperty:
    return budgets.CfnBudget.NotificationWithSubscribersProperty(
        notification=budgets.CfnBudget.NotificationProperty(
            comparison_operator="GREATER_THAN",
            notification_type=kind,
            threshold=percent,
            threshold_type="PERCENTAGE",
        ),
        subscribers=[
            budgets.CfnBudget.SubscriberProperty(address=topic.topic_arn, subscription_type="SNS")
        ],
    )
