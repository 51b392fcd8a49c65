"""A thread for each stream mapping, so that a slow handler delays no other mapping.

Upstream (services/lambda_svc.py, `_poll_loop`) polls every mapping on one thread and runs the
handlers of stream mappings on that thread; it also naps 50 ms after a wake that found nothing,
which here means after every record of a stream. And it hands out each record as soon as it is
written, so that a busy table costs an invocation a record; AWS looks four times a second, and what
came in between is one batch. Here a table that was quiet is looked at at once all the same.
"""

import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from ministack.core.concurrency import esm_wake
from ministack.services import dynamodb, lambda_svc

logger = logging.getLogger("ayinel.mappings")

# AWS polls a stream four times a second; here a write wakes the poller, if it is as long since.
# https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
POLL_SECONDS = 0.25

Key = tuple[str, str, str]
_own = threading.local()
_stopping = threading.Event()


def apply() -> None:
    """Replace the poll loop, and let each thread of ours see its own mapping only."""
    lambda_svc._poll_loop = _dispatch
    lambda_svc._iter_all_esms = _visible_mappings


def stop() -> None:
    """Let no mapping invoke its function any more, for the emulator is about to end."""
    _stopping.set()
    esm_wake.set()


def is_stopping() -> bool:
    """Say whether the emulator is about to end, so that a failure says nothing of the handler."""
    return _stopping.is_set()


class _Lane(threading.Thread):
    """Polls one stream mapping for as long as it exists."""

    def __init__(self, key: Key) -> None:
        super().__init__(name=f"mapping-{key[2]}", daemon=True)
        self.key = key
        self.work = threading.Event()

    def run(self) -> None:
        _own.key = self.key
        while self.key in lambda_svc._esms._data and not _stopping.is_set():
            self.work.wait(POLL_SECONDS)
            self.work.clear()
            began = time.monotonic()
            while not _stopping.is_set() and _poll_streams():
                _stopping.wait(max(0.0, began + POLL_SECONDS - time.monotonic()))
                began = time.monotonic()


def _poll_streams() -> bool:
    try:
        return bool(lambda_svc._poll_dynamodb_streams() or lambda_svc._poll_kinesis())
    except Exception:
        logger.exception("A stream mapping failed")
        time.sleep(POLL_SECONDS)
        return False


def _visible_mappings() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield account, region and record of the mappings that the calling thread may work on."""
    own: Key | None = getattr(_own, "key", None)
    for key, mapping in list(lambda_svc._esms._data.items()):
        if own in (None, key):
            yield key[0], key[1], mapping


def _has_unread(key: Key, mapping: dict[str, Any]) -> bool:
    """Say whether a lane must look at once; one that need not looks by itself before long."""
    source = mapping.get("EventSourceArn", "")
    if ":dynamodb:" not in source or "/stream/" not in source:
        return True
    table = source.split("/stream/")[0].rpartition("/")[2]
    end = dynamodb.stream_end_position(table, account_id=key[0], region=key[1])
    position: int | None = lambda_svc._dynamodb_stream_positions._data.get(key)
    return position is None or position < end


def _dispatch() -> None:
    """Wake the lanes, start those of new mappings, and hand out queue messages.

    Queue handlers have threads of their own upstream already (`_dispatch_esm_batch`).
    """
    lanes: dict[Key, _Lane] = {}
    while not _stopping.is_set():
        esm_wake.wait(POLL_SECONDS)
        esm_wake.clear()
        for key, mapping in list(lambda_svc._esms._data.items()):
            if ":sqs:" not in mapping.get("EventSourceArn", ""):
                lane = lanes.get(key)
                if lane is None or not lane.is_alive():
                    lane = lanes[key] = _Lane(key)
                    lane.start()
                if _has_unread(key, mapping):
                    lane.work.set()
        try:
            while not _stopping.is_set() and lambda_svc._poll_sqs():
                pass
        except Exception:
            logger.exception("A queue mapping failed")
            time.sleep(POLL_SECONDS)
