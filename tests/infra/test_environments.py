"""Several environments in one account: no two resources may want the same name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from infra.deployment import Context
from tests.infra.synthesis import Synthesis, synthesise

# Properties that hold a physical name; what has none is named by CloudFormation, apart for each.
NAMES = re.compile(r"^(Name|.*(Function|Queue|Topic|Table|Bucket|Pool|Group|Alarm|Dashboard)Name)$")
# Names within their parent, which is another one in each environment.
WITHIN = {
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::Cognito::UserPoolGroup",
}


def names(found: Synthesis) -> Iterator[tuple[str, str]]:
    """Yield every name that a template gives, by the type of its resource."""
    for template in found.templates.values():
        for resource in template["Resources"].values():
            if resource["Type"] in WITHIN:
                continue
            for key, value in resource.get("Properties", {}).items():
                # A name that refers to something else's belongs to that.
                if NAMES.match(key) and isinstance(value, str):
                    yield resource["Type"], value


def exports(found: Synthesis) -> set[str]:
    """Return what stacks hand to each other, whose names are the account's."""
    given: list[Any] = [
        output["Export"]["Name"]
        for template in found.templates.values()
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    ]
    return set(map(json.dumps, given))


@pytest.mark.parametrize("stage", ["local", "dev"])
def test_two_environments_of_a_stage_share_no_name(stage: str) -> None:
    one, two = (synthesise(Context(stage=stage, environment=name)) for name in ("ana", "ben"))
    assert set(names(one))
    assert set(names(one)).isdisjoint(names(two))
    assert exports(one)
    assert exports(one).isdisjoint(exports(two))
