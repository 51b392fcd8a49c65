"""What counts as a service that fails, and what as a fault of ours."""

from __future__ import annotations

from typing import Any

import pytest
from aws_lambda_powertools import Logger
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ParamValidationError,
    ReadTimeoutError,
)
from pynamodb.exceptions import GetError, PutError, UpdateError

from ayinel_live.channels.store import ChannelItem
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.http import HttpApi, Request, Response
from ayinel_live.runtime.outages import outage_from, refusal_code


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "PutItem")


def wrapped(cause: Exception) -> Exception:
    """What PynamoDB makes of it: raised from nothing, with the cause kept beside."""
    return PutError("Failed to put item", cause)


@pytest.mark.parametrize(
    "fault",
    [
        refusal("ThrottlingException"),
        refusal("ProvisionedThroughputExceededException"),
        refusal("TransactionConflictException"),
        refusal("AnythingElse", 503),
        ClientError({"Error": {"Code": "500", "Message": "Internal Server Error"}}, "PutItem"),
        ReadTimeoutError(endpoint_url="http://x"),
        ConnectionClosedError(endpoint_url="http://x"),
        EndpointConnectionError(endpoint_url="http://x"),
    ],
    ids=lambda fault: f"{fault}"[:40],
)
def test_a_service_that_fails_is_one_however_it_is_wrapped(fault: Exception) -> None:
    for error in (fault, wrapped(fault)):
        outage = outage_from(error)
        assert outage is not None
        assert outage.retry_after_seconds == 1.0


@pytest.mark.parametrize(
    "fault",
    [
        refusal("ConditionalCheckFailedException"),
        refusal("ValidationException"),
        refusal("AccessDeniedException"),
        ParamValidationError(report="x"),
        GetError("no cause"),
        KeyError("x"),
    ],
    ids=lambda fault: f"{fault}"[:40],
)
def test_a_fault_of_ours_stays_one(fault: Exception) -> None:
    assert outage_from(fault) is None
    assert outage_from(wrapped(fault)) is None


def test_a_request_is_put_off_and_not_failed_while_a_service_does() -> None:
    api = HttpApi(Logger(service="test"))

    @api.route("GET /things")
    def things(_request: Request) -> Response:
        raise wrapped(refusal("InternalServerError", 500))

    event = {"routeKey": "GET /things", "requestContext": {"http": {"method": "GET"}}}
    answer: Any = api(event, None)
    assert answer["statusCode"] == 503
    assert answer["headers"]["retry-after"] == "1"


def test_the_code_of_a_refusal_is_known_and_a_broken_connection_has_none() -> None:
    condition = "ConditionalCheckFailedException"
    assert refusal_code(wrapped(refusal(condition))) == condition
    for fault in (ConnectionClosedError(endpoint_url="http://x"), KeyError("x")):
        assert refusal_code(wrapped(fault)) is None
    assert refusal_code(PutError("no cause")) is None
    assert refusal_code(KeyError("x")) is None


def test_a_write_whose_connection_breaks_off_is_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def break_off(*_: object, **__: object) -> None:
        raise UpdateError("Failed to update item", ConnectionClosedError(endpoint_url="http://x"))

    monkeypatch.setattr(ChannelItem, "update", break_off)
    with pytest.raises(UpdateError) as caught, ChannelStore().lease("somebody"):
        pass
    assert outage_from(caught.value) is not None
