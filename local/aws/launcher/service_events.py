"""Events of AWS services, which PutEvents refuses from anyone but AWS.

The video stand-in is the AWS of this machine, and puts its `aws.ivs` events here. Time and id are
taken as given, because AWS delivers late and twice, and tests must be able to.
"""

import json
import time
from datetime import datetime
from typing import Any

from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import eventbridge


class MalformedEventError(ValueError):
    """Raised when an event lacks a member of the envelope or spells it wrongly."""


def put(events: list[dict[str, Any]]) -> list[str]:
    """Put events on the default bus in the envelope in which rules see them.

    Args:
        events: Each with `source`, `detail-type` and `detail`; `id`, `time` (RFC 3339) and
            `resources` if they are to be other than fresh, now and none.

    Returns:
        The ids of the events.

    Raises:
        MalformedEventError: When one of the events is not of that shape; none is put then.
    """
    records = [_record(event) for event in events]
    for record in records:
        view = eventbridge._pattern_event_view(record)
        eventbridge._dispatch_event(record, view)
        eventbridge._archive_event(record, view)
    return [record["EventId"] for record in records]


def _record(event: dict[str, Any]) -> dict[str, Any]:
    try:
        at = event.get("time")
        return {
            "EventId": event.get("id") or new_uuid(),
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
            "EventBusName": "default",
            "Time": int(datetime.fromisoformat(at).timestamp() if at else time.time()),
            "Resources": event.get("resources", []),
            "Account": get_account_id(),
            "Region": get_region(),
        }
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedEventError(f"An event is malformed: {error!r}") from error
