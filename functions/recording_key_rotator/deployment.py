"""Calls of CloudFormation: a deployment waits for its first key and takes its keys along.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

_ANSWER_SECONDS = 10.0


def is_of_deployment(event: Mapping[str, Any]) -> bool:
    """Say whether CloudFormation sent an event."""
    return "RequestType" in event and "ResponseURL" in event


def answer(event: Mapping[str, Any], act: Callable[[Mapping[str, Any]], None]) -> None:
    """Do what CloudFormation asks for and tell it how that went.

    Args:
        event: Its request; the address in it is a secret of its own.
        act: Does the work; what it raises fails the deployment.
    """
    status, reason = "SUCCESS", ""
    try:
        act(event)
    except Exception as error:
        # The kind alone: a message may quote what it was about.
        status, reason = "FAILED", f"{type(error).__name__}: see the function's log"
        raise
    finally:
        _tell(event, status, reason)


def _tell(event: Mapping[str, Any], status: str, reason: str) -> None:
    told = {
        "Status": status,
        "Reason": reason,
        "PhysicalResourceId": event.get("PhysicalResourceId") or event["LogicalResourceId"],
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
    }
    request = urllib.request.Request(  # noqa: S310  the address is CloudFormation's
        event["ResponseURL"],
        data=json.dumps(told).encode(),
        method="PUT",
        # As the address was signed: with no content type.
        headers={"content-type": ""},
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_SECONDS):  # noqa: S310  likewise
        return
