"""The write that every message costs, without PynamoDB: it is the product's hottest path.

The names are those of `ChatterItem`, which a test compares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ayinel_live.channels.pseudonyms import chatter_id
from ayinel_live.chat.admission import Attempt, Item, admission_write
from ayinel_live.chat.message_key import marker_key
from ayinel_live.runtime.aws import aws_client
from ayinel_live.runtime.errors import UpstreamError

_CONDITION_FAILED = "ConditionalCheckFailedException"
# A ban is being written to the same item in a transaction right now.
_CONFLICT = "TransactionConflictException"


@dataclass(frozen=True, slots=True)
class Written:
    """What came of the write: whether it was admitted, and the item as it was before."""

    is_admitted: bool
    before: Item


class ChatterStore:
    """Decides about messages, in the Chatters table.

    Args:
        chatters_table: The Chatters table.
        idempotency_table: The Idempotency table, which knows of stored messages.
        client: Makes the DynamoDB client, on first use.
    """

    def __init__(
        self,
        chatters_table: str,
        idempotency_table: str,
        client: Callable[[], Any] = lambda: aws_client("dynamodb"),
    ) -> None:
        self._chatters_table = chatters_table
        self._idempotency_table = idempotency_table
        self._client = client

    def admit(self, attempt: Attempt, *, is_burst: bool = False) -> Written:
        """Try to admit a message, in one request.

        Args:
            attempt: The attempt.
            is_burst: Whether it is the second write, for a message that came early.

        Raises:
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """
        write = admission_write(attempt, is_burst=is_burst)
        for _ in range(2):
            written = self._update(attempt, write)
            if written is not None:
                return written
        raise UpstreamError("The chat did not answer.", retry_after_seconds=1)

    def _update(self, attempt: Attempt, write: Mapping[str, Any]) -> Written | None:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client().update_item(
                TableName=self._chatters_table,
                Key={
                    "ownerId": {"S": attempt.sender.owner_id},
                    "chatterId": {
                        "S": chatter_id(attempt.sender.owner_id, attempt.sender.viewer_id)
                    },
                },
                ReturnValues="ALL_OLD",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **write,
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _CONDITION_FAILED:
                failed: Any = error.response
                return Written(is_admitted=False, before=failed.get("Item", {}))
            if code == _CONFLICT:
                return None
            raise UpstreamError("The chat did not answer.", retry_after_seconds=1) from error
        except BotoCoreError as error:
            raise UpstreamError("The chat did not answer.", retry_after_seconds=1) from error
        return Written(is_admitted=True, before=answer.get("Attributes", {}))

    def stored_id(self, key: str) -> str | None:
        """Return the id under which a message was stored, or None.

        Args:
            key: The message's key.

        Raises:
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._client().get_item(
                TableName=self._idempotency_table,
                Key={"idempotencyKey": {"S": marker_key(key)}},
                ProjectionExpression="resultId",
            )
        except (BotoCoreError, ClientError) as error:
            raise UpstreamError("The chat did not answer.", retry_after_seconds=1) from error
        stored: str | None = answer.get("Item", {}).get("resultId", {}).get("S")
        return stored
