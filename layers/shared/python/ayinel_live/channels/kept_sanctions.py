"""Bans and running time-outs that outlast the erasure of whom they are against.

Otherwise whoever is banned from a channel would ask to be erased and come back. What is kept is
their ends alone, under `pseudonyms.erased_id`, and goes when they end or are lifted. The hot copy
lies under the same digest at all times, so that sends and joins are refused as before, at no cost.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import Condition

from ayinel_live.channels.member_store import is_moderator
from ayinel_live.channels.model import FOR_GOOD, Actor, NotModeratorError
from ayinel_live.channels.moderation_log import LogEntry, log_item
from ayinel_live.channels.pseudonyms import chatter_id, erased_id
from ayinel_live.channels.store import ChatterItem, MemberItem
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.errors import BusyError
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together

_TRIES = 4


class KeptSanctions:
    """Erases people's standing, but for the sanctions in force."""

    def erase(self, owner_id: str, user_id: str, at: datetime) -> None:
        """Delete a person's standing in a channel and keep the ends of the sanctions in force.

        Args:
            owner_id: The creator.
            user_id: The person.
            at: The current time.

        Raises:
            BusyError: The person's standing kept changing; may be tried again.
        """
        for _ in range(_TRIES):
            try:
                self._erase(owner_id, user_id, to_milliseconds(at))
            except ConditionFailedError:
                # A moderator was at work in between: what is in force is read again.
                continue
            return
        raise BusyError("Somebody else is changing this right now.", retry_after_seconds=1)

    def lift(self, owner_id: str, kept_id: str, actor: Actor, entry: LogEntry) -> None:
        """Let somebody who was erased back in; nothing where nothing is kept.

        Args:
            owner_id: The creator.
            kept_id: What stands for the person.
            actor: Who does it and must be allowed to, at this moment.
            entry: What the log will say.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
        """
        must_moderate = not actor.rules(owner_id)

        def build(transaction: TransactWrite) -> None:
            if must_moderate:
                transaction.condition_check(MemberItem, owner_id, actor.user_id, is_moderator())
            transaction.delete(MemberItem(owner_id, kept_id), MemberItem.user_id.exists())
            transaction.save(log_item(entry))
            transaction.update(
                ChatterItem(owner_id, chatter_id(owner_id, kept_id)),
                [
                    ChatterItem.banned_until.remove(),
                    ChatterItem.muted_until.remove(),
                    ChatterItem.expires_at.remove(),
                ],
            )

        try:
            write_together(build)
        except ConditionFailedError as error:
            if must_moderate and 0 in error.items:
                raise NotModeratorError from None

    def _erase(self, owner_id: str, user_id: str, now: int) -> None:
        kept_id = erased_id(owner_id, user_id)
        keys = [(owner_id, user_id), (owner_id, kept_id)]
        found = {item.user_id: item for item in MemberItem.batch_get(keys, consistent_read=True)}
        banned_until = _latest([item.banned_until for item in found.values()], now)
        muted_until = _latest([item.muted_until for item in found.values()], now)
        until = max(banned_until or 0, muted_until or 0)
        ends: dict[str, Any] = {
            "banned_until": banned_until,
            "muted_until": muted_until,
            # A while after the end, for clocks differ.
            "expires_at": None if until >= FOR_GOOD else until // 1000 + 60,
        }
        kept = MemberItem(owner_id, kept_id, notable_owner_id=owner_id, **ends)
        hot_copy = ChatterItem(owner_id, chatter_id(owner_id, user_id), **ends)

        def build(transaction: TransactWrite) -> None:
            transaction.delete(MemberItem(owner_id, user_id), _unchanged(found.get(user_id)))
            if until:
                transaction.save(kept, _unchanged(found.get(kept_id)))
                transaction.save(hot_copy)
            else:
                transaction.delete(kept, _unchanged(found.get(kept_id)))
                transaction.delete(hot_copy)

        write_together(build)


def _latest(ends: list[float | None], now: int) -> int | None:
    return max((int(end) for end in ends if end is not None and end > now), default=None)


def _unchanged(item: MemberItem | None) -> Condition:
    if item is None:
        return MemberItem.user_id.does_not_exist()
    return MemberItem.version == item.version
