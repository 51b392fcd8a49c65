"""What is stored outlives its stack: a new one begins with the tables of the one that was lost.

The environment is protected as prod is, and what is typed is what `docs/operations.md` says.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ayinel_live.runtime.names import table_output
from infra.locks import REPOSITORY
from infra.tables import ITEMS
from tests.support.broadcast import start_stream
from tests.support.documents import commands
from tests.support.environments import Environment, changed_tree, environment_of
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

ENVIRONMENT = "kept"
DATA = f"AyinelLive-{ENVIRONMENT}-Data"
SERVICE = f"AyinelLive-{ENVIRONMENT}-Service"
WAIT = {"Delay": 1, "MaxAttempts": 90}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The repository, with the one-machine stage protected as prod is."""
    changed = changed_tree(tmp_path / "tree")
    stages = changed / "infra" / "stages.py"
    text = stages.read_text()
    assert text.count("    is_local=True,\n") == 1
    stages.write_text(
        text.replace("    is_local=True,\n", "    is_local=True, is_protected=True,\n")
    )
    return changed


class Operator:
    """Somebody with a shell, the documents, and an environment whose stacks go.

    Args:
        stack: Whose emulator it is.
        environment: The environment.
        tree: Where its commands are typed.
    """

    def __init__(self, stack: Stack, environment: Environment, tree: Path) -> None:
        self.stacks: Any = stack.client("cloudformation")
        self._environment = environment
        self._tree = tree
        self._variables = {**os.environ, **environment.emulator.client_environment()}

    def lose(self) -> str:
        """Delete the stacks against their protection; return the id of the Data stack's."""
        (described,) = self.stacks.describe_stacks(StackName=DATA)["Stacks"]
        for name in (SERVICE, DATA):
            self.stacks.update_termination_protection(
                StackName=name, EnableTerminationProtection=False
            )
            self.stacks.delete_stack(StackName=name)
            self.stacks.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig=WAIT)
        return str(described["StackId"])

    def restore(self, *arguments: str) -> None:
        """Type the command that writes what the import is told."""
        self._run(["-m", "infra.restore", ENVIRONMENT, *arguments], program=sys.executable)

    def adopt(self) -> None:
        """Type the documents' `cdk import`, and deploy the rest."""
        (documented,) = (command.text for command in commands() if "cdk import " in command.text)
        program, *rest = shlex.split(documented.replace("prod", ENVIRONMENT))
        app = f"{sys.executable} -m infra.app"
        typed = [app if part.endswith("-m infra.app") else part for part in rest]
        typed[typed.index(f"stage={ENVIRONMENT}")] = "stage=local"
        context = {"environment": ENVIRONMENT, **self._environment.context}
        given = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
        self._run([*typed, *given], program=str(REPOSITORY / program))
        self._environment.deploy(self._tree)

    def adopted(self) -> set[str]:
        """Return the names of the tables that the environment works with."""
        outputs = self._environment.outputs
        return {outputs[table_output(item.logical_name)] for item in ITEMS}

    def _run(self, arguments: list[str], *, program: str) -> None:
        done = subprocess.run(
            [program, *arguments],
            cwd=self._tree,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def title_of(environment: Environment, stream_id: str) -> str:
    """Return a stream's title, as anybody is told it."""
    with environment.api() as guest:
        return str(guest.get(f"/{stream_id}")["title"])


def test_new_stack_begins_with_the_tables_of_the_one_that_was_lost(
    stack: Stack, tree: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "environment"
    folder.mkdir()
    with environment_of(stack, ENVIRONMENT, folder) as environment:
        environment.deploy(tree)
        operator = Operator(stack, environment, tree)
        with environment.api("dora") as creator:
            stream_id = start_stream(creator, title="Kept")["streamId"]
        first = operator.adopted()
        for name in (SERVICE, DATA):
            with pytest.raises(ClientError, match="TerminationProtection is enabled"):
                operator.stacks.delete_stack(StackName=name)

        lost = operator.lose()
        operator.restore("--in-place", "--stack", lost)
        operator.adopt()
        assert operator.adopted() == first
        assert title_of(environment, stream_id) == "Kept"

        lost = operator.lose()
        now = datetime.now(UTC)
        operator.restore("--at", now.isoformat(), "--stack", lost)
        operator.adopt()
        assert operator.adopted() == {f"{name}-{now:%Y%m%dT%H%M%SZ}" for name in first}
        assert title_of(environment, stream_id) == "Kept"
        with environment.api("elsa") as creator:
            assert start_stream(creator, title="New")["streamId"] != stream_id
        operator.lose()
