"""Events on the bus."""

import json
from typing import Any

import httpx
import pytest

from tests.integration.emulator.conftest import Without
from tests.integration.emulator.running import Cloud, Function, eventually

PATTERN = {"source": ["aws.ivs"], "detail-type": ["IVS Stream State Change"]}
EVENT = {
    "id": "01234567-0123-0123-0123-012345678901",
    "source": "aws.ivs",
    "detail-type": "IVS Stream State Change",
    "time": "2026-01-02T03:04:05Z",
    "resources": ["arn:aws:ivs:us-east-1:000000000000:channel/abcd"],
    "detail": {"event_name": "Stream Start", "channel_name": "any", "stream_id": "st-1"},
}


def listener(cloud: Cloud, handler: str = "keep_event", **options: Any) -> Function:
    function = cloud.function(handler, **options)
    events = cloud.client("events")
    events.put_rule(Name=function.name, EventPattern=json.dumps(PATTERN))
    events.put_targets(Rule=function.name, Targets=[{"Id": "one", "Arn": function.arn}])
    return function


def put(cloud: Cloud, *events: Any) -> httpx.Response:
    return httpx.post(f"{cloud.url}/_ayinel/events", json={"events": events})


def test_event_of_a_service_reaches_its_rule_as_it_was_put(mended: Cloud) -> None:
    function = listener(mended)
    answer = put(mended, EVENT)
    assert answer.json() == {"ids": [EVENT["id"]]}
    (event,) = function.notes_once(1)
    assert event == {**EVENT, "version": "0", "account": "000000000000", "region": "us-east-1"}


def test_event_comes_as_often_as_it_is_put(mended: Cloud) -> None:
    function = listener(mended)
    put(mended, EVENT, EVENT)
    assert [event["id"] for event in function.notes_once(2)] == [EVENT["id"]] * 2


def test_event_without_id_and_time_gets_both(mended: Cloud) -> None:
    function = listener(mended)
    event = {name: EVENT[name] for name in ("source", "detail-type", "detail")}
    (identity,) = put(mended, event).json()["ids"]
    (seen,) = function.notes_once(1)
    assert seen["id"] == identity
    assert seen["resources"] == []


def test_malformed_event_is_refused_and_none_is_put(mended: Cloud) -> None:
    function = listener(mended)
    for bad in ({"source": "aws.ivs"}, {**EVENT, "time": "yesterday"}, "text"):
        assert put(mended, EVENT, bad).status_code == 400
    assert function.notes_once(1, within_seconds=0.5) == []


def test_put_events_refuses_what_only_aws_may_put(mended: Cloud) -> None:
    function = listener(mended)
    entry = {"Source": "aws.ivs", "DetailType": "IVS Stream State Change", "Detail": "{}"}
    answer = mended.client("events").put_events(Entries=[entry])
    assert answer["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert function.notes() == []


def test_event_that_its_function_fails_on_is_tried_again(mended: Cloud) -> None:
    function = listener(mended, "stumble", environment={"FAILURES": "2"})
    put(mended, EVENT)
    assert [event["id"] for event in function.notes_once(3)] == [EVENT["id"]] * 3


def test_event_that_fails_to_the_last_is_set_aside(mended: Cloud) -> None:
    url, arn = mended.queue()
    options = {"environment": {"FAILURES": "9"}, "DeadLetterConfig": {"TargetArn": arn}}
    function = listener(mended, "stumble", **options)
    mended.client("lambda").put_function_event_invoke_config(
        FunctionName=function.name, MaximumRetryAttempts=0
    )
    put(mended, EVENT)
    sqs = mended.client("sqs")
    (aside,) = eventually(lambda: sqs.receive_message(QueueUrl=url).get("Messages", []))
    assert EVENT["id"] in aside["Body"]
    assert len(function.notes()) == 1


def test_without_retries_one_failure_loses_the_event(without: Without) -> None:
    with without("rule_retries") as cloud:
        function = listener(cloud, "stumble", environment={"FAILURES": "1"})
        put(cloud, EVENT)
        assert len(function.notes_once(2, within_seconds=4)) == 1


@pytest.mark.last
def test_schedule_fires_every_minute(minutely: Function) -> None:
    (event, *_more) = minutely.notes_once(1, within_seconds=90)
    assert event["source"] == "aws.events"
    assert event["detail-type"] == "Scheduled Event"
