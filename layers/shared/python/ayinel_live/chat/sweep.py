"""Taking away what one person wrote in a creator's chats lately, as a sanction may ask for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from ayinel_live.channels.model import Actor
from ayinel_live.chat.model import ChatMessage
from ayinel_live.runtime.clock import Clock, utc_now

# Of one call: what a person can write in a quarter of an hour, and what fits into the time that the
# gateway gives an answer. More is gone after another call.
MESSAGES_MAX = 500


class Messages(Protocol):
    """Finds messages."""

    def written_by(
        self, user_id: str, owner_id: str, *, since: datetime, limit: int
    ) -> Sequence[ChatMessage]:
        """Return what a person wrote in a creator's chats and is still there, newest first."""
        ...


class Remover(Protocol):
    """Takes messages away."""

    def remove(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        """Take a message away."""
        ...


class PersonSweep:
    """Takes a person's messages away, each as if it had been removed by itself: told and logged.

    Args:
        messages: Finds messages.
        remover: Takes them away.
        clock: Tells the time.
    """

    def __init__(self, messages: Messages, remover: Remover, clock: Clock = utc_now) -> None:
        self._messages = messages
        self._remover = remover
        self._clock = clock

    def remove(
        self, actor: Actor, owner_id: str, user_id: str, seconds: int, reason: str | None
    ) -> int:
        """Take away what a person wrote in the last seconds; doing it again is well too.

        Args:
            actor: Who does it.
            owner_id: The creator in whose chats it is done.
            user_id: The person, signed in or anonymous.
            seconds: How far back.
            reason: Why, in the actor's words.

        Returns:
            How many messages there were.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
        """
        since = self._clock() - timedelta(seconds=seconds)
        found = self._messages.written_by(user_id, owner_id, since=since, limit=MESSAGES_MAX)
        for message in found:
            self._remover.remove(actor, message.stream_id, message.message_id, reason)
        return len(found)
