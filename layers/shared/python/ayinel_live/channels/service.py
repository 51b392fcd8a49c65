"""A channel's chat settings, its lists of people and its log, for those who may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ayinel_live.channels.chat_settings import ChatSettings
from ayinel_live.channels.chat_settings_reader import StoredSettings
from ayinel_live.channels.model import Actor, Member, Role
from ayinel_live.channels.moderation_log import LogAction, LogEntry, new_entry
from ayinel_live.channels.standing import Standing
from ayinel_live.identity.cursors import Cursors
from ayinel_live.runtime.clock import Clock, utc_now

PAGE_MAX = 100


class SettingsReader(Protocol):
    """Reads settings."""

    def read(self, owner_id: str, *, is_consistent: bool = False) -> StoredSettings:
        """Return a channel's settings."""
        ...


class SettingsWriter(Protocol):
    """Writes settings."""

    def write(
        self,
        owner_id: str,
        settings: ChatSettings,
        actor: Actor,
        entry: LogEntry,
        *,
        expected_version: int | None = None,
    ) -> None:
        """Replace a channel's settings and log it, in one transaction."""
        ...


class MemberLists(Protocol):
    """Lists members."""

    def notable(self, owner_id: str, *, after: str | None, limit: int) -> Sequence[Member]:
        """Return moderators and people who were ever sanctioned, by user id."""
        ...


class Log(Protocol):
    """Reads the log."""

    def page(
        self, owner_id: str, *, before: str | None, limit: int, is_operator: bool = False
    ) -> Sequence[LogEntry]:
        """Return entries of a channel, newest first; some are for operators only."""
        ...


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of members, and the cursor of the next."""

    members: tuple[Member, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, and the cursor of the next."""

    entries: tuple[LogEntry, ...]
    next_cursor: str | None


class ChannelChat:
    """What a channel's people see and set behind the scenes of its chat.

    Args:
        reader: Reads settings.
        writer: Writes settings.
        members: Lists members.
        log: Reads the log.
        standing: Knows who may look.
        cursors: Makes and reads cursors.
        clock: Tells the time.
    """

    def __init__(
        self,
        reader: SettingsReader,
        writer: SettingsWriter,
        members: MemberLists,
        log: Log,
        standing: Standing,
        cursors: Cursors,
        clock: Clock = utc_now,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._members = members
        self._log = log
        self._standing = standing
        self._cursors = cursors
        self._clock = clock

    def settings(self, actor: Actor, owner_id: str) -> StoredSettings:
        """Return a channel's settings.

        Args:
            actor: Who asks.
            owner_id: The creator.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
        """
        self._standing.require_moderator(actor, owner_id)
        return self._reader.read(owner_id, is_consistent=True)

    def set(
        self, actor: Actor, owner_id: str, settings: ChatSettings, expected_version: int | None
    ) -> StoredSettings:
        """Replace a channel's settings.

        Args:
            actor: Who does it.
            owner_id: The creator.
            settings: The new settings.
            expected_version: The version that is being replaced; None replaces any.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            ConflictError: The settings have another version by now.
        """
        entry = new_entry(owner_id, LogAction.CHANGE_SETTINGS, actor.user_id, self._clock())
        self._writer.write(owner_id, settings, actor, entry, expected_version=expected_version)
        return self._reader.read(owner_id, is_consistent=True)

    def moderators(self, actor: Actor, owner_id: str, cursor: str | None, limit: int) -> MemberPage:
        """Return a channel's moderators.

        Args:
            actor: Who asks.
            owner_id: The creator.
            cursor: From the page before.
            limit: How many at most.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            InvalidInputError: The cursor is not one of this list.
        """
        scope = f"moderators#{owner_id}"
        return self._page(
            actor, owner_id, scope, cursor, limit, lambda member: member.role is Role.MODERATOR
        )

    def sanctioned(self, actor: Actor, owner_id: str, cursor: str | None, limit: int) -> MemberPage:
        """Return who is banned or timed out now; arguments and faults are `moderators`'."""
        now = self._clock()
        return self._page(
            actor,
            owner_id,
            f"bans#{owner_id}",
            cursor,
            limit,
            lambda member: member.is_banned(now) or member.is_muted(now),
        )

    def log(self, actor: Actor, owner_id: str, cursor: str | None, limit: int) -> LogPage:
        """Return what was done in a channel, newest first.

        Args:
            actor: Who asks.
            owner_id: The creator.
            cursor: From the page before.
            limit: How many at most.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
            InvalidInputError: The cursor is not one of this list.
        """
        scope = f"moderation-log#{owner_id}"
        before = self._cursors.open(scope, cursor) if cursor else None
        self._standing.require_moderator(actor, owner_id)
        entries = tuple(
            self._log.page(owner_id, before=before, limit=limit, is_operator=actor.is_operator)
        )
        is_full = len(entries) == limit
        return LogPage(
            entries, self._cursors.seal(scope, entries[-1].entry_id) if is_full else None
        )

    def _page(
        self,
        actor: Actor,
        owner_id: str,
        scope: str,
        cursor: str | None,
        limit: int,
        is_wanted: Callable[[Member], bool],
    ) -> MemberPage:
        after = self._cursors.open(scope, cursor) if cursor else None
        self._standing.require_moderator(actor, owner_id)
        wanted: list[Member] = []
        while len(wanted) <= limit:
            found = self._members.notable(owner_id, after=after, limit=PAGE_MAX)
            wanted += [member for member in found if is_wanted(member)]
            if len(found) < PAGE_MAX:
                break
            after = found[-1].user_id
        page = tuple(wanted[:limit])
        has_more = len(wanted) > limit
        return MemberPage(page, self._cursors.seal(scope, page[-1].user_id) if has_more else None)
