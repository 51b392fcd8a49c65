"""Log lines of faults in; what is new among them, once a day each, out on a topic."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger

from ayinel_live.runtime import metrics
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import utc_now
from ayinel_live.runtime.telemetry import Telemetry
from functions.fault_reporter.faults import Fault, fault_from
from functions.fault_reporter.settings import FaultReporterSettings

# A fault that is still there the next day is told again.
SILENT_FOR = timedelta(days=1)
# Longer than a run of this function takes, and over when Lambda calls a failed one again, a minute
# later: what could not be told then is told now.
TELLING_TAKES = timedelta(seconds=30)

settings = FaultReporterSettings.from_environment()
logger = Logger(service="fault_reporter")
telemetry = Telemetry("fault_reporter", settings.stage, logger)


@telemetry.watch
def handler(event: Mapping[str, Any], context: object) -> None:
    """Tell of the new faults of a delivery.

    Args:
        event: A delivery of a log group's subscription filter.
        context: Not needed.
    """
    for fault in {fault.fingerprint: fault for fault in _faults(event)}.values():
        if _is_new(fault):
            _tell(fault)
            _remember(fault)
            telemetry.count(metrics.FAULTS_REPORTED)


def _faults(event: Mapping[str, Any]) -> Iterator[Fault]:
    delivery = json.loads(gzip.decompress(base64.b64decode(event["awslogs"]["data"])))
    if delivery.get("messageType") != "DATA_MESSAGE":
        return
    service = delivery["logGroup"].rpartition("/")[2]
    for line in delivery["logEvents"]:
        fault = fault_from(service, line["message"])
        if fault is not None:
            yield fault


def _is_new(fault: Fault) -> bool:
    client, now = aws_client("dynamodb"), int(utc_now().timestamp())
    try:
        client.put_item(
            TableName=settings.idempotency_table,
            Item=_mark(fault, "telling", now + int(TELLING_TAKES.total_seconds())),
            ConditionExpression="attribute_not_exists(idempotencyKey) OR expiresAt <= :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
        )
    except client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def _remember(fault: Fault) -> None:
    end = int((utc_now() + SILENT_FOR).timestamp())
    aws_client("dynamodb").put_item(
        TableName=settings.idempotency_table, Item=_mark(fault, "told", end)
    )


def _mark(fault: Fault, status: str, expires_at: int) -> dict[str, dict[str, str]]:
    return {
        "idempotencyKey": {"S": f"fault#{fault.fingerprint}"},
        "status": {"S": status},
        "expiresAt": {"N": str(expires_at)},
    }


def _tell(fault: Fault) -> None:
    if not settings.fault_topic_arn:
        return
    aws_client("sns").publish(
        TopicArn=settings.fault_topic_arn,
        Subject=f"{settings.stage}: {fault.kind} in {fault.service}"[:100],
        Message=json.dumps({"stage": settings.stage, **asdict(fault)}, indent=2),
        MessageAttributes={
            "service": {"DataType": "String", "StringValue": fault.service},
            "fingerprint": {"DataType": "String", "StringValue": fault.fingerprint},
        },
    )
