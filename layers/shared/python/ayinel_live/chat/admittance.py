"""Giving out chat tickets: who may join a stream's chat, and as whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ayinel_live.channels.model import Member, Role
from ayinel_live.channels.pseudonyms import is_erased
from ayinel_live.identity.callers import Caller
from ayinel_live.identity.tickets import (
    TICKET_LIFE_SECONDS,
    TicketClaims,
    TicketIssuer,
    TicketRole,
)
from ayinel_live.identity.viewer_ids import ViewerIds, guest_name, is_anonymous
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import ForbiddenError, InvalidStateError, UnauthenticatedError
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.model import LiveStream, Visibility

# API Gateway quotas: a WebSocket lasts two hours. A minute less, so that the client is the one
# that chooses the moment.
CONNECTION_LIFE = timedelta(minutes=119)
TICKETS_PER_MINUTE_PER_USER = 30


class Streams(Protocol):
    """Reads streams."""

    def get_visible(self, stream_id: str, caller: Caller | None) -> LiveStream:
        """Return a stream that the caller may see."""
        ...


class Members(Protocol):
    """Knows people's standing."""

    def get(self, owner_id: str, user_id: str) -> Member:
        """Return a person's standing."""
        ...


class Limits(Protocol):
    """Counts tickets."""

    def take(self, subject: str, per_minute: int, now: datetime) -> None:
        """Count one ticket."""
        ...

    def subject_of_address(self, address: str, now: datetime) -> str:
        """Return what stands for an address today."""
        ...

    def subject_of_user(self, user_id: str, now: datetime) -> str:
        """Return what stands for somebody who is signed in."""
        ...


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a ticket, and from where.

    Attributes:
        caller: Who is signed in; None for nobody.
        viewer_token: By which an anonymous viewer is known again, or None.
        address: The address, counted by and then forgotten.
        country: ISO 3166-1 alpha-2, or empty.
        device_class: Coarse kind of device, or empty.
        referrer_host: Host of the page that the player sits in, or empty.
    """

    caller: Caller | None
    viewer_token: str | None
    address: str
    country: str = ""
    device_class: str = ""
    referrer_host: str = ""


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A ticket and what its holder has to know.

    Attributes:
        ticket: The ticket, a secret for a minute.
        viewer_id: Under which the holder is known.
        viewer_token: By which an anonymous holder is known again; None for who is signed in.
        role: What the holder is in the channel.
        expires_in: Seconds until the ticket ends.
        connection_expires_at: When the connection that it opens ends.
    """

    ticket: str
    viewer_id: str
    viewer_token: str | None
    role: TicketRole
    expires_in: int
    connection_expires_at: datetime


class ChatAdmittance:
    """Gives out tickets.

    Args:
        streams: Reads streams.
        members: Knows people's standing.
        limits: Counts tickets.
        issuer: Makes tickets.
        viewer_ids: Gives out and recognises anonymous viewers' ids.
        per_minute_per_address: How many tickets an address may take.
        clock: Tells the time.
    """

    def __init__(
        self,
        *,
        streams: Streams,
        members: Members,
        limits: Limits,
        issuer: TicketIssuer,
        viewer_ids: ViewerIds,
        per_minute_per_address: int,
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._members = members
        self._limits = limits
        self._issuer = issuer
        self._viewer_ids = viewer_ids
        self._per_minute_per_address = per_minute_per_address
        self._clock = clock

    def admit(self, stream_id: str, visitor: Visitor) -> IssuedTicket:
        """Return a ticket for one connection to a stream's chat.

        Args:
            stream_id: The stream.
            visitor: Who asks.

        Raises:
            NotFoundError: There is no such stream, or none that the visitor may know of.
            InvalidStateError: The broadcast is over.
            ForbiddenError: The visitor is banned from the channel.
            RateLimitedError: Too many tickets were taken.
        """
        now = self._clock()
        self._count(visitor, now)
        stream = self._streams.get_visible(stream_id, visitor.caller)
        if stream.is_over:
            raise InvalidStateError("The broadcast is over.", code="stream-over")
        viewer_id, display_name, viewer_token = self._person(visitor, now)
        role = self._role(stream, viewer_id, visitor.caller, now)
        ends = now + CONNECTION_LIFE
        if visitor.caller is not None:
            ends = min(ends, visitor.caller.token_expires_at)
        claims = TicketClaims(
            ticket_id=new_ulid(now),
            stream_id=stream.stream_id,
            owner_id=stream.user_id,
            viewer_id=viewer_id,
            user_id=visitor.caller.user_id if visitor.caller else "",
            display_name=display_name,
            role=role,
            country=visitor.country,
            device_class=visitor.device_class,
            referrer_host=visitor.referrer_host,
            # The creator's own window on the broadcast is no audience.
            is_counted=role != "owner",
            is_sight_certain=_is_sight_certain(stream, visitor.caller),
            expires_at=now + timedelta(seconds=TICKET_LIFE_SECONDS),
            connection_expires_at=ends,
        )
        return IssuedTicket(
            ticket=self._issuer.issue(claims),
            viewer_id=viewer_id,
            viewer_token=viewer_token,
            role=role,
            expires_in=TICKET_LIFE_SECONDS,
            connection_expires_at=ends,
        )

    def _count(self, visitor: Visitor, now: datetime) -> None:
        if visitor.caller is not None:
            subject = self._limits.subject_of_user(visitor.caller.user_id, now)
            self._limits.take(subject, TICKETS_PER_MINUTE_PER_USER, now)
        else:
            subject = self._limits.subject_of_address(visitor.address, now)
            self._limits.take(subject, self._per_minute_per_address, now)

    def _person(self, visitor: Visitor, now: datetime) -> tuple[str, str, str | None]:
        """Return viewer id, name and, for the anonymous, the token to be known again by."""
        if visitor.caller is not None:
            user_id = visitor.caller.user_id
            if is_anonymous(user_id) or is_erased(user_id):
                raise UnauthenticatedError("The token's subject cannot be used here.")
            return user_id, visitor.caller.display_name, None
        known = self._viewer_ids.recognise(visitor.viewer_token) if visitor.viewer_token else None
        viewer_id = known or self._viewer_ids.new(now)
        return viewer_id, guest_name(viewer_id), self._viewer_ids.token_of(viewer_id)

    def _role(
        self, stream: LiveStream, viewer_id: str, caller: Caller | None, now: datetime
    ) -> TicketRole:
        if caller is not None and caller.user_id == stream.user_id:
            return "owner"
        member = self._members.get(stream.user_id, viewer_id)
        if member.is_banned(now):
            raise ForbiddenError("You are banned from this channel.", code="banned")
        return "moderator" if member.role is Role.MODERATOR else "viewer"


def _is_sight_certain(stream: LiveStream, caller: Caller | None) -> bool:
    """Whether no change within a ticket's life can hide the stream from its holder.

    An open PUBLIC stream stays PUBLIC, since it cannot cross to the creator's other channel.
    """
    if stream.visibility is Visibility.PUBLIC:
        return True
    return caller is not None and (caller.is_operator or caller.user_id == stream.user_id)
