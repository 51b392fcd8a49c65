"""Sending a message: decided by one write, looked at by the rules, handed to the queue.

Two requests to AWS for a message that comes at its time, three for one in a burst.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, cast

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.chat.admission import (
    INTERVAL_MILLISECONDS,
    Attempt,
    EarlyWithinTolerance,
    Item,
    Repeat,
    explain,
    rate_limited,
    recent_texts,
    role_of,
)
from ayinel_live.chat.chatter_store import Written
from ayinel_live.chat.exemptions import moderation_for
from ayinel_live.chat.message_key import message_key
from ayinel_live.chat.model import PendingMessage, Sender, SenderRole
from ayinel_live.moderation.model import Decision, ModerationSettings, Verdict
from ayinel_live.runtime.clock import Clock, to_milliseconds, utc_now
from ayinel_live.runtime.errors import ForbiddenError, LiveError
from ayinel_live.runtime.ids import new_ulid

Rules = Callable[[str, ModerationSettings, tuple[str, ...]], Verdict]


class Chatters(Protocol):
    """Decides whether somebody may send."""

    def admit(self, attempt: Attempt, *, is_burst: bool = False) -> Written:
        """Try to admit a message."""
        ...

    def stored_id(self, key: str) -> str | None:
        """Return the id under which a message was stored."""
        ...


class Queue(Protocol):
    """Takes accepted messages."""

    def put(self, message: PendingMessage, key: str) -> None:
        """Put a message on the queue."""
        ...


class SettingsMemory(Protocol):
    """Knows the settings of channels."""

    def get(self, owner_id: str) -> ChatSettings:
        """Return a channel's settings."""
        ...


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message goes to moderation, or did so before."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The rules rejected the message; it goes nowhere."""

    message_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _Admitted:
    message_id: str
    before: Item


class SendService:
    """Sends messages.

    Args:
        chatters: Decides whether somebody may send.
        queue: Takes accepted messages.
        settings: Knows the settings of channels.
        rules: The rule tier.
        clock: Tells the time.
    """

    def __init__(
        self,
        chatters: Chatters,
        queue: Queue,
        settings: SettingsMemory,
        rules: Rules,
        clock: Clock = utc_now,
    ) -> None:
        self._chatters = chatters
        self._queue = queue
        self._settings = settings
        self._rules = rules
        self._clock = clock

    def send(self, sender: Sender, text: str, client_message_id: str) -> Accepted | Rejected:
        """Send a message, or learn that it was sent before.

        Args:
            sender: Who sends.
            text: The text, checked against `MessageText`.
            client_message_id: The id that the sender's client gave.

        Raises:
            ForbiddenError: Banned, or not among those who may write.
            RateLimitedError: Timed out, too early in slow mode, or too fast.
            UpstreamError: DynamoDB or SQS did not answer; to be tried again with the same id.
        """
        now = self._clock()
        attempt = Attempt(
            sender=sender,
            key=message_key(sender.stream_id, sender.viewer_id, client_message_id),
            message_id=new_ulid(now),
            text=text,
            now=to_milliseconds(now),
            settings=self._settings.get(sender.owner_id),
        )
        admitted = self._admit(attempt)
        if isinstance(admitted, Accepted):
            return admitted
        # A repeat takes the whole way again: the first attempt may have died before the queue.
        return self._moderate_and_queue(attempt, admitted, client_message_id)

    def _admit(self, attempt: Attempt) -> _Admitted | Accepted:
        written = self._chatters.admit(attempt)
        if written.is_admitted:
            return _Admitted(attempt.message_id, written.before)
        outcome = explain(written.before, attempt)
        if outcome is None or isinstance(outcome, EarlyWithinTolerance):
            written = self._chatters.admit(attempt, is_burst=outcome is not None)
            if written.is_admitted:
                return _Admitted(attempt.message_id, written.before)
            outcome = explain(written.before, attempt)
        if isinstance(outcome, Repeat):
            return _Admitted(outcome.message_id, written.before)
        return self._known_or_refused(attempt, outcome)

    def _known_or_refused(
        self, attempt: Attempt, outcome: LiveError | EarlyWithinTolerance | None
    ) -> Accepted:
        """Answer a late repeat as accepted, though its sender may not send anything new now."""
        is_banned = isinstance(outcome, ForbiddenError) and outcome.code == "banned"
        if not is_banned and (known := self._chatters.stored_id(attempt.key)) is not None:
            return Accepted(known)
        if isinstance(outcome, LiveError):
            raise outcome
        # Others of this sender's messages came in between, twice.
        raise rate_limited(INTERVAL_MILLISECONDS)

    def _moderate_and_queue(
        self, attempt: Attempt, admitted: _Admitted, client_message_id: str
    ) -> Accepted | Rejected:
        sender, settings = attempt.sender, attempt.settings
        role = cast("SenderRole", role_of(admitted.before, sender))
        recent = recent_texts(admitted.before, replace(attempt, message_id=admitted.message_id))
        verdict = self._rules(attempt.text, moderation_for(role, settings), recent)
        if verdict.decision is Decision.REJECT:
            return Rejected(admitted.message_id, verdict)
        message = PendingMessage(
            message_id=admitted.message_id,
            stream_id=sender.stream_id,
            owner_id=sender.owner_id,
            user_id=sender.viewer_id,
            display_name=sender.display_name,
            role=role,
            message=attempt.text,
            client_message_id=client_message_id,
            recent=recent,
            mode=settings.moderation.mode,
            chat_delay_seconds=settings.chat_delay_seconds if role == "viewer" else 0,
        )
        self._queue.put(message, attempt.key)
        return Accepted(admitted.message_id)
