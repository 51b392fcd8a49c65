"""Invitations to private streams as they lie in DynamoDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.tables import TableItem


class InvitationsByUser(GlobalSecondaryIndex["InvitationItem"]):
    """The streams that one person is invited to: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "user"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    stream_id = UnicodeAttribute(range_key=True, attr_name="streamId")


class InvitationItem(TableItem):
    """One person's right to see one private stream."""

    class Meta:
        """Table settings."""

    logical_name = "Invitations"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    created_at = UnicodeAttribute(attr_name="createdAt")

    user_index = InvitationsByUser()


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person's right to see one private stream."""

    stream_id: str
    user_id: str
    created_at: datetime


class InvitationStore:
    """Invitations."""

    def put(self, stream_id: str, user_id: str, at: datetime) -> None:
        """Invite a person; inviting somebody twice changes nothing that matters."""
        InvitationItem(stream_id, user_id, created_at=to_rfc3339(at)).save()

    def delete(self, stream_id: str, user_id: str) -> None:
        """Withdraw an invitation; nothing where there is none."""
        InvitationItem(stream_id, user_id).delete()

    def page(self, stream_id: str, *, after: str | None, limit: int) -> Sequence[Invitation]:
        """Return a stream's invitations in the order of user ids.

        Args:
            stream_id: The stream.
            after: A user id; only later ones are returned.
            limit: How many at most.
        """
        later = InvitationItem.user_id > after if after else None
        found = InvitationItem.query(stream_id, later, limit=limit, page_size=limit)
        return [_invitation(item) for item in found]

    def count_up_to(self, stream_id: str, limit: int) -> int:
        """Return how many invitations a stream has, counting no further than a limit."""
        return InvitationItem.count(stream_id, limit=limit)

    def of_stream(self, stream_id: str) -> Iterator[str]:
        """Yield the ids of everybody invited to a stream."""
        return (item.user_id for item in InvitationItem.query(stream_id))

    def of_user(self, user_id: str) -> Iterator[str]:
        """Yield the streams that a person is invited to."""
        return (item.stream_id for item in InvitationItem.user_index.query(user_id))


def _invitation(item: InvitationItem) -> Invitation:
    return Invitation(item.stream_id, item.user_id, from_rfc3339(item.created_at))
