"""What people decide about messages: removing, approving and denying them, each logged."""

from __future__ import annotations

from typing import Protocol

from ayinel_live.channels.model import Actor
from ayinel_live.channels.moderation_log import LogAction, LogEntry, new_entry
from ayinel_live.chat.change_ids import ChangeIds
from ayinel_live.chat.message_store import Judgement
from ayinel_live.chat.model import STILL_THERE, ChatMessage, MessageStatus
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import InvalidStateError, NotFoundError


class Messages(Protocol):
    """Reads messages."""

    def get(self, stream_id: str, message_id: str) -> ChatMessage:
        """Return a message."""
        ...


class Judgements(Protocol):
    """Writes decisions about messages."""

    def judge(self, judgement: Judgement, entry: LogEntry, actor: Actor, changed_at: str) -> None:
        """Write a decision, with the log entry, in one transaction."""
        ...


class MessageJudge:
    """Decides about messages on behalf of people.

    Args:
        messages: Reads messages.
        store: Writes decisions.
        clock: Tells the time.
        change_ids: Makes the ids of the changes.
    """

    def __init__(
        self,
        messages: Messages,
        store: Judgements,
        clock: Clock = utc_now,
        change_ids: ChangeIds | None = None,
    ) -> None:
        self._messages = messages
        self._store = store
        self._clock = clock
        self._change_ids = change_ids or ChangeIds()

    def remove(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        """Take a message away, one's own or as a moderator; doing it again is well too.

        Args:
            actor: Who does it.
            stream_id: The stream.
            message_id: The message.
            reason: Why, in the actor's words.

        Raises:
            NotModeratorError: It is somebody else's, and the actor does not moderate the channel.
            NotFoundError: There is no such message, or it was never shown.
        """
        message = self._messages.get(stream_id, message_id)
        is_own = message.user_id == actor.user_id
        judgement = Judgement(MessageStatus.REMOVED, STILL_THERE, message.owner_id, is_own)
        try:
            self._decide(LogAction.REMOVE_MESSAGE, judgement, actor, message, reason)
        except InvalidStateError as error:
            if error.extra.get("messageStatus") != MessageStatus.REMOVED:
                raise NotFoundError("There is no such message.") from None

    def approve(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        """Show a message that waits; the arguments are those of `remove`.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            NotFoundError: There is no such message.
            InvalidStateError: It does not wait, or not any longer.
        """
        message = self._messages.get(stream_id, message_id)
        judgement = Judgement(MessageStatus.SHOWN, (MessageStatus.HELD,), message.owner_id)
        self._decide(LogAction.APPROVE_MESSAGE, judgement, actor, message, reason)

    def deny(self, actor: Actor, stream_id: str, message_id: str, reason: str | None) -> None:
        """Keep a message that waits from being shown; arguments and faults are `approve`'s."""
        message = self._messages.get(stream_id, message_id)
        judgement = Judgement(MessageStatus.REJECTED, (MessageStatus.HELD,), message.owner_id)
        self._decide(LogAction.DENY_MESSAGE, judgement, actor, message, reason)

    def _decide(
        self,
        action: LogAction,
        judgement: Judgement,
        actor: Actor,
        message: ChatMessage,
        reason: str | None,
    ) -> None:
        now = self._clock()
        entry = new_entry(
            message.owner_id,
            action,
            actor.user_id,
            now,
            reason=reason,
            target_user_id=message.user_id,
            stream_id=message.stream_id,
            message_id=message.message_id,
        )
        self._store.judge(judgement, entry, actor, self._change_ids.next(now))
