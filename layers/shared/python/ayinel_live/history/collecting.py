"""Gathering what is kept of an ended stream, from the tables that its audience was counted in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from ayinel_live.audience.analytics import AnalyticsReader
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.presence_store import PresenceStore
from ayinel_live.audience.series import HealthChange
from ayinel_live.audience.settling import Settlement
from ayinel_live.audience.totals_store import TotalsStore
from ayinel_live.audience.viewer import Viewer
from ayinel_live.history.model import StreamHistory, ViewSession, viewer_key
from ayinel_live.runtime.clock import from_milliseconds, to_milliseconds
from ayinel_live.runtime.errors import InvalidStateError
from ayinel_live.streams.model import LiveStream


class HistoryCollector:
    """Settles streams and gathers their history.

    Args:
        settlement: Counts every viewer up to the stream's end.
        viewers: Where views lie.
        totals: Where totals lie.
        analytics: Makes series.
    """

    def __init__(
        self,
        settlement: Settlement | None = None,
        viewers: PresenceStore | None = None,
        totals: TotalsStore | None = None,
        analytics: AnalyticsReader | None = None,
    ) -> None:
        self._settlement = settlement or Settlement()
        self._viewers = viewers or PresenceStore()
        self._totals = totals or TotalsStore()
        self._analytics = analytics or AnalyticsReader()

    def collect(
        self,
        stream: LiveStream,
        messages: Iterable[Counted] = (),
        health: Sequence[HealthChange] = (),
    ) -> StreamHistory:
        """Return the history of an ended stream.

        Args:
            stream: The stream.
            messages: States of its messages and chatters.
            health: Changes of the ingest's state.

        Raises:
            InvalidStateError: It has not ended.
        """
        end = stream.end_time
        if end is None:
            raise InvalidStateError("A stream's history is written once it has ended.")
        self._settlement.settle(stream.stream_id, end, messages)
        totals = self._totals.get(stream.stream_id, is_consistent=True)
        return StreamHistory(
            stream_id=stream.stream_id,
            owner_id=stream.user_id,
            title=stream.title,
            started_at=min(stream.start_time or stream.created_at, end),
            ended_at=end,
            peak_viewers=totals.peak_viewers,
            peak_at=totals.peak_at,
            views=totals.total_views,
            unique_viewers=totals.unique_viewers,
            watched_ms=totals.watch_milliseconds(to_milliseconds(end)),
            messages=totals.messages,
            moderated_messages=totals.moderated_messages,
            chatters=totals.chatters,
            minutes=self._analytics.series(stream.stream_id, end, health),
            groups={
                "country": totals.countries,
                "device": totals.devices,
                "referrer": totals.referrers,
                "duration": totals.durations,
            },
            sessions=tuple(self._sessions(stream.stream_id, end)),
        )

    def present(self, stream_id: str) -> set[UUID]:
        """Return the pseudonyms of everybody whose views of a stream are there now.

        Args:
            stream_id: The stream.
        """
        return {viewer_key(viewer_id) for viewer_id in self._viewers.viewer_ids(stream_id)}

    def _sessions(self, stream_id: str, end: datetime) -> Iterator[ViewSession]:
        for viewer in self._viewers.viewers(stream_id):
            yield from sessions_of(viewer, end)


def sessions_of(viewer: Viewer, end: datetime) -> Iterator[ViewSession]:
    """Yield a viewer's views of an ended stream, cut at its end, under a pseudonym.

    Args:
        viewer: The viewer.
        end: When the stream ended.
    """
    key = viewer_key(viewer.viewer_id)
    limit = to_milliseconds(end)
    begun = (view for view in viewer.views if view.started_at < limit)
    for number, view in enumerate(begun):
        ended_at = limit if view.ended_at is None else min(view.ended_at, limit)
        yield ViewSession(
            viewer_key=key,
            number=number,
            started_at=from_milliseconds(view.started_at),
            ended_at=from_milliseconds(ended_at),
            country=view.country,
            device_class=view.device_class,
            referrer_host=view.referrer_host,
        )
