"""Chat tickets: who may open one WebSocket to one stream, said by the server to itself.

A ticket is `v1.<claims>.<HMAC-SHA256>`, good for a minute, used once (the connection's transaction
claims its id). Checking one takes no network, so a flood of bad ones costs only the hash. What it
claims rides in the authorizer's context on every frame, all as text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Literal, cast

from ayinel_live.identity.signatures import Secrets, Signer, decode, encode
from ayinel_live.runtime.errors import UnauthenticatedError

TICKET_LIFE_SECONDS = 60
_VERSION = "v1"
_PURPOSE = "chat-ticket"
# Far above any ticket of ours; longer ones are not worth hashing.
MAX_TICKET_CHARACTERS = 4096

TicketRole = Literal["owner", "moderator", "viewer"]


@dataclass(frozen=True, slots=True)
class TicketClaims:
    """What a ticket says.

    Attributes:
        ticket_id: A ULID; a ticket opens one connection.
        stream_id: The stream whose chat may be joined.
        owner_id: The creator whose stream it is.
        viewer_id: The person: a token's subject, or a signed viewer id of an anonymous one.
        user_id: The token's subject; empty for the anonymous.
        display_name: What others see.
        role: What the person was when the ticket was made: for show, never for a decision.
        country: ISO 3166-1 alpha-2, or empty.
        device_class: Coarse kind of device, or empty.
        referrer_host: Host of the page that led here, or empty.
        is_counted: Whether the person counts as a viewer.
        is_sight_certain: Whether the holder can see the stream for as long as the ticket lives; if
            not, the right is looked up again when the ticket is used.
        expires_at: When the ticket ends, to the second.
        connection_expires_at: When the connection that it opens ends, to the second.
    """

    ticket_id: str
    stream_id: str
    owner_id: str
    viewer_id: str
    user_id: str
    display_name: str
    role: TicketRole
    country: str
    device_class: str
    referrer_host: str
    is_counted: bool
    is_sight_certain: bool
    expires_at: datetime
    connection_expires_at: datetime

    def to_context(self) -> dict[str, str]:
        """Return the claims as the authorizer's context: camelCase names, every value text.

        Times are epoch seconds.
        """
        return {_wire_name(name): _to_text(value) for name, value in asdict(self).items()}

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> TicketClaims:
        """Read the claims from an authorizer's context.

        Args:
            context: The context; members that are not claims are passed over.

        Raises:
            UnauthenticatedError: A claim is missing or impossible.
        """
        try:
            given = {field.name: str(context[_wire_name(field.name)]) for field in fields(cls)}
            return cls(
                ticket_id=given["ticket_id"],
                stream_id=given["stream_id"],
                owner_id=given["owner_id"],
                viewer_id=given["viewer_id"],
                user_id=given["user_id"],
                display_name=given["display_name"],
                role=_role(given["role"]),
                country=given["country"],
                device_class=given["device_class"],
                referrer_host=given["referrer_host"],
                is_counted=given["is_counted"] == "true",
                is_sight_certain=given["is_sight_certain"] == "true",
                expires_at=_from_seconds(given["expires_at"]),
                connection_expires_at=_from_seconds(given["connection_expires_at"]),
            )
        except (KeyError, ValueError, OverflowError, OSError):
            raise UnauthenticatedError(
                "The ticket cannot be read.", code="ticket-malformed"
            ) from None


class TicketIssuer:
    """Makes tickets.

    Args:
        secrets: Where the signing secrets come from.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._signer = Signer(secrets, _PURPOSE)

    def issue(self, claims: TicketClaims) -> str:
        """Return the ticket that says the claims."""
        text = json.dumps(claims.to_context(), separators=(",", ":"), ensure_ascii=False)
        payload = encode(text.encode())
        return f"{_VERSION}.{payload}.{self._signer.sign(payload.encode())}"


class TicketVerifier:
    """Believes or refuses tickets.

    Args:
        secrets: Where the signing secrets come from.
    """

    def __init__(self, secrets: Secrets) -> None:
        self._signer = Signer(secrets, _PURPOSE)

    def verify(self, ticket: str, now: datetime) -> TicketClaims:
        """Return what a ticket says.

        Args:
            ticket: As it came in the address.
            now: The current time.

        Raises:
            UnauthenticatedError: Code `ticket-malformed`, `ticket-forged` or `ticket-expired`.
        """
        version, _, rest = ticket.partition(".")
        payload, _, signature = rest.partition(".")
        if version != _VERSION or not signature or len(ticket) > MAX_TICKET_CHARACTERS:
            raise UnauthenticatedError("The ticket cannot be read.", code="ticket-malformed")
        if not self._signer.verify(payload.encode("utf-8", "replace"), signature):
            raise UnauthenticatedError("The ticket does not verify.", code="ticket-forged")
        claims = TicketClaims.from_context(json.loads(decode(payload)))
        if claims.expires_at <= now:
            raise UnauthenticatedError("The ticket has expired.", code="ticket-expired")
        return claims


def _wire_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def _to_text(value: object) -> str:
    if isinstance(value, datetime):
        return str(int(value.timestamp()))
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _from_seconds(text: str) -> datetime:
    return datetime.fromtimestamp(int(text), UTC)


def _role(text: str) -> TicketRole:
    if text not in ("owner", "moderator", "viewer"):
        raise ValueError(text)
    return cast("TicketRole", text)
