"""Deploy to AWS: `python -m infra.deploy dev`, which is `make deploy stage=dev`.

Checks credentials and bootstrap, shows what would change, deploys, puts the pages up, asks the
deployed platform whether it answers, and prints where it is.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from ayinel_live.runtime.names import Output
from infra.deployment import FIREWALL_REGION
from infra.locks import REPOSITORY
from infra.pages import PageSite, page_config, publish_pages

_CDK = REPOSITORY / "node_modules" / ".bin" / "cdk"
_BOOTSTRAP_STACK = "CDKToolkit"
# CloudFormation's word for a name that is none.
_NO_SUCH_STACK = "ValidationError"
_SMOKE_SECONDS = 60.0
_WEB = REPOSITORY / "web"
_BUILD = REPOSITORY / "build"


class DeployError(Exception):
    """The deployment cannot go on; the message says why and what to do."""


def account_of(session: Any) -> str:
    """Return the account that the credentials belong to.

    Raises:
        DeployError: There are no credentials, or they are refused.
    """
    try:
        account: str = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise DeployError(f"AWS does not know who you are ({error}): sign in first") from None
    return account


def is_bootstrapped(session: Any) -> bool:
    """Say whether the CDK's own stack is in the account and region.

    Raises:
        DeployError: It cannot be looked for.
    """
    try:
        session.client("cloudformation").describe_stacks(StackName=_BOOTSTRAP_STACK)
    except ClientError as error:
        if error.response["Error"]["Code"] != _NO_SUCH_STACK:
            raise DeployError(f"Whether CDK is bootstrapped cannot be seen: {error}") from None
        return False
    return True


def merged(stacks: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """Return the outputs of all stacks but those that CDK makes for itself."""
    return {
        name: value
        for outputs in stacks.values()
        for name, value in outputs.items()
        if not name.startswith("ExportsOutput")
    }


def smoke_test(outputs: Mapping[str, str], seconds: float = _SMOKE_SECONDS) -> None:
    """Ask the API what it can do and the pages for their first.

    Raises:
        DeployError: One does not answer with 200 in time.
    """
    for url in (f"{outputs[Output.API_URL]}/capabilities", outputs[Output.WEB_URL]):
        deadline = time.monotonic() + seconds
        while (answer := _answer_of(url)) != "200":
            if time.monotonic() > deadline:
                raise DeployError(f"{url} does not answer: {answer}")
            time.sleep(1)


def _answer_of(url: str) -> str:
    if not url.startswith(("https://", "http://127.0.0.1")):
        raise DeployError(f"{url} is no address of the platform")
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310  checked above
            return str(response.status)
    except urllib.error.HTTPError as error:
        return str(error.code)
    except OSError as error:
        return type(error).__name__


def _run(command: Sequence[str | Path], *, cwd: Path = REPOSITORY, region: str) -> None:
    environment = {
        **os.environ,
        "AWS_REGION": region,
        # The app of `cdk.json` is `python …`: it must be the interpreter that runs this.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    done = subprocess.run(  # noqa: S603  the project's own tools
        [str(part) for part in command], cwd=cwd, env=environment, check=False
    )
    if done.returncode:
        raise DeployError(f"{Path(command[0]).name} {command[1]} failed")


def deploy(stage: str, context: Sequence[str], *, is_asked: bool) -> dict[str, str]:
    """Deploy a stage.

    Args:
        stage: `dev` or `prod`.
        context: More context, each `name=value`.
        is_asked: Whether each stack that widens permissions waits for a yes.

    Returns:
        The outputs.

    Raises:
        DeployError: A step failed.
    """
    values = dict(pair.split("=", 1) for pair in context)
    fallback = FIREWALL_REGION if stage == "prod" else None
    session = boto3.Session(region_name=values.get("region") or fallback)
    if session.region_name is None:
        raise DeployError("No region: give AWS_REGION, or -c region=…")
    region = session.region_name
    account = account_of(session)
    if not is_bootstrapped(session):
        raise DeployError(
            f"{region} is not bootstrapped: run "
            f"`node_modules/.bin/cdk bootstrap aws://{account}/{region}` once"
        )
    # Named, so that a region that lacks a service is told of before anything is deployed there.
    pairs = [f"stage={stage}", *context, *([] if values.get("region") else [f"region={region}"])]
    arguments = [part for pair in pairs for part in ("-c", pair)]
    _run([_CDK, "diff", *arguments], region=region)
    outputs_file = _BUILD / f"outputs-{values.get('environment') or stage}.json"
    _BUILD.mkdir(exist_ok=True)
    approval = "broadening" if is_asked else "never"
    _run(
        [
            *(_CDK, "deploy", "--all", "--outputs-file", outputs_file),
            *("--require-approval", approval, *arguments),
        ],
        region=region,
    )
    outputs = merged(json.loads(outputs_file.read_text()))
    for step in (["npm", "ci", "--silent"], ["npm", "run", "--silent", "build"]):
        _run(step, cwd=_WEB, region=region)
    site = PageSite(outputs[Output.WEB_BUCKET], outputs[Output.DISTRIBUTION_ID])
    clients = session.client("s3"), session.client("cloudfront")
    config = page_config(outputs, region, ivs_player_url=values.get("ivsPlayerUrl", ""))
    publish_pages(_WEB / "dist", config, site, *clients)
    smoke_test(outputs)
    return outputs


def main() -> None:
    """Deploy a stage to AWS and print where it is."""
    parser = argparse.ArgumentParser(prog="python -m infra.deploy", description=main.__doc__)
    parser.add_argument("stage", choices=["dev", "prod"])
    parser.add_argument("-c", "--context", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--yes", action="store_true", help="do not ask about wider permissions")
    given = parser.parse_args()
    try:
        outputs = deploy(given.stage, given.context, is_asked=not given.yes)
    except DeployError as error:
        sys.exit(f"Error: {error}")
    for name in (Output.WEB_URL, Output.API_URL, Output.CHAT_URL):
        sys.stdout.write(f"{name:<10} {outputs[name]}\n")


if __name__ == "__main__":
    main()
