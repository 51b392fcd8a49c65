"""What was done in a channel, by whom, when and why; and how it lies in DynamoDB."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.clock import from_rfc3339, to_rfc3339
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.runtime.tables import TableItem

ERASED = "erased"


class LogAction(StrEnum):
    """What can be done."""

    BAN = "ban"
    TIME_OUT = "time-out"
    LIFT = "lift"
    APPOINT_MODERATOR = "appoint-moderator"
    DISMISS_MODERATOR = "dismiss-moderator"
    REMOVE_MESSAGE = "remove-message"
    APPROVE_MESSAGE = "approve-message"
    DENY_MESSAGE = "deny-message"
    CHANGE_SETTINGS = "change-settings"
    STOP_STREAM = "stop-stream"
    DELETE_STREAM = "delete-stream"
    BAN_CREATOR = "ban-creator"
    ALLOW_CREATOR = "allow-creator"
    DECIDE_REPORT = "decide-report"


# What only operators see: who settles reports is nobody else's business.
FOR_OPERATORS = (LogAction.DECIDE_REPORT,)


class LogEntry(BaseModel):
    """One thing that was done.

    Attributes:
        entry_id: ULID of the time it was done.
        owner_id: The creator in whose channel it was done.
        action: What was done.
        actor_id: Who did it.
        at: When.
        reason: Why, in the actor's words.
        target_user_id: The person it was done to, where there is one.
        stream_id: The stream, where it was about one.
        message_id: The message, where it was about one.
        until: When it ends in epoch milliseconds, where it does.
    """

    model_config = ConfigDict(frozen=True)

    entry_id: str
    owner_id: str
    action: LogAction
    actor_id: str
    at: datetime
    reason: str | None = None
    target_user_id: str | None = None
    stream_id: str | None = None
    message_id: str | None = None
    until: int | None = None


class LogByTarget(GlobalSecondaryIndex["ModerationLogItem"]):
    """What was done to one person: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "target"
        projection = AllProjection()

    target_user_id = UnicodeAttribute(hash_key=True, attr_name="targetUserId")
    entry_id = UnicodeAttribute(range_key=True, attr_name="entryId")


class ModerationLogItem(TableItem):
    """One entry of a channel's moderation log."""

    class Meta:
        """Table settings."""

    logical_name = "ModerationLog"

    owner_id = UnicodeAttribute(hash_key=True, attr_name="ownerId")
    entry_id = UnicodeAttribute(range_key=True, attr_name="entryId")
    action = UnicodeAttribute()
    actor_id = UnicodeAttribute(attr_name="actorId")
    at = UnicodeAttribute()
    reason = UnicodeAttribute(null=True)
    target_user_id = UnicodeAttribute(null=True, attr_name="targetUserId")
    stream_id = UnicodeAttribute(null=True, attr_name="streamId")
    message_id = UnicodeAttribute(null=True, attr_name="messageId")
    until = NumberAttribute(null=True)

    target_index = LogByTarget()


def new_entry(
    owner_id: str,
    action: LogAction,
    actor_id: str,
    at: datetime,
    *,
    reason: str | None = None,
    target_user_id: str | None = None,
    stream_id: str | None = None,
    message_id: str | None = None,
    until: int | None = None,
) -> LogEntry:
    """Return an entry with an id of its own; the arguments are the entry's attributes."""
    return LogEntry(
        entry_id=new_ulid(at),
        owner_id=owner_id,
        action=action,
        actor_id=actor_id,
        at=at,
        reason=reason or None,
        target_user_id=target_user_id,
        stream_id=stream_id,
        message_id=message_id,
        until=until,
    )


def log_item(entry: LogEntry) -> ModerationLogItem:
    """Return the item of an entry, for the transaction that does what the entry tells."""
    return ModerationLogItem(
        entry.owner_id,
        entry.entry_id,
        action=entry.action.value,
        actor_id=entry.actor_id,
        at=to_rfc3339(entry.at),
        reason=entry.reason,
        target_user_id=entry.target_user_id,
        stream_id=entry.stream_id,
        message_id=entry.message_id,
        until=entry.until,
    )


class ModerationLogStore:
    """The log, read newest first."""

    def add(self, entry: LogEntry) -> None:
        """Write an entry that stands in no transaction with what it tells."""
        log_item(entry).save()

    def page(
        self, owner_id: str, *, before: str | None, limit: int, is_operator: bool = False
    ) -> Sequence[LogEntry]:
        """Return entries of a channel.

        Args:
            owner_id: The creator.
            before: An entry's id; only older ones are returned.
            limit: How many at most.
            is_operator: Whether to return what only operators see, too.
        """
        older = ModerationLogItem.entry_id < before if before else None
        hidden = ModerationLogItem.action.is_in(*(action.value for action in FOR_OPERATORS))
        found = ModerationLogItem.query(
            owner_id,
            older,
            filter_condition=None if is_operator else ~hidden,
            scan_index_forward=False,
            limit=limit,
        )
        return [_entry(item) for item in found]

    def erase_person(self, user_id: str) -> int:
        """Take a person's id and the reasons given about that person out of every log.

        Args:
            user_id: The person to whom things were done.

        Returns:
            How many entries were changed.
        """
        changed = 0
        for item in list(ModerationLogItem.target_index.query(user_id)):
            item.update(
                actions=[
                    ModerationLogItem.target_user_id.set(ERASED),
                    ModerationLogItem.reason.remove(),
                ]
            )
            changed += 1
        return changed


def _entry(item: ModerationLogItem) -> LogEntry:
    return LogEntry(
        entry_id=item.entry_id,
        owner_id=item.owner_id,
        action=LogAction(item.action),
        actor_id=item.actor_id,
        at=from_rfc3339(item.at),
        reason=item.reason,
        target_user_id=item.target_user_id,
        stream_id=item.stream_id,
        message_id=item.message_id,
        until=None if item.until is None else int(item.until),
    )
