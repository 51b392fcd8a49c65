"""Handlers that the tests deploy; each runs in a worker, with nothing of the tests in reach."""

import importlib.util
import json
import os
import time
from pathlib import Path
from typing import Any

Event = Any


def note(value: Any) -> None:
    """Write down one line that the test can read."""
    with Path(os.environ["NOTES"]).open("a") as notes:
        notes.write(json.dumps(value) + "\n")


def noted() -> list[Any]:
    path = Path(os.environ["NOTES"])
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def quiet(event: Event, _context: object) -> Event:
    return event


def talkative(event: Event, _context: object) -> None:
    print(f"said {event}")
    os.write(1, b"and from below\n")


def fragile(event: Event, _context: object) -> int:
    if event == "fail":
        raise LookupError("no such thing")
    if event == "exit":
        os._exit(3)
    return os.getpid()


def curious(event: Event, context: Any) -> dict[str, Any]:
    return {
        "environment": dict(os.environ),
        "packages": [name for name in event if importlib.util.find_spec(name)],
        "left": context.get_remaining_time_in_millis(),
    }


def slow(event: Event, _context: object) -> int:
    note({"began": time.time()})
    time.sleep(float(os.environ.get("SECONDS", "1")))
    note({"ended": time.time()})
    return os.getpid()


def layered(event: Event, _context: object) -> dict[str, Any]:
    import heavy  # type: ignore[import-not-found]  # from the layer of the test

    return {"parent": os.getppid(), "subject": os.environ["SUBJECT"], "value": heavy.VALUE}


def nested(event: Event, context: Any) -> int:
    """Call itself as often as asked, and say how deep that went."""
    if event == 0:
        return 0
    import boto3

    answer = boto3.client("lambda").invoke(
        FunctionName=context.function_name, Payload=json.dumps(event - 1).encode()
    )
    return 1 + int(json.load(answer["Payload"]))


def take_records(event: Event, _context: object) -> dict[str, Any]:
    """Note each record's id; fail those that a variable names, one by one or all at once."""
    bad = set(os.environ.get("BAD", "").split())
    ids = [_id(record) for record in event["Records"]]
    note(ids)
    failures = [_number(record) for record in event["Records"] if _id(record) in bad]
    if failures and os.environ.get("RAISES"):
        raise ValueError("poison")
    return {"batchItemFailures": [{"itemIdentifier": number} for number in failures]}


def keep_records(event: Event, _context: object) -> None:
    for record in event["Records"]:
        note(record)


def take_groups(event: Event, _context: object) -> None:
    for record in event["Records"]:
        note({"began": time.time(), "group": record["attributes"]["MessageGroupId"]})
        time.sleep(0.5)
        note({"ended": time.time(), "group": record["attributes"]["MessageGroupId"]})


def keep_event(event: Event, _context: object) -> dict[str, Any]:
    note(event)
    return {"statusCode": 200, "body": json.dumps(event)}


def stumble(event: Event, _context: object) -> None:
    """Fail as often as a variable says, then take the event."""
    note(event)
    if len(noted()) <= int(os.environ["FAILURES"]):
        raise RuntimeError("not yet")


def socket(event: Event, _context: object) -> dict[str, Any]:
    """Serve every route of a WebSocket API as the frame or the query asks."""
    note(event)
    context = event["requestContext"]
    if context["eventType"] == "CONNECT":
        query = event.get("queryStringParameters") or {}
        status = int(query.get("status", "200"))
        offered = event["headers"].get("sec-websocket-protocol", "")
        headers = {"Sec-WebSocket-Protocol": "chat.v2"} if "chat.v2" in offered else {}
        return {"statusCode": status, "headers": headers}
    if context["eventType"] == "MESSAGE":
        print(f"frame {event['body']}")
        if event["body"] == "raise":
            raise RuntimeError("the inside of the house")
        if event["body"] == "sleep":
            began = time.time()
            time.sleep(0.6)
            note({"slept": [began, time.time()]})
    return {"statusCode": 200, "body": "what the handler returned"}


def _id(record: Event) -> str:
    if "dynamodb" in record:
        return str(record["dynamodb"]["Keys"]["id"]["S"])
    return str(record["body"])


def _number(record: Event) -> str:
    return str(
        record["dynamodb"]["SequenceNumber"] if "dynamodb" in record else record["messageId"]
    )
