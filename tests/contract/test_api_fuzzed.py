"""The whole API under fuzzing: no 5xx, and no answer that the document does not announce."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.contract.schemas import DOCS
from tests.support.stack import Stack

EXAMPLES = int(os.environ.get("AYINEL_FUZZ_EXAMPLES", "12"))
PREFIX = "/api/v1/live"
# Ends the account that everything else is tried with; it has a test of its own.
SCHEMA = schemathesis.openapi.from_path(DOCS / "openapi.json").exclude(operation_id="erase_me")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
load_all_checks()


@pytest.fixture(scope="session")
def base_url(stack: Stack) -> str:
    return stack.outputs["apiUrl"].removesuffix(PREFIX)


@pytest.fixture(scope="session")
def token(stack: Stack) -> str:
    return stack.token("fuzzer", operator=True)


@pytest.mark.slow
@SCHEMA.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_those_of_the_document(
    case: schemathesis.Case[Any], base_url: str, token: str
) -> None:
    answer = case.call(base_url=base_url, headers={"authorization": f"Bearer {token}"})
    case.validate_response(answer, checks=CHECKS)
