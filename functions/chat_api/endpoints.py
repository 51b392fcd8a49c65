"""The endpoints, imported with the first request."""

from __future__ import annotations

from ayinel_live.audience.where import locate
from ayinel_live.channels.model import Actor
from ayinel_live.chat.admittance import Visitor
from ayinel_live.runtime import metrics
from ayinel_live.runtime.http import Request, Response
from functions.chat_api import routes
from functions.chat_api.api import api, settings, telemetry
from functions.chat_api.schemas import (
    HeldDecision,
    HeldDecisionBody,
    HeldMessageListBody,
    HeldMessagePath,
    MessageListBody,
    MessagesQuery,
    RemovalQuery,
    StreamPath,
    TicketAnswer,
    TicketBody,
)
from functions.chat_api.wiring import (
    admittance,
    is_behind_cloudfront,
    judge,
    maybe_signed_in,
    pages,
    signed_in,
)


@api.route(routes.TICKET.key)
def take_chat_ticket(request: Request) -> Response:
    """Give out a ticket."""
    caller = maybe_signed_in(request)
    stream_id = request.parameters(StreamPath).stream_id
    body = request.json(TicketBody) if request.body.strip() else TicketBody()
    where = locate(request.headers, request.source_ip, is_behind_cloudfront)
    issued = admittance.admit(
        stream_id,
        Visitor(
            caller=caller,
            viewer_token=body.viewer_token,
            address=_address(request),
            country=where.country,
            device_class=where.device_class,
            referrer_host=where.referrer_host,
        ),
    )
    telemetry.count(metrics.TICKETS_ISSUED)
    return Response(
        body=TicketAnswer(
            ticket=issued.ticket,
            chat_url=settings.chat_url,
            viewer_id=issued.viewer_id,
            viewer_token=issued.viewer_token,
            role=issued.role,
            expires_in=issued.expires_in,
            connection_expires_at=issued.connection_expires_at,
        )
    )


@api.route(routes.MESSAGES.key)
def list_messages(request: Request) -> Response:
    """List shown messages."""
    caller = maybe_signed_in(request)
    query = request.parameters(MessagesQuery)
    page = pages.history(query.stream_id, caller, query.cursor, query.limit)
    return Response(body=MessageListBody.of(page))


@api.route(routes.REMOVE_MESSAGE.key)
def remove_message(request: Request) -> Response:
    """Take a message away."""
    actor = Actor.from_caller(signed_in(request))
    query = request.parameters(RemovalQuery)
    judge.remove(actor, query.stream_id, query.message_id, query.reason)
    return Response(status=204)


@api.route(routes.HELD_MESSAGES.key)
def list_held_messages(request: Request) -> Response:
    """List messages that wait."""
    caller = signed_in(request)
    query = request.parameters(MessagesQuery)
    page = pages.held(query.stream_id, caller, query.cursor, query.limit)
    return Response(body=HeldMessageListBody.of(page))


@api.route(routes.DECIDE_HELD_MESSAGE.key)
def decide_held_message(request: Request) -> Response:
    """Approve or deny a message that waits."""
    actor = Actor.from_caller(signed_in(request))
    path = request.parameters(HeldMessagePath)
    body = request.json(HeldDecisionBody)
    decide = judge.approve if body.decision is HeldDecision.APPROVE else judge.deny
    decide(actor, path.stream_id, path.message_id, body.reason)
    telemetry.count(metrics.HELD_MESSAGES_DECIDED)
    return Response(status=204)


def _address(request: Request) -> str:
    """Return the caller's address, as CloudFront tells it where it stands before the API."""
    told = request.headers.get("cloudfront-viewer-address", "") if is_behind_cloudfront else ""
    return told.rpartition(":")[0].strip("[]") or request.source_ip
