"""Rates that hold over all copies of a function, by the generic cell rate algorithm.

An item remembers the theoretical arrival time of the next one. One conditional write is all that
an act within its rate costs; one that comes early, but within the burst, takes a second, because
DynamoDB has no maximum of two values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import RateLimitedError, UpstreamError

_ITEM_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many within so long, all of them at once if the subject likes.

    Attributes:
        times: How many.
        window: Within how long; an hour at most.
    """

    times: int
    window: timedelta

    @property
    def interval_milliseconds(self) -> int:
        """How far apart they are when they come evenly."""
        return self.window_milliseconds // self.times

    @property
    def window_milliseconds(self) -> int:
        """The window in milliseconds."""
        return int(self.window.total_seconds() * 1000)


class RateLimits:
    """Holds subjects to rates.

    Args:
        table_name: The Idempotency table, whose items go by themselves.
        client: Makes the DynamoDB client, on first use.
    """

    def __init__(
        self, table_name: str, client: Callable[[], Any] = lambda: aws_client("dynamodb")
    ) -> None:
        self._table_name = table_name
        self._client = client

    def take(self, subject: str, rate: Rate, now: datetime, *, refusal: str) -> None:
        """Count one act.

        Args:
            subject: Whose; it is stored as it is, so it must name nobody.
            rate: How many the subject may.
            now: The current time.
            refusal: What who comes too often is told.

        Raises:
            RateLimitedError: The subject has come too often; it says when to come again.
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """
        at, interval = to_milliseconds(now), rate.interval_milliseconds
        ends = {":ends": {"N": str(int((now + _ITEM_LIFE).timestamp()))}}
        plain = {":now": {"N": str(at)}, ":next": {"N": str(at + interval)}, **ends}
        tat = self._update(
            subject,
            "SET tat = :next, expiresAt = :ends",
            "attribute_not_exists(tat) OR tat <= :now",
            plain,
        )
        if tat is None:
            return
        latest = at + rate.window_milliseconds - interval
        if tat <= latest:
            early = {":interval": {"N": str(interval)}, ":latest": {"N": str(latest)}, **ends}
            tat = self._update(
                subject, "SET tat = tat + :interval, expiresAt = :ends", "tat <= :latest", early
            )
            if tat is None:
                return
        raise RateLimitedError(refusal, retry_after_seconds=max(1, tat - latest) / 1000)

    def _update(
        self, subject: str, update: str, condition: str, values: dict[str, dict[str, str]]
    ) -> int | None:
        """Return None where it was written, else the arrival time that stood against it."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            self._client().update_item(
                TableName=self._table_name,
                Key={"idempotencyKey": {"S": subject}},
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                failed: Any = error.response
                return int(failed.get("Item", {}).get("tat", {}).get("N", 0))
            raise UpstreamError("The rate cannot be told.", retry_after_seconds=1) from error
        except BotoCoreError as error:
            raise UpstreamError("The rate cannot be told.", retry_after_seconds=1) from error
        return None
