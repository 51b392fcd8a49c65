"""Answers owners about their audiences: one stream live or ended, and their history."""

from __future__ import annotations

from ayinel_live.audience.series import HealthChange
from ayinel_live.history.csv_export import CSV_CONTENT_TYPE, minutes_csv, streams_csv
from ayinel_live.history.period import period_of
from ayinel_live.history.reader import MAX_STREAMS
from ayinel_live.identity.callers import caller_from_claims
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.http import Request, Response
from functions.analytics_api import routes
from functions.analytics_api.api import api
from functions.analytics_api.history_schemas import (
    HistoryBody,
    HistoryQuery,
    PastStreamDetailsBody,
    PastStreamQuery,
)
from functions.analytics_api.schemas import AnalyticsQuery, render_analytics
from functions.analytics_api.wiring import (
    audience,
    clock,
    history,
    reader,
    streams,
)


@api.route(routes.ANALYTICS.key)
def show_analytics(request: Request) -> Response:
    """Show the owner what is known of a stream's audience."""
    query = request.parameters(AnalyticsQuery)
    stream = reader.get_owned(query.stream_id, caller_from_claims(request.claims))
    found = audience.analytics(stream.stream_id, stream.end_time)
    series = None
    if query.wanted & {"series", "retention"}:
        health = _health_changes(stream.stream_id) if "series" in query.wanted else ()
        series = audience.series(stream.stream_id, stream.end_time, health)
    return Response(body=render_analytics(stream.stream_id, found, series, query.wanted))


@api.route(routes.HISTORY.key)
def show_history(request: Request) -> Response:
    """Show the caller's ended streams over some days."""
    query = request.parameters(HistoryQuery)
    owner_id = caller_from_claims(request.claims).user_id
    period = period_of(query.first, query.last, clock().date())
    if query.format == "csv":
        overview = history().overview(owner_id, period, limit=MAX_STREAMS)
        return _csv(streams_csv(overview.streams), f"history-{period.first}-{period.last}")
    return Response(body=HistoryBody.of(history().overview(owner_id, period)))


@api.route(routes.PAST_STREAM.key)
def show_past_stream(request: Request) -> Response:
    """Show one ended stream of the caller."""
    query = request.parameters(PastStreamQuery)
    owner_id = caller_from_claims(request.claims).user_id
    details = history().stream(owner_id, query.stream_id)
    if query.format == "csv":
        return _csv(minutes_csv(details.minutes), f"stream-{query.stream_id}")
    return Response(body=PastStreamDetailsBody.of(details))


def _health_changes(stream_id: str) -> tuple[HealthChange, ...]:
    """Return how the ingest's state changed, as far as it is kept with the stream."""
    health = streams.record(stream_id).health
    return tuple(HealthChange(to_milliseconds(at), state) for at, state in health.states())


def _csv(text: str, name: str) -> Response:
    headers = {
        "content-type": CSV_CONTENT_TYPE,
        "content-disposition": f'attachment; filename="{name}.csv"',
    }
    return Response(body=text, headers=headers)
