"""More environments beside the shared stack's own, in the same emulator."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3

from infra.locks import REPOSITORY
from local.accounts import Accounts
from local.aws.cdk import Cdk
from local.aws.emulator import Emulator
from local.client import LiveApi
from tests.support.stack import Stack

_DELETED_SECONDS = 60


@dataclass(frozen=True)
class Environment:
    """One deployment in an emulator that others share.

    Attributes:
        name: Its name.
        emulator: The emulator, with a folder of its own for what the CDK writes.
        context: The CDK context.
    """

    name: str
    emulator: Emulator
    context: dict[str, str]

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of its stacks, as the templates spell them."""
        stacks = Cdk(self.emulator).outputs().values()
        return {name: value for outputs in stacks for name, value in outputs.items()}

    def deploy(self, tree: Path = REPOSITORY) -> None:
        """Deploy a tree of the repository over what is there."""
        Cdk(self.emulator, app_dir=tree).deploy("local", context=self.context)

    def token(self, person: str) -> str:
        """Return a bearer token of one of its own people."""
        outputs = self.outputs
        with Accounts(
            self.emulator.endpoint_url,
            self.emulator.credentials()["region_name"],
            outputs["UserPoolId"],
            outputs["UserPoolClientId"],
        ) as accounts:
            return accounts.token(person)

    @contextmanager
    def api(self, person: str | None = None) -> Iterator[LiveApi]:
        """Yield its API as somebody sees it."""
        api = LiveApi(self.outputs["ApiUrl"], self.token(person) if person else None)
        try:
            yield api
        finally:
            api.close()


@contextmanager
def environment_of(stack: Stack, name: str, folder: Path) -> Iterator[Environment]:
    """Describe one more environment in a stack's emulator, and delete it at the end.

    Args:
        stack: The stack that runs.
        name: The environment's name.
        folder: An empty folder for what the CDK writes.
    """
    running = stack.runtime.emulator
    emulator = Emulator(folder, port=running.port, ivs_endpoint_url=running.ivs_endpoint_url)
    context = {
        "environment": name,
        "awsEndpointUrl": running.endpoint_url,
        "ivsEndpointUrl": running.ivs_endpoint_url or "",
        "historyDsn": stack.runtime.database.dsn(),
    }
    try:
        yield Environment(name, emulator, context)
    finally:
        _delete(emulator, name)


@contextmanager
def environment_beside(stack: Stack, name: str, folder: Path) -> Iterator[Environment]:
    """Deploy one more environment into a stack's emulator, and delete it at the end."""
    with environment_of(stack, name, folder) as environment:
        environment.deploy()
        yield environment


def changed_tree(folder: Path) -> Path:
    """Return a copy of what a deployment is made from, to be changed by a test.

    Args:
        folder: An empty folder.
    """
    ignored = shutil.ignore_patterns("__pycache__", "node_modules")
    for name in ("functions", "infra", "layers", "locks"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    shutil.copy(REPOSITORY / "cdk.json", folder)
    (folder / "build").mkdir()
    # Layers are named by what is in them: those that are built already are the same.
    (folder / "build" / "layers").symlink_to(REPOSITORY / "build" / "layers")
    return folder


def _delete(emulator: Emulator, name: str) -> None:
    session = boto3.Session(**emulator.credentials())
    stacks = session.client("cloudformation", endpoint_url=emulator.endpoint_url)
    try:
        for part in ("Service", "Data"):
            stack_name = f"AyinelLive-{name}-{part}"
            stacks.delete_stack(StackName=stack_name)
            stacks.get_waiter("stack_delete_complete").wait(
                StackName=stack_name,
                WaiterConfig={"Delay": 1, "MaxAttempts": _DELETED_SECONDS},
            )
    finally:
        stacks.close()
