"""Writes of chat messages: each conditional, so that what comes again changes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ayinel_live.channels.member_store import is_moderator
from ayinel_live.channels.model import Actor, NotModeratorError
from ayinel_live.channels.moderation_log import LogEntry, log_item
from ayinel_live.channels.store import MemberItem
from ayinel_live.chat.message_key import marker_key, message_key
from ayinel_live.chat.model import ChatMessage, MessageStatus
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.moderation.model import Verdict
from ayinel_live.runtime.clock import to_rfc3339
from ayinel_live.runtime.correlation import present_correlation_id
from ayinel_live.runtime.errors import InvalidStateError, NotFoundError, UpstreamError
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together

# Rejected messages are kept for appeals, and no longer.
REJECTED_LIFE = timedelta(days=30)
# A repeat that comes later than this would be a message of its own. Nobody can: a connection lasts
# two hours, and a stream that has ended gives out no ticket.
MARKER_LIFE = timedelta(days=90)


class PutOutcome(StrEnum):
    """What came of putting a message."""

    STORED = "stored"
    KNOWN = "known"
    """This very message was stored before: it is being delivered again."""
    REPEAT = "repeat"
    """The sender has sent it before, and it is stored under another id."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a moderator decides about a message.

    Attributes:
        status: What becomes of it.
        allowed_from: In which states it may be decided so.
        owner_id: The creator in whose chat it is.
        is_own: Whether it is the actor's own message, so that nobody has to moderate.
    """

    status: MessageStatus
    allowed_from: tuple[MessageStatus, ...]
    owner_id: str
    is_own: bool = False


class MessageStore:
    """Writes messages."""

    def put(self, message: ChatMessage, now: datetime) -> PutOutcome:
        """Store a message, once for all attempts to send it.

        The message's marker is written with it, so that two attempts under different ids are told
        from each other however long lies between them.

        Args:
            message: The message.
            now: The current time.
        """
        marker = IdempotencyItem(
            marker_key(message_key(message.stream_id, message.user_id, message.client_message_id)),
            status="message",
            result_id=message.message_id,
            expires_at=int((now + MARKER_LIFE).timestamp()),
        )

        def build(transaction: TransactWrite) -> None:
            transaction.save(marker, IdempotencyItem.idempotency_key.does_not_exist(), "ALL_OLD")
            transaction.save(message_item(message), ChatMessageItem.message_id.does_not_exist())

        try:
            write_together(build)
        except ConditionFailedError as error:
            known = error.items.get(0, {}).get("resultId", {}).get("S")
            is_same = known == message.message_id or (known is None and 1 in error.items)
            return PutOutcome.KNOWN if is_same else PutOutcome.REPEAT
        return PutOutcome.STORED

    def retract(
        self,
        stream_id: str,
        message_id: str,
        verdict: Verdict,
        status: MessageStatus,
        changed_at: str,
    ) -> bool:
        """Write the verdict on a message that was shown before it.

        Args:
            stream_id: The stream.
            message_id: The message.
            verdict: What moderation decided.
            status: What becomes of it; `SHOWN` where it stays.
            changed_at: The change's id; unused where it stays.

        Returns:
            False where it has a verdict already, or is shown no longer.
        """
        actions = _verdict_actions(verdict)
        if status is not MessageStatus.SHOWN:
            actions += _status_actions(stream_id, status, changed_at)
        is_open = ChatMessageItem.verdict.does_not_exist() & ChatMessageItem.status.is_in(
            MessageStatus.SHOWN.value, MessageStatus.PENDING.value
        )
        return _update(stream_id, message_id, actions, is_open)

    def reveal(self, stream_id: str, message_id: str, changed_at: str) -> bool:
        """Show a message whose delay is over; False where it no longer waits.

        Args:
            stream_id: The stream.
            message_id: The message.
            changed_at: The change's id.
        """
        return _update(
            stream_id,
            message_id,
            _status_actions(stream_id, MessageStatus.SHOWN, changed_at, is_moderated=False),
            ChatMessageItem.status == MessageStatus.PENDING.value,
        )

    def judge(
        self,
        judgement: Judgement,
        entry: LogEntry,
        actor: Actor,
        changed_at: str,
    ) -> None:
        """Write a decision about a message, with the log entry, in one transaction.

        Args:
            judgement: The decision.
            entry: What the log will say; names stream, message, actor, time and reason.
            actor: Who decides and must be allowed to, at this moment.
            changed_at: The change's id.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            NotFoundError: There is no such message in this chat.
            InvalidStateError: The message is in a state in which this cannot be decided.
        """
        stream_id, message_id = entry.stream_id or "", entry.message_id or ""
        must_moderate = not judgement.is_own and not actor.rules(judgement.owner_id)
        condition = ChatMessageItem.status.is_in(
            *(status.value for status in judgement.allowed_from)
        )
        actions = _status_actions(stream_id, judgement.status, changed_at)
        actions += [
            ChatMessageItem.decided_by.set(entry.actor_id),
            ChatMessageItem.decided_at.set(to_rfc3339(entry.at)),
            ChatMessageItem.reason.set(entry.reason)
            if entry.reason
            else ChatMessageItem.reason.remove(),
        ]

        def build(transaction: TransactWrite) -> None:
            if must_moderate:
                transaction.condition_check(
                    MemberItem, judgement.owner_id, actor.user_id, is_moderator()
                )
            transaction.save(log_item(entry))
            transaction.update(
                ChatMessageItem(stream_id, message_id), actions, condition, return_values="ALL_OLD"
            )

        try:
            write_together(build)
        except ConditionFailedError as error:
            if must_moderate and 0 in error.items:
                raise NotModeratorError from None
            item = error.items[max(error.items)]
            if not item:
                raise NotFoundError("There is no such message.") from None
            raise InvalidStateError(
                f"The message is {item['status']['S']}.",
                code=f"message-{item['status']['S']}",
                extra={"messageStatus": item["status"]["S"]},
            ) from None


def message_item(message: ChatMessage) -> ChatMessageItem:
    """Return the item of a message."""
    return ChatMessageItem(
        message.stream_id,
        message.message_id,
        owner_id=message.owner_id,
        user_id=message.user_id,
        display_name=message.display_name,
        role=message.role,
        message=message.message,
        client_message_id=message.client_message_id,
        timestamp=to_rfc3339(message.timestamp),
        status=message.status.value,
        is_moderated=message.is_moderated,
        version=message.version,
        changed_at=message.changed_at,
        held_stream_id=message.stream_id if message.status is MessageStatus.HELD else None,
        verdict=message.verdict.value if message.verdict else None,
        categories=list(message.categories) or None,
        scores=dict(message.scores) or None,
        tier=message.tier,
        expires_at=_expiry(message),
        correlation_id=present_correlation_id(),
    )


def _expiry(message: ChatMessage) -> int | None:
    if message.status is not MessageStatus.REJECTED:
        return None
    return int((message.timestamp + REJECTED_LIFE).timestamp())


def _verdict_actions(verdict: Verdict) -> list[Action]:
    actions: list[Action] = [
        ChatMessageItem.verdict.set(verdict.decision.value),
        ChatMessageItem.tier.set(verdict.tier.value),
    ]
    if verdict.categories:
        actions.append(ChatMessageItem.categories.set([str(c) for c in verdict.categories]))
    if verdict.scores:
        actions.append(ChatMessageItem.scores.set({str(c): s for c, s in verdict.scores.items()}))
    return actions


def _status_actions(
    stream_id: str, status: MessageStatus, changed_at: str, *, is_moderated: bool = True
) -> list[Action]:
    held = ChatMessageItem.held_stream_id
    correlation_id = ChatMessageItem.correlation_id
    bearing = present_correlation_id()
    return [
        ChatMessageItem.status.set(status.value),
        ChatMessageItem.is_moderated.set(is_moderated),
        ChatMessageItem.changed_at.set(changed_at),
        ChatMessageItem.version.add(1),
        held.set(stream_id) if status is MessageStatus.HELD else held.remove(),
        correlation_id.set(bearing) if bearing else correlation_id.remove(),
    ]


def _update(
    stream_id: str, message_id: str, actions: Iterable[Action], condition: Condition
) -> bool:
    try:
        ChatMessageItem(stream_id, message_id).update(actions=list(actions), condition=condition)
    except UpdateError as error:
        if refusal_code(error) == "ConditionalCheckFailedException":
            return False
        raise UpstreamError("The data store did not answer.", retry_after_seconds=1) from error
    return True
