"""Reading a stream's totals: one item, whatever the size of the audience."""

from __future__ import annotations

from collections.abc import Iterable

from ayinel_live.audience.model import AudienceTotals
from ayinel_live.audience.store import TOTALS, AudienceItem
from ayinel_live.runtime.clock import from_milliseconds


class TotalsStore:
    """The totals items."""

    def get(self, stream_id: str, *, is_consistent: bool = False) -> AudienceTotals:
        """Return a stream's totals, all zero where nothing has been counted.

        Args:
            stream_id: The stream.
            is_consistent: Whether the read must see every write before it.
        """
        try:
            item = AudienceItem.get(stream_id, TOTALS, consistent_read=is_consistent)
        except AudienceItem.DoesNotExist:
            return AudienceTotals()
        return totals_from_item(item)

    def get_many(self, stream_ids: Iterable[str]) -> dict[str, AudienceTotals]:
        """Return the totals of several streams; those without any are left out.

        Args:
            stream_ids: The streams, any number.
        """
        found = AudienceItem.batch_get([(stream_id, TOTALS) for stream_id in stream_ids])
        return {item.stream_id: totals_from_item(item) for item in found}

    def shard_basis(self, stream_id: str) -> int:
        """Return the highest peak ever written of a stream, by which connections are dealt."""
        try:
            item = AudienceItem.get(stream_id, TOTALS)
        except AudienceItem.DoesNotExist:
            return 0
        return int(item.peak_viewers)


def totals_from_item(item: AudienceItem) -> AudienceTotals:
    """Return the totals that an item holds."""
    return AudienceTotals(
        viewer_count=int(item.viewer_count),
        peak_viewers=int(item.true_peak),
        peak_at=None if item.peak_at is None else from_milliseconds(int(item.peak_at)),
        total_views=int(item.total_views),
        unique_viewers=int(item.unique_viewers),
        closed_milliseconds=int(item.closed_milliseconds),
        open_views=int(item.open_views),
        open_since_milliseconds=int(item.open_since_milliseconds),
        messages=int(item.messages),
        moderated_messages=int(item.moderated_messages),
        chatters=int(item.chatters),
        countries=item.countries.as_dict() if item.countries else {},
        devices=item.devices.as_dict() if item.devices else {},
        referrers=item.referrers.as_dict() if item.referrers else {},
        durations=item.durations.as_dict() if item.durations else {},
        version=int(item.version),
    )
