"""Invitations to private streams as they lie in DynamoDB, and beside them how many there are.

The count lies in the same table under a key that no stream has, so that reading a stream's
invitations never meets it, and is written with each invitation in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.tables import TableItem
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together

# No id of a stream ends like this.
_COUNT_SUFFIX = "#count"


class InvitationsByUser(GlobalSecondaryIndex["InvitationItem"]):
    """The streams that one person is invited to: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "user"
        projection = KeysOnlyProjection()

    user_id = UnicodeAttribute(hash_key=True, attr_name="userId")
    stream_id = UnicodeAttribute(range_key=True, attr_name="streamId")


class InvitationItem(TableItem):
    """One person's right to see one private stream, or how many a stream has."""

    class Meta:
        """Table settings."""

    logical_name = "Invitations"
    stream_view = "NEW_AND_OLD_IMAGES"

    stream_id = UnicodeAttribute(hash_key=True, attr_name="streamId")
    user_id = UnicodeAttribute(range_key=True, attr_name="userId")
    created_at = UnicodeAttribute(attr_name="createdAt")
    # On the count alone, which has no `created_at`.
    count_now = NumberAttribute(null=True, attr_name="countNow")

    user_index = InvitationsByUser()


@dataclass(frozen=True, slots=True)
class Invitation:
    """One person's right to see one private stream."""

    stream_id: str
    user_id: str
    created_at: datetime


class InvitationStore:
    """Invitations."""

    def put(self, stream_id: str, user_id: str, at: datetime, *, limit: int) -> bool:
        """Invite a person; inviting somebody twice changes nothing.

        Args:
            stream_id: The stream.
            user_id: The person.
            at: The current time.
            limit: How many the stream can have.

        Returns:
            Whether the person is invited now; False where the stream has as many as it can have.

        Raises:
            BusyError: Others kept changing the stream's invitations.
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """

        def build(transaction: TransactWrite) -> None:
            transaction.save(
                InvitationItem(stream_id, user_id, created_at=to_rfc3339(at)),
                InvitationItem.stream_id.does_not_exist(),
            )
            transaction.update(
                _count_of(stream_id),
                [InvitationItem.count_now.add(1)],
                condition=InvitationItem.count_now.does_not_exist()
                | (InvitationItem.count_now < limit),
            )

        try:
            write_together(build)
        except ConditionFailedError as error:
            # The first write is the invitation itself: it failed because it is there already.
            return 0 in error.items
        return True

    def delete(self, stream_id: str, user_id: str) -> None:
        """Withdraw an invitation; nothing where there is none.

        Raises:
            BusyError: Others kept changing the stream's invitations.
            UpstreamError: DynamoDB throttled, failed or could not be reached.
        """

        def build(transaction: TransactWrite) -> None:
            transaction.delete(
                InvitationItem(stream_id, user_id), InvitationItem.stream_id.exists()
            )
            transaction.update(_count_of(stream_id), [InvitationItem.count_now.add(-1)])

        try:
            write_together(build)
        except ConditionFailedError:
            return

    def erase_stream(self, stream_id: str) -> None:
        """Delete all invitations of a stream, and their count last."""
        for user_id in list(self.of_stream(stream_id)):
            InvitationItem(stream_id, user_id).delete()
        _count_of(stream_id).delete()

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

    def of_stream(self, stream_id: str) -> Iterator[str]:
        """Yield the ids of everybody invited to a stream."""
        return (item.user_id for item in InvitationItem.query(stream_id))

    def of_user(self, user_id: str) -> Iterator[str]:
        """Yield the streams that a person is invited to."""
        return (item.stream_id for item in InvitationItem.user_index.query(user_id))


def is_count(stream_id: str) -> bool:
    """Whether the key of an item is that of a count, which is nobody's invitation."""
    return stream_id.endswith(_COUNT_SUFFIX)


def _count_of(stream_id: str) -> InvitationItem:
    # The stream's id in place of a person's spreads the counts in the index of people.
    return InvitationItem(f"{stream_id}{_COUNT_SUFFIX}", stream_id)


def _invitation(item: InvitationItem) -> Invitation:
    return Invitation(item.stream_id, item.user_id, from_rfc3339(item.created_at))
