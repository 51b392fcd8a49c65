"""How every alarm is made: it says what is wrong, tells the topic, and names its runbook section.

Every description ends with the address of a section of `docs/operations.md`; a test holds that the
section is there.
"""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_sns as sns
from constructs import Construct

RUNBOOK = "docs/operations.md"
_Above = cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD
_Below = cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD


class RunbookAlarms:
    """Makes the alarms of one deployment.

    Args:
        environment: The deployment's name, which stands in the alarms' names.
        topic: Told when an alarm goes off, and when it is over.
    """

    def __init__(self, environment: str, topic: sns.ITopic) -> None:
        self._environment = environment
        self._action = actions.SnsAction(topic)

    def add(
        self,
        scope: Construct,
        name: str,
        sentence: str,
        section: str,
        metric: cloudwatch.IMetric,
        *,
        above: float | None = None,
        below: float | None = None,
        periods: int = 1,
    ) -> cloudwatch.Alarm:
        """Make one alarm; either `above` or `below` is given.

        Args:
            scope: Where it belongs.
            name: The last part of its name, and its id.
            sentence: What is wrong when it goes off.
            section: The section of the runbook that says what to do.
            metric: What it watches.
            above: Goes off beyond this; no data means that nothing happened.
            below: Goes off under this; no data means that what must happen does not.
            periods: How many periods in a row.
        """
        is_upper = above is not None
        threshold = above if above is not None else below
        assert threshold is not None
        alarm = cloudwatch.Alarm(
            scope,
            name,
            alarm_name=f"ayinel-live-{self._environment}-{name}",
            alarm_description=f"{sentence}. What to do: {RUNBOOK}#{section}",
            metric=metric,
            threshold=threshold,
            comparison_operator=_Above if is_upper else _Below,
            evaluation_periods=periods,
            treat_missing_data=(
                cloudwatch.TreatMissingData.NOT_BREACHING
                if is_upper
                else cloudwatch.TreatMissingData.BREACHING
            ),
        )
        alarm.add_alarm_action(self._action)
        alarm.add_ok_action(self._action)
        return alarm
