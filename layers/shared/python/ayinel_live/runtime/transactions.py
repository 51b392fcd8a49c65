"""Several items written together or not at all (TransactWriteItems), through the item classes.

Two transactions that touch one item at the same moment cancel each other; that is no refusal, so
those are tried again here. A failed condition is a decision and is handed up with the item that
made it fail, where the writer asked for it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from pynamodb.exceptions import TransactWriteError

from ayinel_live.runtime.errors import BusyError, UpstreamError
from ayinel_live.runtime.lazy_pynamodb import SharedConnection, TransactWrite
from ayinel_live.runtime.outages import refusal_code

__all__ = ["ConditionFailedError", "TransactWrite", "write_together"]

_ATTEMPTS = 5
_PAUSE_SECONDS = 0.02
_PASSING = frozenset({"TransactionConflict", "ProvisionedThroughputExceeded", "ThrottlingError"})


class ConditionFailedError(Exception):
    """A condition of the transaction did not hold, so nothing was written.

    Attributes:
        items: The raw item behind each failed condition (empty where there is none or it was not
            asked for), by the place of the write: condition checks first, then deletes, puts and
            updates, as PynamoDB orders them.
    """

    def __init__(self, items: dict[int, dict[str, Any]]) -> None:
        super().__init__(f"conditions {sorted(items)} did not hold")
        self.items = items


@cache
def _connection() -> SharedConnection:
    return SharedConnection()


def write_together(
    build: Callable[[TransactWrite], None], *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Write several items in one transaction.

    Args:
        build: Adds the writes to the transaction it is given; called again for each attempt.
        sleep: Waits between attempts.

    Raises:
        ConditionFailedError: A condition did not hold.
        BusyError: Others kept writing the same items.
        UpstreamError: DynamoDB throttled, failed or could not be reached.
    """
    for attempt in range(_ATTEMPTS):
        try:
            with TransactWrite(connection=_connection()) as transaction:
                build(transaction)
        except TransactWriteError as error:
            _raise_unless_passing(error)
            sleep(random.uniform(0.2, 1) * _PAUSE_SECONDS * 2**attempt)  # noqa: S311  jitter
        else:
            return
    raise BusyError("Somebody else is changing this right now.", retry_after_seconds=1)


def _raise_unless_passing(error: TransactWriteError) -> None:
    reasons = error.cancellation_reasons
    failed = {
        place: dict(reason.raw_item or {})
        for place, reason in enumerate(reasons)
        if reason is not None and reason.code == "ConditionalCheckFailed"
    }
    if failed:
        raise ConditionFailedError(failed) from error
    codes = {reason.code for reason in reasons if reason is not None}
    if codes and codes <= _PASSING:
        return
    if "ValidationError" in codes or refusal_code(error) == "ValidationException":
        raise error
    raise UpstreamError("The data store did not answer.", retry_after_seconds=1) from error
