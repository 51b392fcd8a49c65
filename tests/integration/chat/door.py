"""Where tickets are asked for, over real tables and one stream."""

from __future__ import annotations

from datetime import timedelta

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.standing import Standing
from ayinel_live.chat.admittance import ChatAdmittance, IssuedTicket, Visitor
from ayinel_live.chat.ticket_limits import TicketLimits
from ayinel_live.identity.callers import Caller
from ayinel_live.identity.signatures import FixedSecrets
from ayinel_live.identity.tickets import TicketClaims, TicketIssuer, TicketVerifier
from ayinel_live.identity.viewer_ids import ViewerIds
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.streams.model import LiveStream
from tests.integration.chat.conftest import CountedClient
from tests.support.chat import OWNER_ID, STREAM_ID
from tests.support.clock import START, FixedClock
from tests.support.streams import live_stream

SECRETS = FixedSecrets("secret")
PER_MINUTE = 6


class OneStream:
    def __init__(self) -> None:
        self.stream = live_stream(STREAM_ID, OWNER_ID, started_at=START)

    def get_visible(self, stream_id: str, caller: Caller | None) -> LiveStream:
        if stream_id != STREAM_ID:
            raise NotFoundError("There is no such stream.")
        return self.stream


class Door:
    def __init__(self, dynamodb: CountedClient) -> None:
        self.clock = FixedClock()
        self.streams = OneStream()
        self.dynamodb = dynamodb
        self.standing = Standing(MemberStore(), self.clock)
        self.admittance = ChatAdmittance(
            streams=self.streams,
            members=MemberStore(),
            limits=TicketLimits("Idempotency", SECRETS, lambda: dynamodb),
            issuer=TicketIssuer(SECRETS),
            viewer_ids=ViewerIds(SECRETS),
            per_minute_per_address=PER_MINUTE,
            clock=self.clock,
        )

    def knock(
        self,
        user_id: str = "",
        *,
        token: str | None = None,
        address: str = "203.0.113.7",
        is_operator: bool = False,
    ) -> IssuedTicket:
        expires_at = self.clock() + timedelta(minutes=30)
        caller = Caller(user_id, user_id.title(), is_operator, expires_at) if user_id else None
        visitor = Visitor(caller, token, address, "NL", "mobile", "example.org")
        return self.admittance.admit(STREAM_ID, visitor)

    def claims(self, issued: IssuedTicket) -> TicketClaims:
        return TicketVerifier(SECRETS).verify(issued.ticket, self.clock())
