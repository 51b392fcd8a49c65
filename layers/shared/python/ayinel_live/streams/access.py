"""Who may see a stream, for HTTP, chat and video alike."""

from __future__ import annotations

from typing import Protocol

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.model import Role
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.model import LiveStream, Visibility


class StreamRights(Protocol):
    """What is known of a person's rights beyond the stream itself."""

    def is_moderator(self, owner_id: str, user_id: str) -> bool:
        """Whether the person moderates the creator's channel."""

    def is_banned(self, owner_id: str, user_id: str) -> bool:
        """Whether the person is banned from the creator's channel."""

    def is_invited(self, stream_id: str, user_id: str) -> bool:
        """Whether the person is invited to the stream."""


class StoredRights:
    """Rights as the tables hold them.

    Args:
        clock: Tells whether a ban still runs.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._members = MemberStore()

    def is_moderator(self, owner_id: str, user_id: str) -> bool:
        """Whether the person moderates the creator's channel."""
        return self._members.get(owner_id, user_id).role is Role.MODERATOR

    def is_banned(self, owner_id: str, user_id: str) -> bool:
        """Whether the person is banned from the creator's channel."""
        return self._members.get(owner_id, user_id).is_banned(self._clock())

    def is_invited(self, stream_id: str, user_id: str) -> bool:
        """Whether the person is invited to the stream."""
        try:
            InvitationItem.get(stream_id, user_id, consistent_read=True)
        except InvitationItem.DoesNotExist:
            return False
        return True


def may_see(stream: LiveStream, caller: Caller | None, rights: StreamRights) -> bool:
    """Whether somebody may see a stream at all.

    Args:
        stream: The stream.
        caller: Who asks; None for somebody unknown.
        rights: What is known of the person's rights.
    """
    if stream.visibility is not Visibility.PRIVATE:
        return True
    if caller is None:
        return False
    if caller.is_operator or caller.user_id == stream.user_id:
        return True
    if rights.is_banned(stream.user_id, caller.user_id):
        return False
    return rights.is_invited(stream.stream_id, caller.user_id) or rights.is_moderator(
        stream.user_id, caller.user_id
    )


def require_sight(stream: LiveStream, caller: Caller | None, rights: StreamRights) -> None:
    """Refuse whoever may not see a stream, in the words of a stream that does not exist.

    Raises:
        NotFoundError: The stream's existence is not the caller's to know.
    """
    if not may_see(stream, caller, rights):
        raise NotFoundError("There is no such stream.")
