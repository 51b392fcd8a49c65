"""Reading audiences: what status, details, lists and dashboards show."""

from __future__ import annotations

from collections.abc import Iterable

from ayinel_live.audience.model import AudienceTotals
from ayinel_live.audience.totals_store import TotalsStore


class AudienceReader:
    """Counters for whoever may see them; the right to is the caller's to check.

    Args:
        totals: Where totals lie.
    """

    def __init__(self, totals: TotalsStore | None = None) -> None:
        self._totals = totals or TotalsStore()

    def totals(self, stream_id: str) -> AudienceTotals:
        """Return a stream's totals with one read, all zero where nothing has been counted.

        Args:
            stream_id: The stream.
        """
        return self._totals.get(stream_id)

    def totals_of(self, stream_ids: Iterable[str]) -> dict[str, AudienceTotals]:
        """Return the totals of several streams, each of them present.

        Args:
            stream_ids: The streams, any number.
        """
        wanted = tuple(stream_ids)
        found = self._totals.get_many(wanted)
        return {stream_id: found.get(stream_id, AudienceTotals()) for stream_id in wanted}
