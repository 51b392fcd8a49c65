"""Pages of a stream's chat: its history, and what waits for a moderator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ayinel_live.channels.model import Actor
from ayinel_live.chat.model import ChatMessage
from ayinel_live.identity.callers import Caller
from ayinel_live.identity.cursors import Cursors
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.streams.model import LiveStream

PAGE_MAX = 100


class Streams(Protocol):
    """Reads streams."""

    def get(self, stream_id: str) -> LiveStream:
        """Return a stream, whoever asks."""
        ...

    def get_visible(self, stream_id: str, caller: Caller | None) -> LiveStream:
        """Return a stream that the caller may see."""
        ...


class Messages(Protocol):
    """Reads messages."""

    def shown(self, stream_id: str, *, before: str | None, limit: int) -> Sequence[ChatMessage]:
        """Return shown messages, newest first."""
        ...

    def held(self, stream_id: str, *, after: str | None, limit: int) -> Sequence[ChatMessage]:
        """Return messages that wait for a moderator, oldest first."""
        ...

    def newest_change(self, stream_id: str, *, until: datetime) -> str | None:
        """Return the id of the newest change that every viewer is told of."""
        ...


class Moderators(Protocol):
    """Knows who moderates."""

    def require_moderator(self, actor: Actor, owner_id: str) -> None:
        """Refuse whoever may not look behind the scenes of a channel."""
        ...


@dataclass(frozen=True, slots=True)
class MessagePage:
    """A page of messages.

    Attributes:
        messages: The messages.
        next_cursor: Where the next page starts; None on the last.
        newest_change_id: On the first page of a history: from where to resume.
    """

    messages: tuple[ChatMessage, ...]
    next_cursor: str | None
    newest_change_id: str | None = None


class ChatPages:
    """Reads pages for those who may see them.

    Args:
        streams: Reads streams.
        messages: Reads messages.
        moderators: Knows who moderates.
        cursors: Makes and reads cursors.
        clock: Tells the time.
    """

    def __init__(
        self,
        streams: Streams,
        messages: Messages,
        moderators: Moderators,
        cursors: Cursors,
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._messages = messages
        self._moderators = moderators
        self._cursors = cursors
        self._clock = clock

    def history(
        self, stream_id: str, caller: Caller | None, cursor: str | None, limit: int
    ) -> MessagePage:
        """Return shown messages, newest first.

        Args:
            stream_id: The stream.
            caller: Who asks; None for nobody known.
            cursor: From the page before.
            limit: How many at most.

        Raises:
            NotFoundError: There is no such stream, or none that the caller may know of.
            InvalidInputError: The cursor is not one of this list.
        """
        self._streams.get_visible(stream_id, caller)
        scope = f"messages#{stream_id}"
        if cursor:
            before = self._cursors.open(scope, cursor)
            return self._page(
                scope, self._messages.shown(stream_id, before=before, limit=limit), limit
            )
        # Asked for first: what changes while the page is read is then told again by resume.
        newest = self._messages.newest_change(stream_id, until=self._clock())
        found = self._messages.shown(stream_id, before=None, limit=limit)
        return self._page(scope, found, limit, newest)

    def held(self, stream_id: str, caller: Caller, cursor: str | None, limit: int) -> MessagePage:
        """Return messages that wait for a moderator, oldest first.

        Args:
            stream_id: The stream.
            caller: Who asks.
            cursor: From the page before.
            limit: How many at most.

        Raises:
            NotFoundError: There is no such stream, or none that the caller may know of.
            NotModeratorError: The caller does not moderate the channel.
            InvalidInputError: The cursor is not one of this list.
        """
        stream = self._streams.get_visible(stream_id, caller)
        scope = f"held-messages#{stream_id}"
        after = self._cursors.open(scope, cursor) if cursor else None
        self._moderators.require_moderator(Actor.from_caller(caller), stream.user_id)
        return self._page(scope, self._messages.held(stream_id, after=after, limit=limit), limit)

    def _page(
        self, scope: str, found: Sequence[ChatMessage], limit: int, newest: str | None = None
    ) -> MessagePage:
        is_full = len(found) >= limit
        next_cursor = self._cursors.seal(scope, found[-1].message_id) if is_full else None
        return MessagePage(tuple(found), next_cursor, newest)
