"""What runs: functions, queues, routes, and what starts each function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Environment, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secrets
from constructs import Construct

from infra.addresses import Addresses
from infra.artifacts import Artifacts
from infra.constructs.live_function import LiveFunction, settings_names
from infra.data_stack import DataStack
from infra.deployment import Deployment
from infra.grants import TableUse
from infra.layers.recipes import Layer

_ORIGIN_SECRET = "ORIGIN_SECRET_ARN"  # noqa: S105  the name of a variable


class ServiceStack(Stack):
    """Functions and their wiring.

    Args:
        scope: The app.
        deployment: The deployment.
        artifacts: Gives the functions' code and layers.
        data: The tables and what else they work on.
        addresses: Where the APIs are reached from outside.
    """

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        artifacts: Artifacts,
        data: DataStack,
        addresses: Addresses,
    ) -> None:
        super().__init__(
            scope,
            deployment.stack_name("Service"),
            description=f"Ayinel Live, {deployment.environment}: what runs",
            env=Environment(region=deployment.region),
            termination_protection=deployment.stage.is_protected,
        )
        # Else a change of a layer alone would publish no version, and never be live.
        for flag in ("recognizeLayerVersion", "recognizeVersionProps"):
            self.node.set_context(f"@aws-cdk/aws-lambda:{flag}", value=True)
        from infra.wiring import wire

        self.deployment = deployment
        self.data = data
        self._artifacts = artifacts
        self.addresses = addresses
        self._layers: dict[Layer, lambda_.LayerVersion] = {}
        self.functions: dict[str, LiveFunction] = {}
        wire(self)

    def function(
        self,
        name: str,
        *,
        uses: Sequence[TableUse] = (),
        environment: Mapping[str, str] | None = None,
        layers: Sequence[Layer] = (),
        memory_mb: int = 512,
        timeout_seconds: int = 15,
    ) -> LiveFunction:
        """Deploy a function, with the tables that it uses in its environment and its role.

        Args:
            name: Its folder in `functions/`.
            uses: What it does with tables.
            environment: More settings.
            layers: Layers beside the base and the shared code.
            memory_mb: Its memory.
            timeout_seconds: Its time-out.
        """
        tables = {use: self.data.tables[use.item] for use in uses}
        function = LiveFunction(
            self,
            name,
            deployment=self.deployment,
            artifacts=self._artifacts,
            layers=[self._layer(layer) for layer in (Layer.BASE, Layer.SHARED, *layers)],
            environment={
                **{table.environment_name: table.table.table_name for table in tables.values()},
                **self._origin_environment(name),
                **(environment or {}),
            },
            memory_mb=memory_mb,
            timeout_seconds=timeout_seconds,
        )
        for use, table in tables.items():
            for statement in use.statements(table):
                function.role.add_to_policy(statement)
        self._let_check_origin(function)
        self.functions[name] = function
        return function

    def allow_reading(self, function: LiveFunction, secret: secrets.ISecret) -> None:
        """Let a function read a secret, old value and new while it is rotated."""
        function.allow(["secretsmanager:GetSecretValue"], [secret.secret_arn])

    def _origin_environment(self, name: str) -> dict[str, str]:
        """Return where a function that people reach finds what CloudFront must show."""
        secret = self.data.origin_secret
        if secret is None or _ORIGIN_SECRET not in settings_names(name):
            return {}
        return {_ORIGIN_SECRET: secret.secret_arn}

    def _let_check_origin(self, function: LiveFunction) -> None:
        secret = self.data.origin_secret
        if secret is not None and _ORIGIN_SECRET in settings_names(function.name):
            self.allow_reading(function, secret)

    def _layer(self, layer: Layer) -> lambda_.LayerVersion:
        if layer not in self._layers:
            self._layers[layer] = lambda_.LayerVersion(
                self,
                f"{layer.capitalize()}Layer",
                code=self._artifacts.layer_code(layer),
                description=f"Ayinel Live: {layer}",
            )
        return self._layers[layer]
