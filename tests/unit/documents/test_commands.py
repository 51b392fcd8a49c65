"""Every command of the documents is tried; those that cannot be carried out here are parsed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import botocore.session
import pytest

from local.layout import REPOSITORY
from tests.benchmarks.harness import benchmark_names
from tests.support.document_runs import Way, of_way, rule_for
from tests.support.documents import Command, commands

COMMANDS = commands()
# Of `aws` itself, and what it calls `Endpoint` of `Subscribe`.
OF_THE_COMMAND_LINE = {"query", "output", "notificationendpoint"}
PYTHON = r"(\.venv/bin/)?python3? "


def run(script: str) -> subprocess.CompletedProcess[str]:
    """Run a command line with this interpreter in the place of the documents'."""
    here = re.sub(rf"(?m)(^|\| *|\n *){PYTHON}", rf"\g<1>{shlex.quote(sys.executable)} ", script)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", here],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}:{REPOSITORY}/layers/shared/python"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def bare(command: Command) -> str:
    """Return a command's line without what a reader is told beside it."""
    return re.sub(r"\s+#.*$", "", command.text)


def test_every_command_is_tried_in_some_way() -> None:
    assert len(COMMANDS) > 40
    assert [str(command) for command in COMMANDS if rule_for(command) is None] == []


def test_what_is_not_carried_out_has_a_reason() -> None:
    for command in of_way(COMMANDS, Way.PARSED):
        rule = rule_for(command)
        assert rule is not None
        assert rule.reason, str(command)


@pytest.mark.parametrize("page", sorted({c.page for c in of_way(COMMANDS, Way.HERE)}))
def test_commands_that_need_nothing_do_what_they_say(page: str) -> None:
    script = "\n".join(c.text for c in of_way(COMMANDS, Way.HERE) if c.page == page)
    done = run(script)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


PARSED = {bare(command): command for command in of_way(COMMANDS, Way.PARSED)}


@pytest.mark.parametrize("line", [line for line in PARSED if line.startswith("make ")])
def test_targets_are_there(line: str) -> None:
    done = run(f"make --dry-run {line.removeprefix('make ')}")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for line in PARSED if re.match(r"(\w+=\$\()?aws ", line)])
def test_calls_of_aws_are_ones_that_it_knows(line: str) -> None:
    typed = re.fullmatch(r"\w+=\$\((.*)\)", line)
    _, service, operation, *arguments = shlex.split(typed[1] if typed else line)
    name = "".join(part.title() for part in operation.split("-"))
    model = botocore.session.get_session().get_service_model(service).operation_model(name)
    shape = model.input_shape
    members = set() if shape is None else {member.lower() for member in shape.members}
    for option in (one for one in arguments if one.startswith("--")):
        given = option.removeprefix("--").replace("-", "")
        assert given in members | OF_THE_COMMAND_LINE, f"{option} is no argument of {name}"


@pytest.mark.parametrize(
    "line", [line for line in PARSED if re.search(r"-m infra\.|bin/cdk ", line)]
)
def test_deployments_are_asked_for_as_the_program_takes_them(line: str) -> None:
    done = run(f"{line} --help")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [one for one in PARSED if re.search(r"-m local\b", one)])
def test_commands_of_the_runtime_are_ones_that_it_takes(line: str) -> None:
    done = run(f"{line} --help")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", [line for line in PARSED if "-m pytest" in line])
def test_suites_have_the_tests_that_are_named(line: str) -> None:
    done = run(f"{line} --collect-only -q -p no:cacheprovider")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


@pytest.mark.parametrize("line", [line for line in PARSED if "-m tests.benchmarks" in line])
def test_benchmarks_that_are_named_are_there(line: str) -> None:
    assert set(shlex.split(line)[3:]) <= set(benchmark_names())


@pytest.mark.parametrize("line", [line for line in PARSED if line.startswith("git ")])
def test_commands_of_git_are_ones_that_it_knows(line: str) -> None:
    words = shlex.split(line.replace("<", "'").replace(">", "'"))
    usage = run(f"git {words[1]} -h")
    for option in (word for word in words if word.startswith("--")):
        assert option.removeprefix("--") in usage.stdout, option
