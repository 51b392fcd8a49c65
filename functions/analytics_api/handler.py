"""Answers owners about their audiences."""

from __future__ import annotations

from aws_lambda_powertools import Logger

from ayinel_live.audience.analytics import AnalyticsReader
from ayinel_live.audience.series import HealthChange
from ayinel_live.audience.store import AudienceItem
from ayinel_live.channels.store import MemberItem
from ayinel_live.identity.callers import caller_from_claims
from ayinel_live.runtime.clock import to_milliseconds
from ayinel_live.runtime.http import HttpApi, Request, Response
from ayinel_live.runtime.tables import bind_table
from ayinel_live.streams.invitation_store import InvitationItem
from ayinel_live.streams.items import StreamItem
from ayinel_live.streams.service import StreamReader
from ayinel_live.streams.store import StreamStore
from functions.analytics_api import routes
from functions.analytics_api.schemas import (
    AnalyticsBody,
    AnalyticsQuery,
    MinuteBody,
    ReferrerBody,
    RegionBody,
    render_retention,
    render_totals,
)
from functions.analytics_api.settings import AnalyticsApiSettings

settings = AnalyticsApiSettings.from_environment()
bind_table(StreamItem, settings.streams_table)
bind_table(AudienceItem, settings.audience_table)
bind_table(MemberItem, settings.members_table)
bind_table(InvitationItem, settings.invitations_table)

api = HttpApi(Logger(service="analytics_api"))
streams = StreamReader()
audience = AnalyticsReader()


@api.route(routes.ANALYTICS.key)
def show_analytics(request: Request) -> Response:
    """Show the owner what is known of a stream's audience."""
    query = request.parameters(AnalyticsQuery)
    stream = streams.get_owned(query.stream_id, caller_from_claims(request.claims))
    found = audience.analytics(stream.stream_id, stream.end_time)
    wanted = query.wanted
    series = None
    if wanted & {"series", "retention"}:
        health = health_changes(stream.stream_id) if "series" in wanted else ()
        series = audience.series(stream.stream_id, stream.end_time, health)
    body = AnalyticsBody(
        stream_id=stream.stream_id,
        peak_viewers=found.totals.peak_viewers,
        total_views=found.totals.total_views,
        average_watch_time=found.average_watch_seconds,
        top_regions=tuple(map(RegionBody.of, found.regions)),
        device_types={name: n for name, n in found.totals.devices.items() if n},
        totals=render_totals(found) if "totals" in wanted else None,
        series=tuple(map(MinuteBody.of, series)) if series and "series" in wanted else None,
        retention=render_retention(series) if series and "retention" in wanted else None,
        referrers=tuple(map(ReferrerBody.of, found.referrers)) if "referrers" in wanted else None,
    )
    return Response(body=body)


def health_changes(stream_id: str) -> tuple[HealthChange, ...]:
    """Return how the ingest's state changed, as far as it is kept with the stream."""
    health = StreamStore().record(stream_id).health
    return tuple(HealthChange(to_milliseconds(at), state) for at, state in health.states())


handler = api
