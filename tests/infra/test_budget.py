"""Who pays is told in time, where a budget is given."""

from __future__ import annotations

import pytest

from ayinel_live.runtime.names import Output
from infra.deployment import Context, ContextError, Deployment
from tests.infra.synthesis import synthesis, synthesise, target_of

EMAIL = "oncall@example.org"


def test_spending_is_told_before_the_budget_is_spent_and_when_it_will_be() -> None:
    found = synthesise(Context(stage="dev", monthly_budget_dollars="250"))
    (budget,) = found.properties("AWS::Budgets::Budget")
    assert budget["Budget"]["BudgetLimit"] == {"Amount": 250, "Unit": "USD"}
    told = {
        each["Notification"]["NotificationType"]: each
        for each in budget["NotificationsWithSubscribers"]
    }
    assert told["ACTUAL"]["Notification"]["Threshold"] < 100
    topic = target_of(found.outputs()[Output.ALARM_TOPIC_ARN])
    for each in told.values():
        assert [target_of(one["Address"]) for one in each["Subscribers"]] == [topic]
    publishers = {
        statement["Principal"]["Service"]
        for policy in found.properties("AWS::SNS::TopicPolicy")
        for statement in policy["PolicyDocument"]["Statement"]
        if "Service" in statement["Principal"]
    }
    assert "budgets.amazonaws.com" in publishers


def test_no_budget_is_made_up() -> None:
    assert not synthesis("prod").resources("AWS::Budgets::Budget")


def test_an_address_is_told_of_alarms_and_of_faults() -> None:
    found = synthesise(Context(stage="dev", alarm_email=EMAIL))
    told = {
        target_of(each["TopicArn"]): each["Endpoint"]
        for each in found.properties("AWS::SNS::Subscription")
    }
    topics = {
        target_of(found.outputs()[name])
        for name in (Output.ALARM_TOPIC_ARN, Output.FAULT_TOPIC_ARN)
    }
    assert told == dict.fromkeys(topics, EMAIL)


@pytest.mark.parametrize("amount", ["much", "0", "-3"])
def test_a_budget_that_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ContextError, match="monthlyBudgetDollars must be an amount"):
        Deployment.from_context(Context(stage="dev", monthly_budget_dollars=amount))
