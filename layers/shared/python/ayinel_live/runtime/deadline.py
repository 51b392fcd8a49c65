"""When the running invocation is ended, for clients that would be cut off in the middle.

A function that Lambda ends cannot say that it may be tried again: the gateway answers in its place
with a fault without a reason. So no request to AWS is begun that might not be answered in time;
what was asked for is then refused like any outage.
"""

from __future__ import annotations

import math
import time
from typing import Any

from ayinel_live.runtime.errors import UpstreamError

# What telling of it takes at most, metrics and log included.
_TELLING_SECONDS = 0.25
_RETRY_AFTER_SECONDS = 1.0


class _Invocation:
    """The one that runs: a process of Lambda has one at a time."""

    ends_at = math.inf


def begin_invocation(context: Any) -> None:
    """Remember when the invocation is ended.

    Args:
        context: Lambda's context; one that does not know its end sets no limit.
    """
    left = getattr(context, "get_remaining_time_in_millis", None)
    _Invocation.ends_at = math.inf if left is None else time.monotonic() + left() / 1000


def end_invocation() -> None:
    """Forget what `begin_invocation` has remembered."""
    _Invocation.ends_at = math.inf


def begin_nothing_too_late(client: Any, seconds: float) -> None:
    """Have a botocore client refuse, with `UpstreamError`, what could outlast the invocation.

    Each attempt is looked at by itself: what was tried twice in vain is not tried a third time.

    Args:
        client: A botocore client.
        seconds: How long one attempt can take at most, connecting included.
    """

    def look(**_: object) -> None:
        if time.monotonic() + seconds + _TELLING_SECONDS > _Invocation.ends_at:
            raise UpstreamError(
                "A service that this stands on did not answer in time.",
                retry_after_seconds=_RETRY_AFTER_SECONDS,
            )

    client.meta.events.register("before-send", look)
