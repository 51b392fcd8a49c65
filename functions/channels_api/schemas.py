"""Bodies and parameters of the channels API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.channels.chat_settings_reader import StoredSettings
from ayinel_live.channels.model import (
    FOR_GOOD,
    Actor,
    Member,
    Reason,
    RemoveMessagesSeconds,
    Role,
    Sanction,
    TimeOutSeconds,
)
from ayinel_live.channels.moderation_log import LogAction, LogEntry
from ayinel_live.channels.service import PAGE_MAX, LogPage, MemberPage
from ayinel_live.chat.sweep import MESSAGES_MAX
from ayinel_live.identity.cursors import MAX_CURSOR_CHARACTERS
from ayinel_live.runtime.clock import from_milliseconds
from ayinel_live.runtime.ids import UserId, ViewerId
from ayinel_live.runtime.wire import WireModel, WireTime


class Parameters(BaseModel):
    """The base of path and query parameters: unknown query parameters are let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, defer_build=True)


class ChannelQuery(Parameters):
    """Whose channel it is about."""

    channel: UserId | None = Field(
        default=None, description="The creator's user id, for moderators; the caller's by default."
    )

    def owner_id(self, actor: Actor) -> str:
        """Return whose channel it is about."""
        return self.channel or actor.user_id


class ChannelPageQuery(ChannelQuery):
    """A page of a channel's list."""

    limit: int = Field(default=50, ge=1, le=PAGE_MAX, description="How many at most.")
    cursor: Annotated[str, Field(min_length=1, max_length=MAX_CURSOR_CHARACTERS)] | None = Field(
        default=None, description="From the page before."
    )


class MemberPath(ChannelQuery):
    """A person in the path."""

    user_id: ViewerId = Field(alias="userId", description="The person.")


class LiftQuery(MemberPath):
    """A person in the path, and why a sanction is lifted."""

    reason: Reason | None = Field(default=None, description="Why, for the moderation log.")


class CreatorPath(Parameters):
    """A creator in the path."""

    user_id: UserId = Field(alias="userId", description="The creator.")


class ChatSettingsBody(ChatSettings):
    """A channel's chat settings; `version` grows with each change."""

    version: int = Field(default=0, ge=0)

    @classmethod
    def of(cls, stored: StoredSettings) -> Self:
        """Return the body of stored settings."""
        return cls(**dict(stored.settings), version=stored.version)


class ChatSettingsChange(ChatSettings):
    """New chat settings, in full: what is left out goes back to its default.

    With `version`, only settings of that version are replaced; else the answer is 409.
    """

    version: int | None = Field(default=None, ge=0)

    def settings(self) -> ChatSettings:
        """Return the settings alone."""
        return ChatSettings(**{name: getattr(self, name) for name in ChatSettings.model_fields})


class SanctionBody(WireModel):
    """A ban, or with `durationSeconds` a time-out of 1 second to 14 days."""

    kind: Sanction | None = Field(
        default=None, description="May be left out: what the duration says."
    )
    duration_seconds: TimeOutSeconds | None = Field(
        default=None, description="Of a time-out; a ban has none and lasts until it is lifted."
    )
    reason: Reason | None = None
    remove_messages_seconds: RemoveMessagesSeconds | None = Field(
        default=None,
        description=(
            "Also take away what the person wrote in the creator's chats in the last so many "
            f"seconds, the newest {MESSAGES_MAX} of it; left out, messages stay in the history."
        ),
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        meant = Sanction.BAN if self.duration_seconds is None else Sanction.TIME_OUT
        if self.kind not in (None, meant):
            raise ValueError("a time-out has durationSeconds, and a ban has none")
        return self


class ModeratorBody(WireModel):
    """A moderator."""

    user_id: str


class ModeratorListBody(WireModel):
    """A page of moderators."""

    moderators: tuple[ModeratorBody, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: MemberPage) -> Self:
        """Return the body of a page."""
        people = tuple(ModeratorBody(user_id=member.user_id) for member in page.members)
        return cls(moderators=people, next_cursor=page.next_cursor)


class BanBody(WireModel):
    """Somebody who is banned or timed out now; without `until` until it is lifted."""

    user_id: str = Field(
        description="The person; `erased_` and a digest once the person is erased."
    )
    kind: Sanction
    until: WireTime | None = None
    reason: str | None = None
    sanctioned_by: str | None = None
    sanctioned_at: WireTime | None = None

    @classmethod
    def of(cls, member: Member) -> Self:
        """Return the body of a member."""
        kind = Sanction.TIME_OUT if member.banned_until is None else Sanction.BAN
        until = member.muted_until if member.banned_until is None else member.banned_until
        return cls(
            user_id=member.user_id,
            kind=kind,
            until=_moment(until),
            reason=member.reason,
            sanctioned_by=member.sanctioned_by,
            sanctioned_at=member.sanctioned_at,
        )


class BanListBody(WireModel):
    """A page of people who are banned or timed out now."""

    bans: tuple[BanBody, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: MemberPage) -> Self:
        """Return the body of a page."""
        return cls(
            bans=tuple(BanBody.of(member) for member in page.members), next_cursor=page.next_cursor
        )


class LogEntryBody(WireModel):
    """Something that was done in a channel: by whom, when and why."""

    id: str
    action: LogAction
    actor_id: str
    at: WireTime
    reason: str | None = None
    target_user_id: str | None = None
    stream_id: str | None = None
    message_id: str | None = None
    until: WireTime | None = None

    @classmethod
    def of(cls, entry: LogEntry) -> Self:
        """Return the body of an entry."""
        return cls(
            id=entry.entry_id,
            action=entry.action,
            actor_id=entry.actor_id,
            at=entry.at,
            reason=entry.reason,
            target_user_id=entry.target_user_id,
            stream_id=entry.stream_id,
            message_id=entry.message_id,
            until=_moment(entry.until),
        )


class LogBody(WireModel):
    """A page of the log, newest first."""

    entries: tuple[LogEntryBody, ...]
    next_cursor: str | None = None

    @classmethod
    def of(cls, page: LogPage) -> Self:
        """Return the body of a page."""
        return cls(
            entries=tuple(LogEntryBody.of(entry) for entry in page.entries),
            next_cursor=page.next_cursor,
        )


class FollowingBody(WireModel):
    """Whether, and since when, the caller follows a creator's channel."""

    user_id: str
    role: Role
    following_since: WireTime | None = None

    @classmethod
    def of(cls, member: Member) -> Self:
        """Return the body of the caller's standing."""
        return cls(
            user_id=member.owner_id,
            role=member.role,
            following_since=_moment(member.following_since),
        )


def _moment(milliseconds: int | None) -> datetime | None:
    if milliseconds is None or milliseconds >= FOR_GOOD:
        return None
    return from_milliseconds(milliseconds)
