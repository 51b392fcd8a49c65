"""The canary as it is deployed walks the stack's own way, and says so when it cannot."""

from __future__ import annotations

import json
from typing import Any

from ayinel_live.runtime.names import HOUSE_STREAM_ID, table_output
from tests.support.stack import Stack

FUNCTION = "ayinel-live-local-canary"


def walk(stack: Stack) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")
    payload: dict[str, Any] = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload


def test_canary_hears_itself_again_and_again(stack: Stack) -> None:
    for _ in range(2):
        told = walk(stack)
        assert told["isWell"], told
        assert 0 < told["milliseconds"] < 20_000


def test_house_stream_is_in_no_list_and_never_ended(stack: Stack) -> None:
    walk(stack)
    listed = stack.api().get("/")["streams"]
    assert HOUSE_STREAM_ID not in {stream["streamId"] for stream in listed}
    table = stack.outputs[table_output("Streams")[0].lower() + table_output("Streams")[1:]]
    item = stack.client("dynamodb").get_item(
        TableName=table, Key={"streamId": {"S": HOUSE_STREAM_ID}}
    )["Item"]
    assert "unfinished" not in item


def test_canary_tells_where_it_fell(stack: Stack) -> None:
    functions = stack.client("lambda")
    found = functions.get_function_configuration(FunctionName=FUNCTION)
    variables = dict(found["Environment"]["Variables"])
    broken = {**variables, "API_URL": variables["API_URL"] + "/nowhere"}
    functions.update_function_configuration(
        FunctionName=FUNCTION, Environment={"Variables": broken}
    )
    try:
        assert walk(stack) == {"isWell": False, "step": "status"}
    finally:
        functions.update_function_configuration(
            FunctionName=FUNCTION, Environment={"Variables": variables}
        )
    assert walk(stack)["isWell"]
