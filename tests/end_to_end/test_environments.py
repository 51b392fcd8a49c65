"""Two environments side by side on one emulator: both work, and neither sees the other's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.environments import Environment, environment_beside
from tests.support.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def annex(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """A second environment beside the shared stack's own."""
    with environment_beside(stack, "annex", tmp_path_factory.mktemp("annex")) as deployed:
        yield deployed


def test_they_share_no_address_table_queue_or_pool(stack: Stack, annex: Environment) -> None:
    ours = {name[0].upper() + name[1:]: value for name, value in stack.outputs.items()}
    apart = {
        name
        for name in annex.outputs
        if name.endswith(("TableName", "Url", "Arn", "Bucket", "Id", "BusName"))
        and not name.startswith("ExportsOutput")
    }
    assert len(apart) > 40
    for name in apart - {"VideoUrl", "TokenJwksUrl"}:
        assert annex.outputs[name] != ours[name], name


def test_a_token_of_one_opens_nothing_in_the_other(stack: Stack, annex: Environment) -> None:
    with annex.api("cleo") as known:
        assert known.call("GET", "/mine").status_code == 200
        token = annex.token("cleo")
    refused = stack.api().call("GET", "/mine", headers={"authorization": f"Bearer {token}"})
    assert refused.status_code == 401


def test_the_first_still_answers_when_the_second_is_gone(stack: Stack, tmp_path: Path) -> None:
    with environment_beside(stack, "passing", tmp_path) as passing, passing.api() as guest:
        assert guest.get("/capabilities")
    assert stack.api().get("/capabilities")
    left = stack.client("lambda").get_paginator("list_functions").paginate()
    names = {found["FunctionName"] for page in left for found in page["Functions"]}
    assert any("-local-" in name for name in names)
    assert not any("-passing-" in name for name in names)
