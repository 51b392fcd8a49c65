"""Endpoints of trust and safety: viewers report, operators look and act, all of it logged."""

from __future__ import annotations

from ayinel_live.identity.callers import Caller
from ayinel_live.runtime import metrics
from ayinel_live.runtime.errors import ForbiddenError
from ayinel_live.runtime.http import Request, Response
from ayinel_live.streams.reports import Complaint
from functions.streams_api import owner_routes as routes
from functions.streams_api.api import api, logger, telemetry
from functions.streams_api.owner_schemas import (
    AllowCreatorQuery,
    CreatorPath,
    MessagePath,
    ReportBody,
    ReportDecisionBody,
    ReportedBody,
    ReportListBody,
    ReportPath,
    ReportQuery,
    ReportShownBody,
    StartBanBody,
)
from functions.streams_api.schemas import StreamPath
from functions.streams_api.wiring import (
    budget,
    oversight,
    reader,
    recordings,
    reports,
    signed_in,
    streams,
)


@api.route(routes.REPORT_STREAM.key)
def report_stream(request: Request) -> Response:
    """Report a stream."""
    caller = signed_in(request)
    return _report(request, caller, request.parameters(StreamPath).stream_id, None)


@api.route(routes.REPORT_MESSAGE.key)
def report_message(request: Request) -> Response:
    """Report a chat message."""
    caller = signed_in(request)
    path = request.parameters(MessagePath)
    return _report(request, caller, path.stream_id, path.message_id)


@api.route(routes.LIST_REPORTS.key)
def list_reports(request: Request) -> Response:
    """List reports."""
    _require_operator(signed_in(request))
    query = request.parameters(ReportQuery)
    page = reports.page(query.status, before=query.cursor, limit=query.limit)
    cursor = page[-1].made_id if len(page) == query.limit else None
    reported = streams.many(report.stream_id for report in page)
    pictures = {stream_id: recordings.picture(stream) for stream_id, stream in reported.items()}
    shown = tuple(ReportShownBody.of(report, pictures.get(report.stream_id)) for report in page)
    return Response(body=ReportListBody(reports=shown, cursor=cursor))


@api.route(routes.DECIDE_REPORT.key)
def decide_report(request: Request) -> Response:
    """Settle a report."""
    caller = signed_in(request)
    _require_operator(caller)
    body = request.json(ReportDecisionBody)
    report_id = request.parameters(ReportPath).report_id
    decided = oversight.decide_report(caller, report_id, body.status, body.reason)
    logger.info("report_decided", report_id=report_id, status=body.status, operator=caller.user_id)
    return Response(body=ReportShownBody.of(decided))


@api.route(routes.BAN_CREATOR.key)
def ban_creator(request: Request) -> Response:
    """Keep a creator from starting streams and end the open one."""
    caller = signed_in(request)
    _require_operator(caller)
    user_id = request.parameters(CreatorPath).user_id
    reason = request.json(StartBanBody).reason
    budget.restart()
    oversight.ban_creator(caller, user_id, reason)
    logger.warning("creator_banned", user_id=user_id, operator=caller.user_id)
    return Response(204)


@api.route(routes.ALLOW_CREATOR.key)
def allow_creator(request: Request) -> Response:
    """Let a creator start streams again."""
    caller = signed_in(request)
    _require_operator(caller)
    query = request.parameters(AllowCreatorQuery)
    oversight.allow_creator(caller, query.user_id, query.reason)
    logger.warning("creator_allowed", user_id=query.user_id, operator=caller.user_id)
    return Response(204)


def _report(request: Request, caller: Caller, stream_id: str, message_id: str | None) -> Response:
    stream = reader.get_visible(stream_id, caller)
    body = request.json(ReportBody)
    report_id = reports.make(
        Complaint(
            reporter_id=caller.user_id,
            stream_id=stream_id,
            owner_id=stream.user_id,
            message_id=message_id,
            reason=body.reason,
            detail=body.detail,
        )
    )
    telemetry.count(metrics.REPORTS_FILED)
    logger.info("report_made", report_id=report_id, stream_id=stream_id, reason=body.reason)
    return Response(202, ReportedBody(report_id=report_id))


def _require_operator(caller: Caller) -> None:
    if not caller.is_operator:
        raise ForbiddenError("Only operators may do this.", code="operators-only")
