"""The CDK app: `cdk synth -c stage=local|dev|prod`, run as `python -m infra.app`."""

from __future__ import annotations

import sys

from aws_cdk import App, Aspects, Tags

from infra.artifacts import Artifacts
from infra.data_stack import DataStack
from infra.deployment import Context, ContextError, Deployment
from infra.errors import WiringError
from infra.layers.recipes import ARM64, HOST
from infra.layers.trees import BundleError
from infra.service_stack import ServiceStack


def build(app: App, deployment: Deployment, artifacts: Artifacts) -> None:
    """Add a deployment's stacks to an app.

    Args:
        app: The app.
        deployment: The deployment.
        artifacts: Gives the functions' code and layers.

    Raises:
        WiringError: A function's wiring and its settings do not fit.
        BundleError: A function or layer cannot be built.
    """
    data = DataStack(app, deployment)
    addresses = data.emulator_addresses
    if addresses is None:
        # Of no use on one machine, where CDK's CloudFront need not be loaded then.
        from infra.web_stack import WebStack

        addresses = WebStack(app, deployment, data).addresses
    ServiceStack(app, deployment, artifacts, data, addresses)
    Tags.of(app).add("product", "ayinel-live")
    Tags.of(app).add("environment", deployment.environment)
    if not deployment.stage.is_local:
        from infra.accepted import AcceptedFindings

        Aspects.of(app).add(AcceptedFindings(deployment.stage))


def main() -> None:
    """Synthesise the stage that the context names; a fault is one line and exit status 1."""
    try:
        deployment = Deployment.from_context(Context.from_node(App().node))
        is_local = deployment.stage.is_local
        app = App(
            analytics_reporting=False,
            tree_metadata=False,
            # Takes as long as all the rest, and the other stages have the same templates.
            builtin_cloud_formation_validation=not is_local,
        )
        build(app, deployment, Artifacts(HOST if is_local else ARM64))
    except (BundleError, ContextError, WiringError) as error:
        sys.exit(f"Error: {error}")
    app.synth()


if __name__ == "__main__":
    main()
