"""Behind the queue: an accepted message gets its verdict and becomes what viewers see, or not.

Every step may be done again: a message that is delivered twice is stored once, judged alike and
retracted once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.chat.change_ids import ChangeIds
from ayinel_live.chat.exemptions import moderation_for
from ayinel_live.chat.message_store import PutOutcome
from ayinel_live.chat.model import ChatMessage, MessageStatus, PendingMessage, time_of
from ayinel_live.moderation.model import Decision, MessageToModerate, Verdict
from ayinel_live.runtime.clock import Clock, utc_now

UNCHECKED = Verdict(decision=Decision.HOLD)
"""For a message that could not be judged: a moderator decides."""

_STATUS = {
    Decision.ALLOW: MessageStatus.SHOWN,
    Decision.HOLD: MessageStatus.HELD,
    Decision.REJECT: MessageStatus.REJECTED,
}
Moderate = Callable[[Sequence[MessageToModerate]], Sequence[Verdict]]


class Messages(Protocol):
    """Writes messages."""

    def put(self, message: ChatMessage, now: datetime) -> PutOutcome:
        """Store a message, once for all attempts to send it."""
        ...

    def retract(
        self,
        stream_id: str,
        message_id: str,
        verdict: Verdict,
        status: MessageStatus,
        changed_at: str,
    ) -> bool:
        """Write the verdict on a message that was shown before it."""
        ...

    def reveal(self, stream_id: str, message_id: str, changed_at: str) -> bool:
        """Show a message whose delay is over."""
        ...


class Reveals(Protocol):
    """Remembers messages that are to be shown later."""

    def schedule(self, stream_id: str, message_id: str, delay_seconds: int) -> None:
        """Have a message revealed after a while."""
        ...


class SettingsMemory(Protocol):
    """Knows the settings of channels."""

    def get(self, owner_id: str) -> ChatSettings:
        """Return a channel's settings."""
        ...


class Screening:
    """Judges and stores accepted messages.

    Args:
        messages: Writes messages.
        moderate: Both tiers, for a batch.
        settings: Knows the settings of channels.
        reveals: Remembers messages that are to be shown later.
        clock: Tells the time.
        change_ids: Makes the ids of changes.
    """

    def __init__(
        self,
        messages: Messages,
        moderate: Moderate,
        settings: SettingsMemory,
        reveals: Reveals,
        clock: Clock = utc_now,
        change_ids: ChangeIds | None = None,
    ) -> None:
        self._messages = messages
        self._moderate = moderate
        self._settings = settings
        self._reveals = reveals
        self._clock = clock
        self._change_ids = change_ids or ChangeIds()

    def judge(self, pending: Sequence[PendingMessage]) -> Sequence[Verdict]:
        """Return the verdicts on a batch, with one call to the classifier.

        Args:
            pending: The messages, of any channels.
        """
        return self._moderate(
            [
                MessageToModerate(
                    text=message.message,
                    settings=moderation_for(message.role, self._settings.get(message.owner_id)),
                    recent=message.recent,
                )
                for message in pending
            ]
        )

    def show_unjudged(self, pending: PendingMessage) -> None:
        """Store a message before its verdict, in a channel that shows first.

        Args:
            pending: The message.
        """
        self._store(pending, _shown_or_delayed(pending), None)

    def settle(self, pending: PendingMessage, verdict: Verdict) -> None:
        """Store a message with its verdict.

        Args:
            pending: The message.
            verdict: The verdict.
        """
        status = _STATUS[verdict.decision]
        if status is MessageStatus.SHOWN:
            status = _shown_or_delayed(pending)
        self._store(pending, status, verdict)

    def settle_unjudged(self, pending: PendingMessage, verdict: Verdict) -> None:
        """Write the verdict on a message that `show_unjudged` stored; retract it if need be.

        Args:
            pending: The message.
            verdict: The verdict.
        """
        changed_at = self._change_ids.next(self._clock())
        self._messages.retract(
            pending.stream_id,
            pending.message_id,
            verdict,
            _STATUS[verdict.decision],
            changed_at,
        )

    def reveal(self, stream_id: str, message_id: str) -> None:
        """Show a message whose chat delay is over, unless something else became of it.

        Args:
            stream_id: The stream.
            message_id: The message.
        """
        self._messages.reveal(stream_id, message_id, self._change_ids.next(self._clock()))

    def _store(
        self, pending: PendingMessage, status: MessageStatus, verdict: Verdict | None
    ) -> None:
        now = self._clock()
        message = _message(pending, status, verdict, self._change_ids.next(now))
        outcome = self._messages.put(message, now)
        if status is MessageStatus.PENDING and outcome is not PutOutcome.REPEAT:
            # Also for a message that was known: the first try may have died before this line.
            waited = (now - time_of(pending.message_id)).total_seconds()
            left = max(0, round(pending.chat_delay_seconds - waited))
            self._reveals.schedule(pending.stream_id, pending.message_id, left)


def _shown_or_delayed(pending: PendingMessage) -> MessageStatus:
    return MessageStatus.PENDING if pending.chat_delay_seconds else MessageStatus.SHOWN


def _message(
    pending: PendingMessage, status: MessageStatus, verdict: Verdict | None, changed_at: str
) -> ChatMessage:
    is_pending = status is MessageStatus.PENDING
    return ChatMessage(
        stream_id=pending.stream_id,
        message_id=pending.message_id,
        owner_id=pending.owner_id,
        user_id=pending.user_id,
        display_name=pending.display_name,
        role=pending.role,
        message=pending.message,
        client_message_id=pending.client_message_id,
        status=status,
        # What waits for its delay is no change that anybody may learn of yet.
        changed_at=None if is_pending else changed_at,
        verdict=verdict.decision if verdict else None,
        categories=tuple(category.value for category in verdict.categories) if verdict else (),
        scores={c.value: score for c, score in verdict.scores.items()} if verdict else {},
        tier=verdict.tier.value if verdict else None,
    )
