"""A Lambda function the way each of ours is: one log group, one role, its environment checked.

Where the stage shifts versions by and by, what calls a function calls its alias `live`: each change
of code, layers or settings is published as a version, which the alias is then led to.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from pydantic import BaseModel

from ayinel_live.runtime.metrics import NAMESPACE
from ayinel_live.runtime.settings import environment_names
from infra.artifacts import Artifacts
from infra.constructs.log_group import log_group
from infra.deployment import Deployment
from infra.errors import WiringError

RUNTIME = lambda_.Runtime(
    f"python{sys.version_info.major}.{sys.version_info.minor}", lambda_.RuntimeFamily.PYTHON
)
ALIAS = "live"
_ARCHITECTURES = {"aarch64": lambda_.Architecture.ARM_64, "arm64": lambda_.Architecture.ARM_64}


class LiveFunction(Construct):
    """One function of `functions/`.

    Args:
        scope: Where it belongs; its id is its folder's name.
        name: Its folder, construct id and service name in logs and metrics.
        deployment: The deployment.
        artifacts: Gives its code.
        layers: The layers that it runs on.
        environment: Its settings by name of the variable.
        memory_mb: Its memory; Lambda gives CPU in proportion, one core at 1769 MB.
        timeout_seconds: After this it is ended.

    Raises:
        WiringError: The environment is not what its settings read.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        deployment: Deployment,
        artifacts: Artifacts,
        layers: Sequence[lambda_.ILayerVersion],
        environment: Mapping[str, str],
        memory_mb: int = 512,
        timeout_seconds: int = 15,
    ) -> None:
        super().__init__(scope, name)
        self.name = name
        self.timeout_seconds = timeout_seconds
        check_environment(name, environment)
        stage = deployment.stage
        self.log_group = log_group(self, "Logs", name, deployment)
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.allow(["logs:CreateLogStream", "logs:PutLogEvents"], [self.log_group.log_group_arn])
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=f"ayinel-live-{deployment.environment}-{name.replace('_', '-')}",
            runtime=RUNTIME,
            architecture=_architecture(artifacts),
            code=artifacts.function_code(name),
            handler=f"functions.{name}.handler.handler",
            layers=list(layers),
            role=self.role,
            log_group=self.log_group,
            memory_size=memory_mb,
            timeout=Duration.seconds(timeout_seconds),
            tracing=lambda_.Tracing.ACTIVE if stage.is_traced else lambda_.Tracing.DISABLED,
            environment={
                # Not the stage: several environments of one may share an account and its metrics.
                "STAGE": deployment.environment,
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_LOG_LEVEL": "INFO",
                "POWERTOOLS_METRICS_NAMESPACE": NAMESPACE,
                # Else pydantic looks through every installed package for plug-ins.
                "PYDANTIC_DISABLE_PLUGINS": "__all__",
                **environment,
            },
            # Kept, so that the alias can be led back to any of them at once; but not one whose own
            # deployment was taken back: the same code could not be published a second time.
            current_version_options=lambda_.VersionOptions(
                removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
            ),
        )
        self.alias = (
            lambda_.Alias(self, "Live", alias_name=ALIAS, version=self.function.current_version)
            if stage.is_gradual
            else None
        )

    @property
    def target(self) -> lambda_.IFunction:
        """What gateways, queues, rules and streams call: the alias, where there is one."""
        return self.alias or self.function

    def allow(self, actions: Iterable[str], resources: Iterable[str]) -> None:
        """Let the function do something.

        Args:
            actions: IAM actions in full, never with a wildcard.
            resources: ARNs.
        """
        self.role.add_to_policy(
            iam.PolicyStatement(actions=sorted(actions), resources=list(resources))
        )

    def set_dead_letter_queue(self, queue_arn: str) -> None:
        """Have Lambda put events of asynchronous calls into a queue when their retries end."""
        function = self.function.node.default_child
        assert isinstance(function, lambda_.CfnFunction)
        function.dead_letter_config = lambda_.CfnFunction.DeadLetterConfigProperty(
            target_arn=queue_arn
        )


def settings_class(name: str) -> type:
    """Return the class that a function reads its environment into.

    Raises:
        WiringError: Its `settings.py` has none, or more than one.
    """
    module = import_module(f"functions.{name}.settings")
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and (issubclass(value, BaseModel) or hasattr(value, "__dataclass_fields__"))
        and value.__name__.endswith("Settings")
    ]
    if len(found) != 1:
        raise WiringError(f"functions/{name}/settings.py must hold one …Settings, not {len(found)}")
    return found[0]


def settings_names(name: str) -> frozenset[str]:
    """Return the variables that a function's settings read."""
    required, optional = environment_names(settings_class(name))
    return required | optional


def check_environment(name: str, environment: Mapping[str, str]) -> None:
    """Hold a function's environment against what its settings read.

    Args:
        name: The function.
        environment: Its own variables, without those that every function gets.

    Raises:
        WiringError: A variable is missing, or nothing reads it.
    """
    required, optional = environment_names(settings_class(name))
    missing = sorted(required - {"STAGE"} - environment.keys())
    unread = sorted(environment.keys() - required - optional)
    if missing or unread:
        faults = [f"lacks {', '.join(missing)}"] * bool(missing)
        faults += [f"has {', '.join(unread)}, which its settings do not read"] * bool(unread)
        raise WiringError(f"The environment of {name} {' and '.join(faults)}")


def _architecture(artifacts: Artifacts) -> lambda_.Architecture:
    machine = artifacts.platform.name.rsplit("-", 1)[-1]
    return _ARCHITECTURES.get(machine, lambda_.Architecture.X86_64)
