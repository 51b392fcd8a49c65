"""Calls to Amazon IVS: tried again while the request's time lasts, refusals in our words.

IVS allows five calls a second per operation for the whole account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.video.budget import RequestBudget
from ayinel_live.video.model import (
    ChannelBusyError,
    ChannelNotFoundError,
    NotBroadcastingError,
    ProviderThrottledError,
)

_THROTTLED = frozenset({"ThrottlingException", "TooManyRequestsException", "Throttling"})
_PASSING = frozenset({"InternalServerException", "ServiceUnavailable", "StreamUnavailable"})
_RETRY_AFTER_SECONDS = 5.0

Answer = Mapping[str, Any]


class IvsCalls:
    """Calls an operation by its botocore name.

    Args:
        client: Gives a botocore `ivs` client that tries once; asked when the first call is made.
        budget: The time that one request has.
    """

    def __init__(self, client: Callable[[], Any], budget: RequestBudget) -> None:
        self._client = client
        self._budget = budget

    def __call__(self, operation: str, **arguments: object) -> Answer:
        """Return what IVS answers.

        Args:
            operation: Such as `create_channel`.
            arguments: Under IVS's names.

        Raises:
            ChannelNotFoundError: There is no such channel, key or session.
            NotBroadcastingError: Nobody pushes.
            ChannelBusyError: The channel is on air.
            ProviderThrottledError: IVS refuses for rate until the request's time is over.
            UpstreamError: IVS failed, or refused for another reason.
        """
        return self._try(operation, arguments, lambda: None)

    def make(
        self, operation: str, look: Callable[[], Answer | None], arguments: Mapping[str, object]
    ) -> Answer:
        """Return what IVS answers to a call that would make a second thing if it came again.

        Args:
            operation: Such as `create_channel`.
            look: Finds what an earlier try has made, for only its answer may have been lost; what
                it returns stands for that answer.
            arguments: Under IVS's names.

        Raises:
            ProviderThrottledError: IVS refuses for rate until the request's time is over.
            UpstreamError: IVS failed, or refused for another reason.
        """
        return self._try(operation, arguments, look)

    def _try(
        self, operation: str, arguments: Mapping[str, object], look: Callable[[], Answer | None]
    ) -> Answer:
        method: Callable[..., Answer] = getattr(self._client(), operation)
        while True:
            try:
                return method(**arguments)
            except ClientError as error:
                code = error.response.get("Error", {}).get("Code", "")
                if code in _THROTTLED:
                    if self._budget.wait():
                        continue
                    raise ProviderThrottledError(
                        "The video service is busy.", retry_after_seconds=_RETRY_AFTER_SECONDS
                    ) from None
                if code not in _PASSING or not self._budget.wait():
                    raise _translated(code, operation) from None
            except BotoCoreError:
                # The text of the fault can hold the request, keys included: it goes no further.
                if not self._budget.wait():
                    raise _translated("", operation) from None
            if (found := look()) is not None:
                return found


def _translated(code: str, operation: str) -> Exception:
    match code:
        case "ResourceNotFoundException":
            return ChannelNotFoundError("The video service knows no such channel.")
        case "ChannelNotBroadcasting":
            return NotBroadcastingError("Nobody pushes to this stream.")
        case "ConflictException":
            return ChannelBusyError(
                "The channel is on air, or only just went off.",
            )
    return UpstreamError(
        f"The video service refused ({operation}).",
        retry_after_seconds=_RETRY_AFTER_SECONDS,
        extra={"providerCode": code} if code else None,
    )
