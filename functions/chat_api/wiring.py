"""What the endpoints stand on, made once with the first request."""

from __future__ import annotations

from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.moderation_log import ModerationLogItem
from ayinel_live.channels.standing import Standing
from ayinel_live.channels.store import MemberItem
from ayinel_live.chat.admittance import ChatAdmittance
from ayinel_live.chat.judging import MessageJudge
from ayinel_live.chat.message_reader import MessageReader
from ayinel_live.chat.message_store import MessageStore
from ayinel_live.chat.pages import ChatPages
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.chat.ticket_limits import TicketLimits
from ayinel_live.identity.callers import Caller, caller_from_claims
from ayinel_live.identity.cursors import Cursors
from ayinel_live.identity.signatures import RotatingSecrets
from ayinel_live.identity.tickets import TicketIssuer
from ayinel_live.identity.tokens import TokenVerifier
from ayinel_live.identity.viewer_ids import ViewerIds
from ayinel_live.runtime.http import Request
from ayinel_live.runtime.idempotency import IdempotencyItem
from ayinel_live.runtime.tables import bind_table
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.service import StreamReader
from functions.chat_api.api import settings

bind_table(ChatMessageItem, settings.chat_messages_table)
bind_table(IdempotencyItem, settings.idempotency_table)
bind_table(InvitationItem, settings.invitations_table)
bind_table(MemberItem, settings.members_table)
bind_table(ModerationLogItem, settings.moderation_log_table)
bind_table(StreamItem, settings.streams_table)

is_behind_cloudfront = bool(settings.origin_secret_arn)
secrets = RotatingSecrets(settings.ticket_secret_arn)
members = MemberStore()
streams = StreamReader()
messages = MessageReader()
judge = MessageJudge(messages, MessageStore())
pages = ChatPages(streams, messages, Standing(members), Cursors(secrets))
admittance = ChatAdmittance(
    streams=streams,
    members=members,
    limits=TicketLimits(settings.idempotency_table, secrets),
    issuer=TicketIssuer(secrets),
    viewer_ids=ViewerIds(secrets),
    per_minute_per_address=settings.tickets_per_minute_per_address,
)
_verifier = TokenVerifier(
    settings.token_issuer,
    settings.token_jwks_url,
    settings.audiences,
    operator_group=settings.operator_group,
)


def signed_in(request: Request) -> Caller:
    """Return the caller whom the gateway has verified.

    Raises:
        UnauthenticatedError: The token names nobody.
    """
    return caller_from_claims(request.claims, settings.operator_group)


def maybe_signed_in(request: Request) -> Caller | None:
    """Return who is calling where a token is optional.

    Raises:
        UnauthenticatedError: A token was sent and does not verify.
    """
    return _verifier.caller(request.headers)
