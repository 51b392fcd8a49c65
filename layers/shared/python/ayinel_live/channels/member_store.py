"""Members and their hot copies, always written together with the log entry that tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from ayinel_live.channels.model import Actor, Member, NotModeratorError, Role
from ayinel_live.channels.moderation_log import LogEntry, log_item
from ayinel_live.channels.pseudonyms import chatter_id, erased_id
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.runtime.clock import from_rfc3339
from ayinel_live.runtime.errors import ConflictError, ForbiddenError, LiveError
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together

Value = str | int | None


@dataclass(frozen=True, slots=True)
class StandingChange:
    """One change of a person's standing.

    Attributes:
        owner_id: The creator.
        user_id: The person.
        values: New values by the name of the item class's attribute; None takes one away. Those
            that the hot copy has too are written there as well.
        is_notable: Whether the person is listed among moderators and the sanctioned from now on.
        spares_moderators: Whether it fails on a moderator of the channel.
        spares_banned: Whether it fails on somebody who is banned, at this time in milliseconds.
    """

    owner_id: str
    user_id: str
    values: Mapping[str, Value] = field(default_factory=dict)
    is_notable: bool = False
    spares_moderators: bool = False
    spares_banned: int | None = None


class MemberStore:
    """Standings of people in channels."""

    def get(self, owner_id: str, user_id: str) -> Member:
        """Return a person's standing; somebody unknown is a viewer.

        A sanction that outlasted the person's erasure is the person's still.

        Args:
            owner_id: The creator.
            user_id: The person.
        """
        keys = {(owner_id, user_id), (owner_id, erased_id(owner_id, user_id))}
        found = {item.user_id: item for item in MemberItem.batch_get(keys, consistent_read=True)}
        own = found.pop(user_id, None)
        member = Member(owner_id, user_id) if own is None else _member(own)
        for kept in found.values():
            member = replace(
                member,
                banned_until=_later(member.banned_until, _whole(kept.banned_until)),
                muted_until=_later(member.muted_until, _whole(kept.muted_until)),
            )
        return member

    def notable(self, owner_id: str, *, after: str | None, limit: int) -> Sequence[Member]:
        """Return moderators and people who were ever sanctioned, by user id.

        Args:
            owner_id: The creator.
            after: A user id; only those behind it are returned.
            limit: How many at most.
        """
        behind = MemberItem.user_id > after if after else None
        found = MemberItem.notable_index.query(owner_id, behind, limit=limit)
        return [_member(item) for item in found]

    def change(
        self, change: StandingChange, actor: Actor | None = None, entry: LogEntry | None = None
    ) -> None:
        """Change a standing, its hot copy and the log in one transaction.

        Args:
            change: What changes.
            actor: Who does it and must be allowed to, at this moment; None for one's own doing.
            entry: What the log will say.

        Raises:
            ForbiddenError: The actor does not moderate the channel, or the person is spared.
            ConflictError: The person is banned and the change spares the banned.
        """
        must_moderate = actor is not None and not actor.rules(change.owner_id)

        def build(transaction: TransactWrite) -> None:
            if actor is not None and must_moderate:
                transaction.condition_check(
                    MemberItem, change.owner_id, actor.user_id, is_moderator()
                )
            kept = MemberItem(change.owner_id, erased_id(change.owner_id, change.user_id))
            if change.spares_banned is not None:
                free = _is_free(change.spares_banned)
                transaction.condition_check(MemberItem, kept.owner_id, kept.user_id, free)
            if "banned_until" in change.values:
                # What outlasted an erasure is lifted with the rest, or is as nothing beside a ban.
                transaction.delete(kept)
            if entry is not None:
                transaction.save(log_item(entry))
            transaction.update(
                MemberItem(change.owner_id, change.user_id),
                [*_actions(MemberItem, change), MemberItem.version.add(1), *_notable(change)],
                condition=_spares(change),
                return_values="ALL_OLD",
            )
            transaction.update(
                ChatterItem(change.owner_id, chatter_id(change.owner_id, change.user_id)),
                # From now on it is more than what outlasted an erasure.
                [*_actions(ChatterItem, change), ChatterItem.expires_at.remove()],
            )

        try:
            write_together(build)
        except ConditionFailedError as error:
            if must_moderate and 0 in error.items:
                raise NotModeratorError from None
            raise _spared(next(iter(error.items.values()))) from None

    def channels_of(self, user_id: str) -> Iterator[str]:
        """Yield the creators in whose channels a person has a standing."""
        return (item.owner_id for item in MemberItem.user_index.query(user_id))


def is_moderator() -> Condition:
    """Return the condition that a member item is a moderator's."""
    return MemberItem.role == Role.MODERATOR.value


def _spares(change: StandingChange) -> Condition | None:
    condition: Condition | None = None
    if change.spares_moderators:
        condition = MemberItem.role.does_not_exist() | (MemberItem.role != Role.MODERATOR.value)
    if change.spares_banned is not None:
        free = _is_free(change.spares_banned)
        condition = free if condition is None else condition & free
    return condition


def _is_free(now: int) -> Condition:
    free: Condition = MemberItem.banned_until.does_not_exist() | (MemberItem.banned_until <= now)
    return free


def _spared(member: Mapping[str, Mapping[str, str]]) -> LiveError:
    if member.get("role", {}).get("S") == Role.MODERATOR.value:
        return ForbiddenError("Only the creator can do this to a moderator.", code="is-moderator")
    return ConflictError("This person is banned from the channel.", code="is-banned")


def _actions(item: type[MemberItem] | type[ChatterItem], change: StandingChange) -> list[Action]:
    attributes: Mapping[str, Attribute[object]] = item.get_attributes()
    return [
        attributes[name].remove() if value is None else attributes[name].set(value)
        for name, value in change.values.items()
        if name in attributes
    ]


def _notable(change: StandingChange) -> list[Action]:
    return [MemberItem.notable_owner_id.set(change.owner_id)] if change.is_notable else []


def _member(item: MemberItem) -> Member:
    return Member(
        owner_id=item.owner_id,
        user_id=item.user_id,
        role=Role(item.role),
        banned_until=_whole(item.banned_until),
        muted_until=_whole(item.muted_until),
        reason=item.reason,
        sanctioned_by=item.sanctioned_by,
        sanctioned_at=from_rfc3339(item.sanctioned_at) if item.sanctioned_at else None,
        following_since=_whole(item.following_since),
    )


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def _later(one: int | None, other: int | None) -> int | None:
    return max((end for end in (one, other) if end is not None), default=None)
