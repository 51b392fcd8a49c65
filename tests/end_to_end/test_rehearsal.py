"""The rehearsal of a bad version: deploy, break, see the alarm, roll back, see it over.

The alarm is the one that the production template declares for an environment of this name, with its
metric, period and threshold; its state is computed from what the deployed functions wrote. The
emulator has neither alarms over logs nor CodeDeploy: the way back is a deployment, as in dev.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from infra.deployment import Context
from local.client import LiveApi
from tests.infra.synthesis import synthesise
from tests.support.alarms import AlarmRule, Sample, emitted_samples
from tests.support.environments import Environment, changed_tree, environment_beside
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

ENVIRONMENT = "drill"
FUNCTION = "streams_api"
ALARM = f"ayinel-live-{ENVIRONMENT}-{FUNCTION}-release-faults"
CALLS = 5
SETTLED_SECONDS = 10.0


@pytest.fixture(scope="module")
def drill(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """An environment of its own, which the rehearsal may break."""
    with environment_beside(stack, ENVIRONMENT, tmp_path_factory.mktemp("drill")) as deployed:
        yield deployed


@pytest.fixture(scope="module")
def rule() -> AlarmRule:
    """The alarm of the production template that ends a shift of the function."""
    found = synthesise(Context(stage="prod", environment=ENVIRONMENT))
    (declared,) = (
        properties
        for properties in found.properties("AWS::CloudWatch::Alarm")
        if properties["AlarmName"] == ALARM
    )
    return AlarmRule.of(declared)


@pytest.fixture
def bad_tree(tmp_path: Path) -> Path:
    """The repository with one function's list of live streams broken."""
    tree = changed_tree(tmp_path)
    module = tree / "functions" / FUNCTION / "watching.py"
    broken, times = re.subn(
        r"(@api\.route\(routes\.LIST\.key\)\ndef [^\n]+\n)",
        r'\1    raise KeyError("a version that nobody tried")\n',
        module.read_text(),
    )
    assert times == 1
    module.write_text(broken)
    return tree


def samples(stack: Stack) -> list[Sample]:
    """Return what CloudWatch would have of the function's metrics by now."""
    pages = (
        stack.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=f"/ayinel-live/{ENVIRONMENT}/{FUNCTION}")
    )
    lines = ((event["timestamp"] / 1000, event["message"]) for p in pages for event in p["events"])
    return list(emitted_samples(lines))


def states_within(stack: Stack, rule: AlarmRule, wanted: str, seconds: float) -> list[str]:
    """Return the states that the rule goes through until the wanted one, or for some time."""
    seen: list[str] = []
    deadline = time.monotonic() + seconds
    while True:
        state = rule.state(samples(stack), time.time())
        if not seen or seen[-1] != state:
            seen.append(state)
        if state == wanted or time.monotonic() > deadline:
            return seen
        time.sleep(1)


def answers(api: LiveApi) -> list[int]:
    """Return the statuses of some calls of the list."""
    return [api.call("GET", "/").status_code for _ in range(CALLS)]


def test_bad_version_sets_off_the_alarm_and_the_version_before_ends_it(
    stack: Stack, drill: Environment, rule: AlarmRule, bad_tree: Path
) -> None:
    with drill.api() as guest:
        assert answers(guest) == [httpx.codes.OK] * CALLS
        assert samples(stack), "the function emits no metrics"
        assert rule.state(samples(stack), time.time()) == "OK"

        drill.deploy(bad_tree)
        assert answers(guest) == [httpx.codes.INTERNAL_SERVER_ERROR] * CALLS
        assert guest.get("/capabilities"), "more is broken than was meant"
        assert states_within(stack, rule, "ALARM", SETTLED_SECONDS)[-1] == "ALARM"

        drill.deploy()
        assert answers(guest) == [httpx.codes.OK] * CALLS
        over = states_within(stack, rule, "OK", rule.period_seconds + SETTLED_SECONDS)
        assert over[-1] == "OK"
        assert stack.api().get("/capabilities")
