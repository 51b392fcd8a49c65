"""Where counters and markers lie: one stream's are read together and written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ayinel_live.audience import keys
from ayinel_live.audience.book import Minute, Minutes, Totals
from ayinel_live.audience.counting import Counted
from ayinel_live.audience.presence_store import StaleWriteError
from ayinel_live.audience.store import TOTALS, AudienceItem, AudienceMarkerItem
from ayinel_live.audience.viewer_items import (
    VIEWER_KEPT_MILLISECONDS,
    views_from_attributes,
    views_to_attributes,
)
from ayinel_live.runtime.errors import BusyError
from ayinel_live.runtime.transactions import ConditionFailedError, TransactWrite, write_together

MARKER_KEPT_SECONDS = 2 * VIEWER_KEPT_MILLISECONDS // 1000
# TransactWriteItems: at most 100 items (API reference).
MAX_TRANSACTION_ITEMS = 100
_LAST_MINUTE = keys.MINUTE_PREFIX + "~"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A stream's totals as read, with what writing them back needs; version 0 is none yet."""

    totals: Totals
    version: int
    high_water: int


class CountingStore:
    """Reads and writes a stream's counters."""

    def ledger(self, stream_id: str) -> Ledger:
        """Return a stream's totals, read strongly."""
        try:
            item = AudienceItem.get(stream_id, TOTALS, consistent_read=True)
        except AudienceItem.DoesNotExist:
            return Ledger(Totals(), 0, 0)
        return Ledger(_totals_from(item), int(item.version), int(item.peak_viewers))

    def markers(self, stream_id: str, subjects: Iterable[str]) -> dict[str, Counted]:
        """Return what was last counted of subjects, read strongly; the uncounted are left out.

        Args:
            stream_id: The stream.
            subjects: Any number.
        """
        found = AudienceMarkerItem.batch_get(
            [(stream_id, subject) for subject in subjects], consistent_read=True
        )
        return {item.subject: _counted_from(item) for item in found}

    def minutes_since(self, stream_id: str, first_minute: int) -> Minutes:
        """Return a stream's minutes from one on, read strongly.

        Args:
            stream_id: The stream.
            first_minute: Minutes since the epoch.
        """
        found = AudienceItem.query(
            stream_id,
            AudienceItem.kind.between(keys.minute_kind(max(0, first_minute)), _LAST_MINUTE),
            consistent_read=True,
        )
        return {keys.minute_of_kind(item.kind): minute_from_item(item) for item in found}

    def write(
        self,
        stream_id: str,
        before: Ledger,
        after: Totals | None,
        minutes: Minutes,
        markers: Iterable[tuple[Counted | None, Counted]],
        now_seconds: int,
    ) -> None:
        """Write counters and markers together, if nobody has in between.

        Args:
            stream_id: The stream.
            before: The totals as read.
            after: The new totals; None where only markers move.
            minutes: The minutes that changed.
            markers: Each subject's state as read and as counted now.
            now_seconds: The current time, epoch seconds.

        Raises:
            StaleWriteError: Somebody has.
        """
        steps = list(markers)

        def build(transaction: TransactWrite) -> None:
            for known, counted in steps:
                transaction.save(
                    _marker_item(stream_id, counted, now_seconds),
                    AudienceMarkerItem.subject.does_not_exist()
                    if known is None
                    else AudienceMarkerItem.version == known.version,
                )
            if after is None:
                return
            transaction.save(
                _totals_item(stream_id, before, after),
                AudienceItem.version == before.version
                if before.version
                else AudienceItem.kind.does_not_exist(),
            )
            for number, minute in minutes.items():
                transaction.save(_minute_item(stream_id, number, minute))

        try:
            write_together(build)
        except (ConditionFailedError, BusyError) as error:
            raise StaleWriteError from error


def minute_from_item(item: AudienceItem) -> Minute:
    """Return the minute that an item holds."""
    return Minute(
        joins=int(item.joins),
        leaves=int(item.leaves),
        presence_milliseconds=int(item.presence_milliseconds),
        messages=int(item.messages),
        moderated_messages=int(item.moderated_messages),
        seconds=Counter({int(second): n for second, n in _group(item.seconds).items()}),
    )


def _totals_from(item: AudienceItem) -> Totals:
    return Totals(
        viewer_count=int(item.viewer_count),
        total_views=int(item.total_views),
        unique_viewers=int(item.unique_viewers),
        closed_milliseconds=int(item.closed_milliseconds),
        open_views=int(item.open_views),
        open_since_milliseconds=int(item.open_since_milliseconds),
        messages=int(item.messages),
        moderated_messages=int(item.moderated_messages),
        chatters=int(item.chatters),
        countries=Counter(_group(item.countries)),
        devices=Counter(_group(item.devices)),
        referrers=Counter(_group(item.referrers)),
        durations=Counter(_group(item.durations)),
        peak=int(item.true_peak),
        peak_second=None if item.peak_at is None else int(item.peak_at) // 1000,
    )


def _group(attribute: object) -> Mapping[str, int]:
    if attribute is None:
        return {}
    as_dict: dict[str, int] = attribute.as_dict()  # type: ignore[attr-defined]  # a map attribute
    return as_dict


def _totals_item(stream_id: str, before: Ledger, totals: Totals) -> AudienceItem:
    return AudienceItem(
        stream_id,
        TOTALS,
        version=before.version + 1,
        viewer_count=totals.viewer_count,
        peak_viewers=max(before.high_water, totals.peak),
        true_peak=totals.peak,
        peak_at=None if totals.peak_second is None else totals.peak_second * 1000,
        total_views=totals.total_views,
        unique_viewers=totals.unique_viewers,
        closed_milliseconds=totals.closed_milliseconds,
        open_views=totals.open_views,
        open_since_milliseconds=totals.open_since_milliseconds,
        messages=totals.messages,
        moderated_messages=totals.moderated_messages,
        chatters=totals.chatters,
        countries=dict(totals.countries),
        devices=dict(totals.devices),
        referrers=dict(totals.referrers),
        durations=dict(totals.durations),
    )


def _minute_item(stream_id: str, number: int, minute: Minute) -> AudienceItem:
    return AudienceItem(
        stream_id,
        keys.minute_kind(number),
        joins=minute.joins,
        leaves=minute.leaves,
        presence_milliseconds=minute.presence_milliseconds,
        messages=minute.messages,
        moderated_messages=minute.moderated_messages,
        seconds={str(second): amount for second, amount in minute.seconds.items()},
    )


def _counted_from(item: AudienceMarkerItem) -> Counted:
    return Counted(
        subject=item.subject,
        version=int(item.version),
        views=views_from_attributes(item.views),
        stream_end=None if item.stream_end is None else int(item.stream_end),
        at=None if item.at is None else int(item.at),
        is_moderated=bool(item.is_moderated),
    )


def _marker_item(stream_id: str, counted: Counted, now_seconds: int) -> AudienceMarkerItem:
    return AudienceMarkerItem(
        stream_id,
        counted.subject,
        version=counted.version,
        views=views_to_attributes(counted.views) or None,
        stream_end=counted.stream_end,
        at=counted.at,
        is_moderated=counted.is_moderated or None,
        expires_at=now_seconds + MARKER_KEPT_SECONDS,
    )
