"""The routes of the analytics API."""

from __future__ import annotations

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

ROUTES: tuple[Route, ...] = (ANALYTICS,)
