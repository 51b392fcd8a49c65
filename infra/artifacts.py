"""What functions run on, as CDK assets."""

from __future__ import annotations

from pathlib import Path

from aws_cdk import AssetHashType
from aws_cdk import aws_lambda as lambda_

from infra.layers.code import function_bundle, shared_layer
from infra.layers.packages import package_layer
from infra.layers.recipes import Layer, Platform
from infra.layers.trees import archive_of


class Artifacts:
    """Layers and bundles for one platform, built when they are first asked for.

    Args:
        platform: Where the functions will run.
    """

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    def layer(self, layer: Layer) -> Path:
        """Return the folder of a layer."""
        return shared_layer() if layer is Layer.SHARED else package_layer(layer, self.platform)

    def layer_code(self, layer: Layer) -> lambda_.Code:
        """Return a layer's asset."""
        return _asset(self.layer(layer))

    def function_code(self, name: str) -> lambda_.Code:
        """Return a function's asset.

        Args:
            name: The function's folder in `functions/`.
        """
        return _asset(function_bundle(name))


def _asset(folder: Path) -> lambda_.Code:
    # The folder's name holds the hash of all that it was made from: no need to read it again.
    return lambda_.Code.from_asset(
        str(archive_of(folder)),
        asset_hash=folder.name,
        asset_hash_type=AssetHashType.CUSTOM,
    )
