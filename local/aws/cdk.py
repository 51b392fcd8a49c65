"""Deploy the CDK app into the emulator with the CDK CLI itself."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

from local.aws.emulator import REGION, Emulator
from local.aws.endpoints import on_this_machine
from local.aws.environment import Progress
from local.aws.errors import DeploymentError

ACCOUNT = "000000000000"
NODE_MAJOR = 20
_REPOSITORY = Path(__file__).parents[2]
_BOOTSTRAP_STACK = "CDKToolkit"
_COMPLETE = frozenset({"CREATE_COMPLETE", "UPDATE_COMPLETE"})
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
# The CLI says a failure in one of these shapes, in falling order of what they tell.
_FAULTS = (
    re.compile(r"(?:CREATE|UPDATE|DELETE)_FAILED\s+\| (?P<fault>.+)"),
    re.compile(r"^‣ (?P<fault>.+)"),
    re.compile(r"❌\s*(?P<fault>.+)"),
    re.compile(r"^(?P<fault>\w*(?:Error|Exception): .+)"),
)

Outputs = dict[str, dict[str, str]]


class Cdk:
    """The CDK CLI of `package.json`, pointed at one emulator and at nothing else."""

    def __init__(self, emulator: Emulator, *, app_dir: Path = _REPOSITORY) -> None:
        """Describe a deployment without touching anything.

        Args:
            emulator: Where to deploy to.
            app_dir: The folder that holds `cdk.json`.
        """
        self._emulator = emulator
        self._app_dir = app_dir
        self._log_path = emulator.local_dir / "logs" / "deploy.log"
        self._assembly = emulator.local_dir / "cdk.out"
        self._outputs = emulator.local_dir / "state" / "outputs.json"

    def bootstrap(self, progress: Progress = lambda _line: None) -> None:
        """Make the bucket and roles that CDK deploys through, unless they are there already.

        Args:
            progress: Called with a line of text before each slow step.

        Raises:
            DeploymentError: When Node is missing or too old, or the CLI fails.
        """
        if self._is_bootstrapped():
            return
        progress("Bootstrapping the AWS emulator for CDK")
        # The template of the CLI needs no app, and finding none it synthesizes none.
        self._run(["bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", ""])

    def deploy(
        self,
        stage: str = "local",
        *,
        stacks: Sequence[str] = (),
        context: Mapping[str, str] | None = None,
        progress: Progress = lambda _line: None,
    ) -> Outputs:
        """Synthesize the app and deploy its stacks, those that need not wait at the same time.

        Args:
            stage: The stage, handed to the app as context `stage`.
            stacks: The stacks to deploy; every one when empty.
            context: More context for the app.
            progress: Called with a line of text before each slow step.

        Returns:
            The outputs of each stack; addresses of API Gateway point at this machine.

        Raises:
            DeploymentError: When Node is missing or too old, or the CLI fails.
        """
        self.bootstrap(progress)
        progress("Deploying the stacks with CDK")
        values = {"stage": stage, **(context or {})}
        self._outputs.parent.mkdir(parents=True, exist_ok=True)
        self._outputs.unlink(missing_ok=True)
        self._run(
            [
                "deploy",
                *(stacks or ["--all"]),
                *("--output", str(self._assembly), "--outputs-file", str(self._outputs)),
                *("--require-approval", "never", "--concurrency", "4", "--method", "direct"),
                *("--progress", "events", "--no-notices"),
                *(part for name in values for part in ("--context", f"{name}={values[name]}")),
            ]
        )
        return self.outputs()

    def outputs(self) -> Outputs:
        """Read the outputs of the last deployment; none when nothing was deployed."""
        if not self._outputs.exists():
            return {}
        raw: Outputs = json.loads(self._outputs.read_text())
        endpoint = self._emulator.endpoint_url
        return {
            stack: {key: on_this_machine(value, endpoint) for key, value in outputs.items()}
            for stack, outputs in raw.items()
        }

    def _is_bootstrapped(self) -> bool:
        session = boto3.Session(**self._emulator.credentials())
        cloudformation = session.client("cloudformation", endpoint_url=self._emulator.endpoint_url)
        try:
            found = cloudformation.describe_stacks(StackName=_BOOTSTRAP_STACK)["Stacks"]
        except ClientError:
            return False
        return bool(found) and found[0]["StackStatus"] in _COMPLETE

    def _run(self, arguments: Sequence[str]) -> None:
        command = [require_node(), str(_cli()), *arguments, "--no-version-reporting", "--no-color"]
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        with self._log_path.open("w") as log:
            done = subprocess.run(
                command,
                cwd=self._app_dir,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            raise DeploymentError(
                f"cdk {arguments[0]} failed: {_fault(self._log_path)} (all of it: {self._log_path})"
            )

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "LANG") if name in os.environ}
        return {
            **kept,
            # The app of cdk.json is `python …`: it must be the interpreter that runs this.
            "PATH": os.pathsep.join(
                [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
            ),
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "CDK_DISABLE_VERSION_CHECK": "1",
            **self._emulator.client_environment(),
        }


def require_node() -> str:
    """Find Node.

    Returns:
        The path of its program.

    Raises:
        DeploymentError: It is missing or too old.
    """
    node = shutil.which("node")
    if node is None:
        raise DeploymentError(f"Node is missing: install Node.js {NODE_MAJOR} or newer")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").split(".")[0]) < NODE_MAJOR:
        raise DeploymentError(
            f"Node {version.strip()} is too old: install Node.js {NODE_MAJOR} or newer"
        )
    return node


def _cli() -> Path:
    cli = _REPOSITORY / "node_modules" / "aws-cdk" / "bin" / "cdk"
    if not cli.exists():
        raise DeploymentError("The CDK CLI is missing: run `npm ci` in the repository's folder")
    return cli


def _fault(log_path: Path) -> str:
    lines = [_COLOUR.sub("", line).strip() for line in log_path.read_text().splitlines()]
    for shape in _FAULTS:
        for line in lines:
            if found := shape.search(line):
                return found["fault"]
    return next((line for line in reversed(lines) if line), "it said nothing")
