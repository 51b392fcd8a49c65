"""New versions take over by and by; an alarm leads the alias back to the version before.

CodeDeploy shifts each function's alias `live`: a tenth of the calls first, and the rest as long as
none of the function's own alarms goes off. CloudFormation waits for it, and takes the whole
deployment back when one function is led back.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_codedeploy as codedeploy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ayinel_live.runtime import metrics
from functions.routes import API_FUNCTIONS
from infra.constructs.live_function import ALIAS
from infra.observability.measures import Measures, of_aws
from infra.observability.runbook import RunbookAlarms

if TYPE_CHECKING:
    from infra.service_stack import ServiceStack

_Pace = codedeploy.LambdaDeploymentConfig
# Somebody waits for the answers of these, so they are shifted in ten steps instead of two.
_WAITED_FOR = frozenset({*API_FUNCTIONS, "chat_authorizer", "chat_socket"})
# Faults that a function answers itself, so that Lambda counts no error.
ANSWERED_FAULTS: Mapping[str, str] = {
    **dict.fromkeys(API_FUNCTIONS, metrics.REQUESTS_FAILED),
    "chat_socket": metrics.FRAMES_FAILED,
}
# Faults within a minute that are still taken for an accident.
FAULTS_A_MINUTE = 2


class GradualReleases(Construct):
    """A deployment group for each function that has an alias, and the alarms that end a shift.

    Args:
        scope: The service stack, all its functions made.
        alarms: Makes the alarms.
        measures: Makes the metrics.
    """

    def __init__(self, scope: ServiceStack, alarms: RunbookAlarms, measures: Measures) -> None:
        super().__init__(scope, "Releases")
        self._alarms = alarms
        self._measures = measures
        self._is_gradual = scope.deployment.is_gradual
        self._application = codedeploy.LambdaApplication(self, "Application")
        role = iam.Role(
            self,
            "Role",
            description="Leads aliases from one version to the next, and back",
            assumed_by=iam.ServicePrincipal("codedeploy.amazonaws.com"),
        )
        aliases = {
            name: function.alias
            for name, function in scope.functions.items()
            if function.alias is not None
        }
        _let_shift(role, [alias.lambda_.function_arn for alias in aliases.values()])
        for name, alias in aliases.items():
            self._group(name, alias, role)

    def _group(self, name: str, alias: lambda_.Alias, role: iam.Role) -> None:
        pace = (
            _Pace.LINEAR_10_PERCENT_EVERY_1_MINUTE
            if name in _WAITED_FOR
            else _Pace.CANARY_10_PERCENT_5_MINUTES
        )
        group = codedeploy.LambdaDeploymentGroup(
            self,
            name,
            application=self._application,
            alias=alias,
            # As it is: the CDK would add a policy of AWS's that allows more than this takes.
            role=role.without_policy_updates(),
            deployment_config=pace if self._is_gradual else _Pace.ALL_AT_ONCE,
            alarms=list(self._alarms_of(name, alias)),
            ignore_alarm_configuration=not self._is_gradual,
            auto_rollback=codedeploy.AutoRollbackConfig(
                failed_deployment=True,
                stopped_deployment=True,
                deployment_in_alarm=self._is_gradual,
            ),
        )
        group.node.add_dependency(role)

    def _alarms_of(self, name: str, alias: lambda_.Alias) -> Iterator[cloudwatch.Alarm]:
        function = alias.lambda_.function_name
        of = {"FunctionName": function, "Resource": f"{function}:{ALIAS}"}
        yield self._alarms.add(
            self,
            f"{name}-release-errors",
            f"{name} fails on its alias; a shift to a new version ends and is taken back",
            "release",
            of_aws("Lambda", "Errors", of),
            above=FAULTS_A_MINUTE,
        )
        if (answered := ANSWERED_FAULTS.get(name)) is not None:
            yield self._alarms.add(
                self,
                f"{name}-release-faults",
                f"{name} answers with faults of ours; a shift to a new version ends and is taken "
                "back",
                "release",
                self._measures.own(name, answered),
                above=FAULTS_A_MINUTE,
            )


def _let_shift(role: iam.Role, function_arns: list[str]) -> None:
    """Let CodeDeploy lead these functions' aliases, and ask how the alarms are."""
    role.add_to_policy(
        iam.PolicyStatement(
            actions=[
                "lambda:GetAlias",
                "lambda:GetProvisionedConcurrencyConfig",
                "lambda:UpdateAlias",
            ],
            resources=[arn for each in function_arns for arn in (each, f"{each}:{ALIAS}")],
        )
    )
    # Answers for a list of names, and is refused as a whole where it may not see one.
    role.add_to_policy(iam.PolicyStatement(actions=["cloudwatch:DescribeAlarms"], resources=["*"]))
