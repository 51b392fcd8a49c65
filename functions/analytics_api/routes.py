"""The routes of the analytics API."""

from __future__ import annotations

from functions.analytics_api.history_schemas import (
    HistoryBody,
    HistoryQuery,
    PastStreamDetailsBody,
    PastStreamQuery,
)
from functions.analytics_api.schemas import AnalyticsBody, AnalyticsQuery
from functions.routes import Access, Route

ANALYTICS = Route(
    "GET",
    "/analytics/{streamId}",
    "show_analytics",
    Access.SIGNED_IN,
    "What is known of a stream's audience, to its owner",
    response=AnalyticsBody,
    parameters=AnalyticsQuery,
    problems=(403, 404),
)
HISTORY = Route(
    "GET",
    "/history",
    "show_history",
    Access.SIGNED_IN,
    "The caller's ended streams over some days: totals, growth, best stream, peak hours",
    response=HistoryBody,
    parameters=HistoryQuery,
    problems=(422, 503),
    requests_per_second=20,
    burst=50,
    response_media_types=("application/json", "text/csv"),
)
PAST_STREAM = Route(
    "GET",
    "/history/{streamId}",
    "show_past_stream",
    Access.SIGNED_IN,
    "One ended stream of the caller, from the history",
    response=PastStreamDetailsBody,
    parameters=PastStreamQuery,
    problems=(404, 422, 503),
    requests_per_second=20,
    burst=50,
    response_media_types=("application/json", "text/csv"),
)

ROUTES: tuple[Route, ...] = (ANALYTICS, HISTORY, PAST_STREAM)
