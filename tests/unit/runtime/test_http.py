"""The router answers every event of the gateway, whatever is in it."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from aws_lambda_powertools import Logger
from hypothesis import given
from hypothesis import strategies as st

from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.http import MAX_BODY_BYTES, HttpApi, Request, Response
from ayinel_live.runtime.wire import WireModel


class _Title(WireModel):
    title: str
    stream_count: int = 0


def _event(key: str = "POST /x", **changes: Any) -> dict[str, Any]:
    return {
        "routeKey": key,
        "headers": {"Content-Type": "application/json"},
        "body": '{"title": "a"}',
        "requestContext": {"requestId": "r", "http": {"sourceIp": "192.0.2.1"}},
        **changes,
    }


def _api(**options: Any) -> HttpApi:
    api = HttpApi(Logger(service="test", level="CRITICAL"), **options)

    @api.route("POST /x")
    def _echo(request: Request) -> Response:
        return Response(201, request.json(_Title))

    @api.route("GET /missing")
    def _missing(_: Request) -> Response:
        raise NotFoundError("There is no such stream.")

    @api.route("GET /broken")
    def _broken(_: Request) -> Response:
        raise RuntimeError("sk_secret")

    return api


def _problem(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["headers"]["content-type"] == "application/problem+json"
    body: dict[str, Any] = json.loads(answer["body"])
    assert body["status"] == answer["statusCode"]
    return body


def test_model_is_answered_in_camel_case() -> None:
    answer = _api()(_event(), None)
    assert answer["statusCode"] == 201
    assert json.loads(str(answer["body"])) == {"title": "a", "streamCount": 0}


def test_base64_body_is_decoded() -> None:
    body = base64.b64encode(b'{"title": "b"}').decode()
    answer = _api()(_event(body=body, isBase64Encoded=True), None)
    assert json.loads(str(answer["body"]))["title"] == "b"


@pytest.mark.parametrize(
    "body", [None, "", "{", "[]", '"x"', '{"title": 3}', '{"title": "a", "userId": "b"}']
)
def test_malformed_body_is_400_and_echoes_nothing(body: str | None) -> None:
    problem = _problem(_api()(_event(body=body), None))
    assert problem["status"] == 400
    assert all(set(fault) == {"field", "message"} for fault in problem["errors"])


def test_oversized_body_is_413() -> None:
    problem = _problem(_api()(_event(body=json.dumps({"title": "a" * MAX_BODY_BYTES})), None))
    assert problem["status"] == 413


def test_other_media_type_is_415() -> None:
    problem = _problem(_api()(_event(headers={"content-type": "text/xml"}), None))
    assert problem["status"] == 415


def test_unknown_route_is_404() -> None:
    assert _problem(_api()(_event("GET /nowhere"), None))["status"] == 404


def test_fault_of_the_family_is_translated() -> None:
    assert _problem(_api()(_event("GET /missing"), None))["detail"] == "There is no such stream."


def test_unexpected_fault_is_500_without_its_message() -> None:
    answer = _api()(_event("GET /broken"), None)
    assert _problem(answer)["status"] == 500
    assert "secret" not in str(answer)


def test_request_without_the_origin_secret_is_refused() -> None:
    api = _api(origin_secrets=lambda: ("one", "two"))
    assert _problem(api(_event(), None))["status"] == 403
    headers = {"X-Origin-Verify": "two", "content-type": "application/json"}
    assert api(_event(headers=headers), None)["statusCode"] == 201


@given(body=st.text())
def test_any_body_is_answered(body: str) -> None:
    assert _api()(_event(body=body), None)["statusCode"] in {201, 400, 413}


def test_endpoints_are_imported_when_one_of_theirs_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imported: list[str] = []

    def take(name: str) -> None:
        imported.append(name)
        api.route(f"GET /{name}")(lambda _: Response(body={"name": name}))

    monkeypatch.setattr("ayinel_live.runtime.http.import_module", take)
    api = HttpApi(Logger(service="test", level="CRITICAL"), modules=["often", "seldom", "never"])
    assert api(_event("GET /often"), None)["statusCode"] == 200
    assert imported == ["often"]
    assert api(_event("GET /seldom"), None)["statusCode"] == 200
    assert api(_event("GET /often"), None)["statusCode"] == 200
    assert imported == ["often", "seldom"]
    assert api.route_keys == {"GET /often", "GET /seldom", "GET /never"}


def test_module_that_cannot_be_imported_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = [RuntimeError("no secret to be had")]

    def take(name: str) -> None:
        if faults:
            raise faults.pop()
        api.route("GET /x")(lambda _: Response())

    monkeypatch.setattr("ayinel_live.runtime.http.import_module", take)
    api = HttpApi(Logger(service="test", level="CRITICAL"), modules=["module"])
    assert _problem(api(_event("GET /x"), None))["status"] == 500
    assert api(_event("GET /x"), None)["statusCode"] == 200
