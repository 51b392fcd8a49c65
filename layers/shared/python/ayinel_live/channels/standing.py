"""Roles, bans, time-outs and following: decisions about people's standing in a channel.

Each takes effect with one transaction over the member, the hot copy that every send is decided on,
and the log. So it holds at once, on open connections and on all of the creator's streams, and
costs nothing per message.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from ayinel_live.channels.kept_sanctions import KeptSanctions
from ayinel_live.channels.member_store import StandingChange
from ayinel_live.channels.model import FOR_GOOD, Actor, Member, NotModeratorError, Role
from ayinel_live.channels.moderation_log import LogAction, LogEntry, new_entry
from ayinel_live.channels.pseudonyms import is_erased
from ayinel_live.identity.viewer_ids import is_anonymous
from ayinel_live.runtime.clock import Clock, to_milliseconds, to_rfc3339, utc_now
from ayinel_live.runtime.errors import ConflictError, ForbiddenError, InvalidInputError


class Members(Protocol):
    """Keeps people's standing."""

    def get(self, owner_id: str, user_id: str) -> Member:
        """Return a person's standing."""
        ...

    def change(
        self, change: StandingChange, actor: Actor | None = None, entry: LogEntry | None = None
    ) -> None:
        """Change a standing, its hot copy and the log in one transaction."""
        ...


class Standing:
    """Decides about people's standing.

    Args:
        members: Keeps people's standing.
        clock: Tells the time.
        kept: Keeps what outlasted an erasure.
    """

    def __init__(
        self, members: Members, clock: Clock = utc_now, kept: KeptSanctions | None = None
    ) -> None:
        self._members = members
        self._clock = clock
        self._kept = kept or KeptSanctions()

    def require_moderator(self, actor: Actor, owner_id: str) -> None:
        """Refuse whoever may not look behind the scenes of a channel.

        Args:
            actor: Who wants to.
            owner_id: The creator.

        Raises:
            NotModeratorError: The actor is neither creator nor moderator nor operator.
        """
        if actor.rules(owner_id):
            return
        if self._members.get(owner_id, actor.user_id).role is not Role.MODERATOR:
            raise NotModeratorError

    def ban(self, actor: Actor, owner_id: str, user_id: str, reason: str | None) -> None:
        """Shut a person out of a channel until the ban is lifted; a moderator is one no longer.

        Args:
            actor: Who does it.
            owner_id: The creator.
            user_id: The person, signed in or anonymous.
            reason: Why, in the actor's words.

        Raises:
            ForbiddenError: The actor may not do this to this person.
            InvalidInputError: It is the actor or the creator.
        """
        self._refuse_impossible(actor, owner_id, user_id)
        self._sanction(actor, owner_id, user_id, reason, LogAction.BAN, FOR_GOOD)

    def time_out(
        self, actor: Actor, owner_id: str, user_id: str, reason: str | None, seconds: int
    ) -> None:
        """Silence a person for a time; arguments and faults are those of `ban`.

        Args:
            actor: Who does it.
            owner_id: The creator.
            user_id: The person.
            reason: Why, in the actor's words.
            seconds: For how long, checked against `TimeOutSeconds`.
        """
        self._refuse_impossible(actor, owner_id, user_id)
        until = to_milliseconds(self._clock() + timedelta(seconds=seconds))
        self._sanction(actor, owner_id, user_id, reason, LogAction.TIME_OUT, until)

    def lift(self, actor: Actor, owner_id: str, user_id: str, reason: str | None) -> None:
        """Let a person back in and speak; also somebody against whom there is nothing.

        Args:
            actor: Who does it.
            owner_id: The creator.
            user_id: The person, or what the list of bans has for somebody who was erased.
            reason: Why, in the actor's words.

        Raises:
            NotModeratorError: The actor does not moderate the channel.
        """
        entry = new_entry(
            owner_id,
            LogAction.LIFT,
            actor.user_id,
            self._clock(),
            reason=reason,
            target_user_id=user_id,
        )
        if is_erased(user_id):
            self._kept.lift(owner_id, user_id, actor, entry)
            return
        change = StandingChange(
            owner_id,
            user_id,
            {
                "banned_until": None,
                "muted_until": None,
                "reason": None,
                "sanctioned_by": None,
                "sanctioned_at": None,
            },
        )
        self._members.change(change, actor, entry)

    def appoint(self, actor: Actor, owner_id: str, user_id: str) -> None:
        """Make a person a moderator of all of the creator's streams.

        Args:
            actor: Who does it: the creator, or an operator.
            owner_id: The creator.
            user_id: The person.

        Raises:
            ForbiddenError: The actor is not the creator.
            InvalidInputError: The person is anonymous, or the creator.
            ConflictError: The person is banned.
        """
        self._require_owner(actor, owner_id)
        if is_anonymous(user_id) or is_erased(user_id) or user_id == owner_id:
            raise InvalidInputError(
                "Only somebody else who is signed in can moderate.", code="cannot-moderate"
            )
        now = self._clock()
        change = StandingChange(
            owner_id,
            user_id,
            {"role": Role.MODERATOR.value},
            is_notable=True,
            spares_banned=to_milliseconds(now),
        )
        self._log_role(actor, change, LogAction.APPOINT_MODERATOR)

    def dismiss(self, actor: Actor, owner_id: str, user_id: str) -> None:
        """Make a person a viewer again; a moderator may also resign.

        Args:
            actor: Who does it: the creator, an operator, or the moderator.
            owner_id: The creator.
            user_id: The person.

        Raises:
            ForbiddenError: The actor is somebody else.
        """
        if actor.user_id != user_id:
            self._require_owner(actor, owner_id)
        change = StandingChange(owner_id, user_id, {"role": Role.VIEWER.value})
        self._log_role(actor, change, LogAction.DISMISS_MODERATOR)

    def follow(self, user_id: str, owner_id: str) -> None:
        """Have a person follow a channel, from now on or as before.

        Args:
            user_id: The person.
            owner_id: The creator.

        Raises:
            InvalidInputError: It is the person's own channel.
            ConflictError: The person is banned from it.
        """
        if user_id == owner_id:
            raise InvalidInputError("Nobody follows oneself.", code="own-channel")
        member = self._members.get(owner_id, user_id)
        now = to_milliseconds(self._clock())
        if member.banned_until is not None and member.banned_until > now:
            raise ConflictError("You are banned from this channel.", code="banned")
        if member.following_since is None:
            self._members.change(StandingChange(owner_id, user_id, {"following_since": now}))

    def unfollow(self, user_id: str, owner_id: str) -> None:
        """Have a person follow a channel no longer.

        Args:
            user_id: The person.
            owner_id: The creator.
        """
        if self._members.get(owner_id, user_id).following_since is not None:
            self._members.change(StandingChange(owner_id, user_id, {"following_since": None}))

    def _sanction(
        self,
        actor: Actor,
        owner_id: str,
        user_id: str,
        reason: str | None,
        action: LogAction,
        until: int,
    ) -> None:
        now = self._clock()
        values: dict[str, str | int | None] = {
            "reason": reason or None,
            "sanctioned_by": actor.user_id,
            "sanctioned_at": to_rfc3339(now),
        }
        if action is LogAction.BAN:
            values |= {"banned_until": until, "muted_until": None, "role": Role.VIEWER.value}
        else:
            values["muted_until"] = until
        change = StandingChange(
            owner_id,
            user_id,
            values,
            is_notable=True,
            spares_moderators=not actor.rules(owner_id),
        )
        entry = new_entry(
            owner_id,
            action,
            actor.user_id,
            now,
            reason=reason,
            target_user_id=user_id,
            until=None if until == FOR_GOOD else until,
        )
        self._members.change(change, actor, entry)

    def _log_role(self, actor: Actor, change: StandingChange, action: LogAction) -> None:
        entry = new_entry(
            change.owner_id,
            action,
            actor.user_id,
            self._clock(),
            target_user_id=change.user_id,
        )
        # The right to do it is the creator's or one's own, and needs no condition.
        self._members.change(change, None, entry)

    @staticmethod
    def _require_owner(actor: Actor, owner_id: str) -> None:
        if not actor.rules(owner_id):
            raise ForbiddenError("Only the channel's creator can do this.", code="not-the-owner")

    @staticmethod
    def _refuse_impossible(actor: Actor, owner_id: str, user_id: str) -> None:
        if user_id == owner_id:
            raise InvalidInputError("The channel's creator cannot be shut out.", code="is-owner")
        if user_id == actor.user_id:
            raise InvalidInputError("Nobody sanctions oneself.", code="is-self")
        if is_erased(user_id):
            raise InvalidInputError(
                "Somebody who was erased can only be let back in.", code="is-erased"
            )
