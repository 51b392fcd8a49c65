"""Events stuffed with secrets: for each function those it knows, and all kinds for every one."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ayinel_live.chat.message_store import message_item
from ayinel_live.runtime.clock import to_rfc3339
from functions.routes import API_FUNCTIONS, routes_of
from tests.support.chat import OWNER_ID, STREAM_ID, message, pending

Event = dict[str, Any]
Named = tuple[str, Event]
MESSAGE_ID = "01JG00000000000000000000M1"
BODIES: Mapping[str, dict[str, Any]] = {
    "start_stream": {"title": "A stream"},
    "change_stream": {"title": "Another"},
    "put_chat_settings": {"slowModeSeconds": 3},
    "send_metadata": {"metadata": "goal"},
}


def events_for(function: str, secrets: Mapping[str, str], origin_secret: str) -> Iterator[Named]:
    """Yield a function's events with their names, first those that it is made for.

    Args:
        function: Its folder.
        secrets: By kind.
        origin_secret: What CloudFront shows, without which nobody is let in.
    """
    door = {"x-origin-verify": origin_secret}
    everything = " ".join(secrets.values())
    if function in API_FUNCTIONS:
        yield from _through(door, _http(function, secrets, everything))
    yield from _through(door, _made_for(function, secrets, everything))
    yield from _of_every_kind(secrets, everything)


def _through(door: Mapping[str, str], events: Iterator[Named]) -> Iterator[Named]:
    for name, event in events:
        shown = {"headers": {**event["headers"], **door}} if "headers" in event else {}
        yield name, event | shown


def _http(function: str, secrets: Mapping[str, str], everything: str) -> Iterator[Named]:
    for route in routes_of(function):
        path = {"streamId": STREAM_ID, "messageId": MESSAGE_ID, "userId": "ben", "reportId": "r"}
        event = {
            "version": "2.0",
            "routeKey": route.key,
            "rawPath": route.full_path,
            "rawQueryString": f"token={secrets['bearer']}&ticket={secrets['ticket']}",
            "headers": _headers(secrets),
            "pathParameters": {k: v for k, v in path.items() if "{" + k + "}" in route.path},
            "queryStringParameters": {},
            "requestContext": {
                "requestId": "request-1",
                "http": {"sourceIp": "192.0.2.1", "method": route.method},
                "authorizer": {"jwt": {"claims": {"sub": OWNER_ID, "exp": "4102444800"}}},
            },
        }
        body = BODIES.get(route.operation, {"reason": everything, "title": everything})
        anonymous = {k: v for k, v in _headers(secrets).items() if k != "authorization"}
        yield route.operation, event | {"headers": anonymous, "body": json.dumps(body)}
        yield f"{route.operation}, token", event | {"body": json.dumps(body)}
        leaking = {"title": everything, "viewerToken": everything, "streamKey": everything}
        yield f"{route.operation}, misplaced", event | {"body": json.dumps(leaking)}
        yield f"{route.operation}, malformed", event | {"body": '{"title": ' + everything}
        query = {"after": everything, "cursor": everything, "limit": everything}
        yield f"{route.operation}, query", event | {"queryStringParameters": query}


def _headers(secrets: Mapping[str, str]) -> dict[str, str]:
    return {
        "content-type": "application/json",
        "authorization": f"Bearer {secrets['bearer']}",
        "cookie": f"session={secrets['bearer']}",
        "referer": f"https://live.example/watch?token={secrets['playback_token']}",
        "user-agent": f"test {secrets['stream_key']}",
    }


def _made_for(function: str, secrets: Mapping[str, str], everything: str) -> Iterator[Named]:
    match function:
        case "chat_authorizer":
            headers = _headers(secrets)
            for name, ticket in (("ticket", secrets["ticket"]), ("other ticket", everything)):
                query = {"queryStringParameters": {"ticket": ticket}}
                yield name, {"methodArn": "arn:connect", "headers": headers, **query}
        case "chat_socket":
            yield from _frames(secrets, everything)
        case "moderation_worker":
            body = pending(f"my key is {everything}"[:400], user_id="ana")
            text = body.model_dump_json(by_alias=True, exclude_none=True)
            yield "message", _queued(text, MessageGroupId="g", MessageDeduplicationId="d")
            reveal = {"reveal": {"streamId": STREAM_ID, "messageId": MESSAGE_ID}}
            yield "reveal", _queued(json.dumps(reveal))
        case "fan_out_worker" | "audience_worker":
            image = message_item(message(f"my key is {everything}")).serialize()
            yield "change", _changed("ChatMessages", image)
        case "post_worker":
            told = {"type": "message", "id": MESSAGE_ID, "message": everything}
            to = {"connectionIds": ["c="], "streamId": STREAM_ID, "lane": "l"}
            posting = {"to": to, "events": [told]}
            yield "posting", _queued(json.dumps(posting), MessageGroupId="l", SequenceNumber="1")
        case "sweeper":
            gone = {"connectionId": "c=", "streamId": STREAM_ID, "at": to_rfc3339(_now())}
            yield "departure", _queued(json.dumps(gone))
        case "history_writer":
            yield "ended", _queued(json.dumps({"streamId": STREAM_ID, "note": everything}))
        case "erasure_worker":
            yield "stream", _queued(json.dumps({"work": "erase-stream", "streamId": STREAM_ID}))
        case "video_worker":
            work = {"channelId": "arn:c", "sessionId": "st", "streamId": STREAM_ID}
            yield "ingest", _queued(json.dumps({"work": "read-ingest", **work}))
        case "ivs_events":
            yield "started", _told_by_ivs(secrets["stream_key"])
        case "fault_reporter":
            yield "fault", _logged(everything)
        case _:
            yield "schedule", {}


def _frames(secrets: Mapping[str, str], everything: str) -> Iterator[Named]:
    soon = int((_now() + timedelta(minutes=30)).timestamp())
    identity = {
        "ticketId": "01JG00000000000000000000T2",
        "streamId": STREAM_ID,
        "ownerId": OWNER_ID,
        "viewerId": "ana",
        "userId": "ana",
        "displayName": "Ana",
        "role": "viewer",
        "isCounted": "true",
        "isSightCertain": "true",
        "expiresAt": str(soon),
        "connectionExpiresAt": str(soon),
    }
    context = {"connectionId": "c=", "requestId": "request-1", "authorizer": identity}
    query = {"queryStringParameters": {"ticket": secrets["ticket"]}, "headers": _headers(secrets)}
    yield "connect", {"requestContext": {**context, "routeKey": "$connect"}, **query}
    frame = {"action": "send-message", "streamId": STREAM_ID, "clientMessageId": "c1"}
    for name, said in (
        ("send", json.dumps({**frame, "message": f"my key is {everything}"[:400]})),
        ("heartbeat", json.dumps({"action": "heartbeat"})),
        ("resume", json.dumps({"action": "resume"})),
        ("unknown", json.dumps({"action": everything, "ticket": everything})),
        ("malformed", everything),
    ):
        yield name, {"requestContext": {**context, "routeKey": "$default"}, "body": said}
    yield "disconnect", {"requestContext": {**context, "routeKey": "$disconnect"}}


def _of_every_kind(secrets: Mapping[str, str], everything: str) -> Iterator[Named]:
    """Yield what no function expects of everybody: whatever it does then, it tells nothing."""
    yield "any: nothing", {}
    yield "any: nonsense", {**secrets, "Records": everything, "authorization": secrets["bearer"]}
    yield "any: queue", _queued(everything, MessageGroupId="g")
    yield "any: queue of JSON", _queued(json.dumps({**secrets, "reveal": secrets}))
    image = {name: {"S": value} for name, value in secrets.items()}
    yield "any: change", _changed("Streams", image)
    yield "any: change of a value", _changed("ChatMessages", {"streamId": {"N": everything}})
    yield "any: bus", {"id": "e", "source": "x", "detail-type": "y", "detail": dict(secrets)}
    yield "any: gateway", {"headers": _headers(secrets), "requestContext": {"routeKey": "GET /"}}
    yield "any: log", {"awslogs": {"data": everything}}
    properties = {"StandInKeyId": everything, "ServiceToken": everything}
    deployment = {"RequestType": "Create", "ResponseURL": f"http://127.0.0.1:9/?token={everything}"}
    yield "any: deployment", {**deployment, "ResourceProperties": properties}


def _queued(body: str, **attributes: str) -> Event:
    correlation = {"correlationId": {"stringValue": "request-1", "dataType": "String"}}
    record = {
        "messageId": "m1",
        "receiptHandle": "r1",
        "body": body,
        "attributes": {"ApproximateReceiveCount": "5", **attributes},
        "messageAttributes": correlation,
        "eventSource": "aws:sqs",
    }
    return {"Records": [record]}


def _changed(table: str, image: Mapping[str, Any]) -> Event:
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{table}/stream/2026"
    change = {"SequenceNumber": "1", "NewImage": dict(image), "Keys": dict(list(image.items())[:1])}
    record = {"eventID": "e1", "eventName": "INSERT", "eventSourceARN": arn, "dynamodb": change}
    return {"Records": [record]}


def _told_by_ivs(stream_key: str) -> Event:
    detail = {"event_name": "Stream Start", "channel_name": stream_key, "stream_id": "st-1"}
    return {
        "id": "event-1",
        "source": "aws.ivs",
        "detail-type": "IVS Stream State Change",
        "time": to_rfc3339(_now()),
        "resources": ["arn:aws:ivs:us-east-1:123456789012:channel/AbCd"],
        "detail": detail,
    }


def _logged(everything: str) -> Event:
    line = {"message": "x", "exception_name": "ValueError", "exception": everything}
    delivery = {
        "messageType": "DATA_MESSAGE",
        "logGroup": "/aws/lambda/chat_api",
        "logEvents": [{"message": json.dumps(line)}],
    }
    packed = gzip.compress(json.dumps(delivery).encode())
    return {"awslogs": {"data": base64.b64encode(packed).decode()}}


def _now() -> datetime:
    return datetime.now(UTC)
