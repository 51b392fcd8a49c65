"""What runs: functions, queues, routes, and what starts each function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aws_cdk import Aws, CfnOutput, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from ayinel_live.runtime.names import CHAT_STAGE, Output
from functions.routes import BASE_PATH
from infra.artifacts import Artifacts
from infra.constructs.live_function import LiveFunction
from infra.data_stack import DataStack
from infra.deployment import Deployment
from infra.grants import TableUse
from infra.layers.recipes import Layer


class ServiceStack(Stack):
    """Functions and their wiring.

    Args:
        scope: The app.
        deployment: The deployment.
        artifacts: Gives the functions' code and layers.
        data: The tables and what else they work on.
        public_host: The host name that CloudFront answers to; None where there is none.
    """

    def __init__(
        self,
        scope: Construct,
        deployment: Deployment,
        artifacts: Artifacts,
        data: DataStack,
        public_host: str | None = None,
    ) -> None:
        super().__init__(
            scope,
            deployment.stack_name("Service"),
            description=f"Ayinel Live, {deployment.environment}: what runs",
            termination_protection=deployment.stage.is_protected,
        )
        from infra.wiring import wire

        self.deployment = deployment
        self.data = data
        self._artifacts = artifacts
        self._public_host = public_host
        self._layers: dict[Layer, lambda_.LayerVersion] = {}
        self.functions: dict[str, LiveFunction] = {}
        wire(self)
        CfnOutput(self, Output.API_URL, value=self.api_url)
        CfnOutput(self, Output.CHAT_URL, value=self.chat_url)
        CfnOutput(self, Output.CONNECTIONS_URL, value=self.connections_url)

    @property
    def api_url(self) -> str:
        """The public base of the HTTP API."""
        if self._public_host is not None:
            return f"https://{self._public_host}{BASE_PATH}"
        return f"{self._local_base(self.data.http_api.ref)}{BASE_PATH}"

    @property
    def chat_url(self) -> str:
        """The public address of the WebSocket API."""
        if self._public_host is not None:
            return f"wss://{self._public_host}/{CHAT_STAGE}"
        address = f"{self._local_base(self.data.chat_api.ref)}/{CHAT_STAGE}"
        return address.replace("http://", "ws://", 1)

    @property
    def connections_url(self) -> str:
        """The base of `@connections`, which functions post through."""
        api = self.data.chat_api.ref
        if self.deployment.stage.is_local:
            return f"{self._local_base(api)}/{CHAT_STAGE}"
        return f"https://{api}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}/{CHAT_STAGE}"

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
                **(environment or {}),
            },
            memory_mb=memory_mb,
            timeout_seconds=timeout_seconds,
        )
        for use, table in tables.items():
            for statement in use.statements(table):
                function.role.add_to_policy(statement)
        self.functions[name] = function
        return function

    def _layer(self, layer: Layer) -> lambda_.LayerVersion:
        if layer not in self._layers:
            self._layers[layer] = lambda_.LayerVersion(
                self,
                f"{layer.capitalize()}Layer",
                code=self._artifacts.layer_code(layer),
                description=f"Ayinel Live: {layer}",
            )
        return self._layers[layer]

    def _local_base(self, api_id: str) -> str:
        return f"{self.deployment.context.aws_endpoint_url}/_aws/execute-api/{api_id}"
