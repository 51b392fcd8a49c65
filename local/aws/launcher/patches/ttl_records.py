"""What TTL removes appears in the table's stream, as a removal by DynamoDB itself.

Upstream (services/dynamodb.py, `_ttl_reaper`) removes expired items once a minute without a word.
On AWS the stream gets a REMOVE record with the old image and the service as its user identity:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html
"""

import logging
import sys
import threading
import time
from contextvars import ContextVar
from typing import Any
from unittest.mock import patch

logger = logging.getLogger("ayinel.ttl")

SCAN_SECONDS = 2.0
# A scan holds the service's lock: it may take one part in fifty of the time.
PAUSE_FOR_EACH_SECOND_OF_SCAN = 50
_UPSTREAM_THREAD = "dynamodb-ttl-reaper"
_IDENTITY = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
_expiring = ContextVar("expiring", default=False)


def apply() -> None:
    """Load the service without its own reaper, and start ours."""
    if "ministack.services.dynamodb" in sys.modules:
        raise RuntimeError("The reaper of DynamoDB's TTL runs already")
    start = threading.Thread.start

    def start_all_but_reaper(thread: threading.Thread) -> None:
        if thread.name != _UPSTREAM_THREAD:
            start(thread)

    with patch.object(threading.Thread, "start", start_all_but_reaper):
        from ministack.services import dynamodb

    build_record = dynamodb._build_change_record

    def build_with_identity(*arguments: Any) -> dict[str, Any]:
        record: dict[str, Any] = build_record(*arguments)
        if _expiring.get():
            record["userIdentity"] = _IDENTITY
        return record

    dynamodb._build_change_record = build_with_identity
    threading.Thread(target=_reap, name="ttl", daemon=True).start()


def _reap() -> None:
    from ministack.services import dynamodb

    _expiring.set(True)
    pause = SCAN_SECONDS
    while True:
        time.sleep(pause)
        began = time.monotonic()
        try:
            for (account, region, table), setting in list(dynamodb._ttl_settings.all_items()):
                if setting.get("TimeToLiveStatus") == "ENABLED":
                    _reap_table(account, region, table, setting["AttributeName"])
        except Exception:
            logger.exception("Expired items were not removed")
        pause = max(SCAN_SECONDS, (time.monotonic() - began) * PAUSE_FOR_EACH_SECOND_OF_SCAN)


def _reap_table(account: str, region: str, name: str, attribute: str) -> None:
    from ministack.core.responses import _request_account_id, _request_region
    from ministack.services import dynamodb

    _request_account_id.set(account)
    _request_region.set(region)
    with dynamodb._lock:
        table = dynamodb._tables.get(name)
        if table is None:
            return
        now = time.time()
        expired = [
            (key, sort_key, item)
            for key, items in table["items"].items()
            for sort_key, item in items.items()
            if _expires_before(item.get(attribute), now)
        ]
        for key, sort_key, item in expired:
            dynamodb._remove_item(table, key, sort_key)
            dynamodb._emit_stream_event(name, "REMOVE", item, None)


def _expires_before(value: Any, now: float) -> bool:
    """Heed numbers only: DynamoDB ignores items whose TTL attribute is of another type."""
    return isinstance(value, dict) and "N" in value and float(value["N"]) <= now
