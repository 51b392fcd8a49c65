"""Who may open a chat connection: a ticket of ours, brought through CloudFront where it stands."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from ayinel_live.runtime.http import ORIGIN_SECRET_HEADER

PACKAGE = "functions.chat_authorizer"
ARN = "arn:aws:execute-api:us-east-1:1:api/chat/$connect"
Authorize = Callable[..., dict[str, Any]]


@pytest.fixture(params=["behind CloudFront", "reached directly"])
def door(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def authorize(door: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authorize]:
    """The function, loaded anew, with a verifier that takes the ticket `good`."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "us-east-1",
        "STAGE": "dev",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        secrets = boto3.client("secretsmanager", region_name="us-east-1")

        def secret(name: str, **values: str) -> str:
            made = secrets.create_secret(Name=name, SecretString=json.dumps(values))
            return str(made["ARN"])

        monkeypatch.setenv("TICKET_SECRET_ARN", secret("tickets", current="t"))
        if door == "behind CloudFront":
            arn = secret("origin", current="new-secret", previous="old-secret")
            monkeypatch.setenv("ORIGIN_SECRET_ARN", arn)
        else:
            monkeypatch.delenv("ORIGIN_SECRET_ARN", raising=False)
        for name in [name for name in sys.modules if name.startswith(f"{PACKAGE}.")]:
            del sys.modules[name]
        module = importlib.import_module(f"{PACKAGE}.handler")
        monkeypatch.setattr(module, "verifier", Verifier())

        def call(ticket: str, headers: dict[str, str] | None) -> dict[str, Any]:
            event = {
                "methodArn": ARN,
                "headers": headers,
                "queryStringParameters": {"ticket": ticket},
            }
            answer: dict[str, Any] = module.handler(event, None)
            return answer

        yield call


class Verifier:
    """Knows one ticket."""

    def verify(self, ticket: str, _now: object) -> Verifier:
        from ayinel_live.runtime.errors import UnauthenticatedError

        if ticket != "good":
            raise UnauthenticatedError("No.", code="bad-ticket")
        return self

    viewer_id = "ana"

    def to_context(self) -> dict[str, str]:
        return {"viewerId": "ana"}


def effect(answer: dict[str, Any]) -> str:
    (statement,) = answer["policyDocument"]["Statement"]
    assert statement["Resource"] == ARN
    return str(statement["Effect"])


@pytest.mark.parametrize("shown", ["new-secret", "old-secret"])
def test_ticket_through_cloudfront_opens_a_connection(authorize: Authorize, shown: str) -> None:
    answer = authorize("good", {"X-Origin-Verify": shown})
    assert effect(answer) == "Allow"
    assert answer["context"] == {"viewerId": "ana"}


@pytest.mark.parametrize("headers", [None, {}, {ORIGIN_SECRET_HEADER: "guess"}, {"Host": "a"}])
def test_good_ticket_past_cloudfront_opens_nothing(
    authorize: Authorize, door: str, headers: dict[str, str] | None
) -> None:
    answer = authorize("good", headers)
    if door == "reached directly":
        assert effect(answer) == "Allow"
    else:
        assert effect(answer) == "Deny"
        assert answer["context"] == {}


def test_bad_ticket_opens_nothing_anywhere(authorize: Authorize) -> None:
    assert effect(authorize("bad", {ORIGIN_SECRET_HEADER: "new-secret"})) == "Deny"
    assert effect(authorize("", {ORIGIN_SECRET_HEADER: "new-secret"})) == "Deny"
