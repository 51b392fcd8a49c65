"""Once and only once: a key is claimed by the first who comes, everybody after learns of what.

The table holds which thing a key made, never the answer that was given: an answer can carry a
secret, and what it says can have changed since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError

from ayinel_live.runtime.outages import refusal_code
from ayinel_live.runtime.tables import TableItem


class IdempotencyItem(TableItem):
    """One claimed key. `expiresAt` is epoch seconds; until DynamoDB deletes, the claim holds."""

    class Meta:
        """Table settings."""

    logical_name = "Idempotency"
    ttl_attribute = "expiresAt"

    idempotency_key = UnicodeAttribute(hash_key=True, attr_name="idempotencyKey")
    status = UnicodeAttribute(default="claimed")
    result_id = UnicodeAttribute(null=True, attr_name="resultId")
    # A digest of the request, so that one key cannot stand for two different requests.
    fingerprint = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(attr_name="expiresAt")


@dataclass(frozen=True, slots=True)
class Claim:
    """What is known of a key after claiming it.

    Attributes:
        is_first: Whether this call made the claim.
        result_id: The id of the thing that the key stands for.
        fingerprint: The digest of the request that claimed the key.
    """

    is_first: bool
    result_id: str
    fingerprint: str


class IdempotencyStore:
    """Claims on keys."""

    def claim(
        self, key: str, result_id: str, *, fingerprint: str, now: datetime, expires_at: datetime
    ) -> Claim:
        """Claim a key, or learn who did.

        Args:
            key: The key, with its scope in front (`start#user#…`).
            result_id: The id of the thing that is about to be made, never given before.
            fingerprint: A digest of the request.
            now: The current time; an expired claim is taken over.
            expires_at: When the claim ends.
        """
        item = IdempotencyItem(
            key,
            result_id=result_id,
            fingerprint=fingerprint,
            expires_at=int(expires_at.timestamp()),
        )
        for _ in range(3):
            try:
                item.save(
                    IdempotencyItem.idempotency_key.does_not_exist()
                    | (IdempotencyItem.expires_at < int(now.timestamp()))
                )
            except PutError as error:
                if refusal_code(error) != "ConditionalCheckFailedException":
                    raise
            else:
                return Claim(is_first=True, result_id=result_id, fingerprint=fingerprint)
            try:
                known = IdempotencyItem.get(key, consistent_read=True)
            except IdempotencyItem.DoesNotExist:
                continue  # Deleted at its end between the two calls: claim again.
            return Claim(
                # Where the answer was lost the client asks again, and finds its own claim.
                is_first=known.result_id == result_id,
                result_id=known.result_id or "",
                fingerprint=known.fingerprint or "",
            )
        raise RuntimeError("the claim came and went three times")
