"""Handlers that answer or note down what they are given."""

import json
import os
import time
from typing import Any

import boto3

Event = dict[str, Any]


def _note(subject: str, event: Any) -> None:
    table = boto3.resource("dynamodb").Table(os.environ["JOURNAL"])
    at = f"{time.time_ns():020d}"
    table.put_item(Item={"subject": subject, "at": at, "event": json.dumps(event)})


def echo(event: Event, _context: object) -> Event:
    environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return {
        "statusCode": 200,
        "cookies": ["seen=yes; Path=/"],
        "body": json.dumps({"event": event, "environment": environment}),
    }


def authorize(event: Event, _context: object) -> Event:
    ticket = event["queryStringParameters"]["ticket"]
    statement = {
        "Action": "execute-api:Invoke",
        "Effect": "Allow" if ticket.startswith("good") else "Deny",
        "Resource": event["methodArn"],
    }
    return {
        "principalId": ticket,
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"viewerId": ticket, "anonymous": True},
    }


def socket(event: Event, _context: object) -> Event:
    context = event["requestContext"]
    _note("Socket", event)
    if context["routeKey"] == "$connect":
        offered = event["headers"].get("sec-websocket-protocol", "")
        chosen = {"Sec-WebSocket-Protocol": "chat.v1"} if "chat.v1" in offered else {}
        return {"statusCode": 200, "headers": chosen}
    if context["routeKey"] == "send":
        stage = f"{os.environ['AWS_ENDPOINT_URL']}/_aws/execute-api/{context['apiId']}/live"
        boto3.client("apigatewaymanagementapi", endpoint_url=stage).post_to_connection(
            ConnectionId=context["connectionId"], Data=json.dumps({"viewer": context["authorizer"]})
        )
    return {"statusCode": 200}


def note_records(event: Event, _context: object) -> Event:
    for record in event["Records"]:
        _note(os.environ["SUBJECT"], record)
    return {"batchItemFailures": []}


def note_event(event: Event, _context: object) -> None:
    _note(os.environ["SUBJECT"], event)
