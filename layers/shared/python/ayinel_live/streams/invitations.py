"""Who may see a private stream beside its owner and moderators."""

from __future__ import annotations

from collections.abc import Sequence

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import ConflictError, InvalidInputError
from ayinel_live.streams.invitation_store import Invitation, InvitationStore
from ayinel_live.streams.model import LiveStream

MAX_INVITATIONS = 1000


class Invitations:
    """Invites and uninvites.

    Withdrawing closes the person's chat and playback through the table's changes, so that it holds
    however the request ends.

    Args:
        store: Where invitations lie.
        clock: Tells when they were made.
    """

    def __init__(self, store: InvitationStore | None = None, clock: Clock = utc_now) -> None:
        self._store = store or InvitationStore()
        self._clock = clock

    def invite(self, stream: LiveStream, user_id: str) -> None:
        """Invite a person; it takes effect while the stream is PRIVATE.

        Raises:
            InvalidInputError: The owner needs no invitation.
            ConflictError: The stream has as many invitations as one can have; who is invited
                already stays so, full or not.
        """
        if user_id == stream.user_id:
            raise InvalidInputError("The owner needs no invitation.", code="own-invitation")
        now = self._clock()
        if not self._store.put(stream.stream_id, user_id, now, limit=MAX_INVITATIONS):
            raise ConflictError(
                f"A stream has {MAX_INVITATIONS} invitations at most.", code="too-many-invitations"
            )

    def withdraw(self, stream: LiveStream, user_id: str) -> None:
        """Take an invitation back."""
        self._store.delete(stream.stream_id, user_id)

    def page(self, stream: LiveStream, *, after: str | None, limit: int) -> Sequence[Invitation]:
        """Return some of a stream's invitations, in the order of user ids."""
        return self._store.page(stream.stream_id, after=after, limit=limit)
