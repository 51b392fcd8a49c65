"""The broadcaster: a batch of table changes becomes postings, one set for each stream.

Whatever fails but the records themselves raises, so that the batch comes again: then the same
records make the same messages, which the queue knows by their ids. A record that nobody can read is
set aside with the reason and passed over, since it would hold up everything behind it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ayinel_live.fan_out.changes import PoisonRecordError, Record, news_of
from ayinel_live.fan_out.gathering import COUNT_SECONDS, Gathering, spacing_seconds
from ayinel_live.fan_out.handover import Handover, Packed, Parcel, pack
from ayinel_live.fan_out.lookups import Crowd, Lookups
from ayinel_live.fan_out.merge import MAX_FRAME_BYTES, encode, newest
from ayinel_live.fan_out.news import (
    EveryoneOut,
    ForChannel,
    ForEveryone,
    ForPerson,
    ForStaff,
    InvitationLost,
    News,
    PersonOut,
    StrangersOut,
)
from ayinel_live.fan_out.postings import (
    Event,
    Posting,
    Recipient,
    ToConnections,
    ToPerson,
    ToShard,
)

_IDS_IN_A_POSTING = 500


class SetsAside(Protocol):
    """Keeps what cannot be worked on."""

    def set_aside(self, record: Record, reason: str) -> None:
        """Keep a record with the reason."""


@dataclass(slots=True)
class _Told:
    """Events for one recipient, each with the record that it comes from."""

    events: list[Event] = field(default_factory=list)
    record_ids: list[str] = field(default_factory=list)

    def add(self, event: Event, record_id: str) -> None:
        self.events.append(event)
        self.record_ids.append(record_id)

    def packed(self) -> list[Packed]:
        record_of = dict(zip(map(id, self.events), self.record_ids, strict=True))
        return pack([(event, record_of[id(event)]) for event in newest(self.events)])


@dataclass(slots=True)
class _Batch:
    """All news of a batch, by whom they are for; closings come after what is told."""

    everyone: defaultdict[str, _Told] = field(default_factory=lambda: defaultdict(_Told))
    people: defaultdict[ToPerson, _Told] = field(default_factory=lambda: defaultdict(_Told))
    staff: defaultdict[tuple[str, str], _Told] = field(default_factory=lambda: defaultdict(_Told))
    closings: list[tuple[News, str]] = field(default_factory=list)
    channel_streams: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def ending_streams(self) -> list[str]:
        return [news.stream_id for news, _ in self.closings if isinstance(news, EveryoneOut)]

    def counted_streams(self) -> list[str]:
        return [
            stream_id
            for stream_id, told in self.everyone.items()
            if any(event["type"] == "viewer-count" for event in told.events)
        ]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to: records read, set aside, and messages sent."""

    records: int
    set_aside: int
    postings: int


class Broadcaster:
    """Hands table changes on to whoever posts them.

    Args:
        tables: Logical name by physical table name.
        lookups: Knows who is where.
        handover: Sends postings.
        aside: Keeps poison.
        counts: Spaces viewer counts.
        batches: Spaces the batches of crowded streams.
        posts_per_second: What all post workers together may post; 0 for no limit.
    """

    def __init__(
        self,
        tables: Mapping[str, str],
        lookups: Lookups,
        handover: Handover,
        aside: SetsAside,
        counts: Gathering,
        batches: Gathering,
        posts_per_second: float,
    ) -> None:
        self._tables = tables
        self._lookups = lookups
        self._handover = handover
        self._aside = aside
        self._counts = counts
        self._batches = batches
        self._posts_per_second = posts_per_second

    def broadcast(self, records: Sequence[Record]) -> Summary:
        """Hand on what a batch of stream records tells.

        Args:
            records: As Lambda hands them over.

        Raises:
            UpstreamError: The batch must come again.
        """
        batch = _Batch()
        set_aside = 0
        for record in records:
            try:
                news = news_of(record, self._tables)
                _check_sizes(news)
            except PoisonRecordError as error:
                self._aside.set_aside(record, str(error))
                set_aside += 1
                continue
            for item in news:
                self._sort_in(batch, item, str(record.get("eventID", "")))
        crowds = self._lookups.crowds([*batch.everyone, *batch.ending_streams()])
        self._counts.wait(dict.fromkeys(batch.counted_streams(), COUNT_SECONDS))
        self._batches.wait(
            {
                stream_id: spacing_seconds(crowds[stream_id].viewers, self._posts_per_second)
                for stream_id in batch.everyone
            }
        )
        sent = self._handover.send(self._parcels(batch, crowds))
        return Summary(len(records), set_aside, sent)

    def _sort_in(self, batch: _Batch, news: News, record_id: str) -> None:
        match news:
            case ForEveryone(stream_id, event):
                batch.everyone[stream_id].add(event, record_id)
            case ForPerson(stream_id, viewer_id, event):
                batch.people[ToPerson(viewer_id, stream_id=stream_id)].add(event, record_id)
            case ForStaff(stream_id, owner_id, event):
                batch.staff[stream_id, owner_id].add(event, record_id)
            case ForChannel(owner_id, event):
                if owner_id not in batch.channel_streams:
                    batch.channel_streams[owner_id] = self._lookups.streams_of(owner_id)
                for stream_id in batch.channel_streams[owner_id]:
                    batch.everyone[stream_id].add({**event, "streamId": stream_id}, record_id)
            case _:
                batch.closings.append((news, record_id))

    def _parcels(self, batch: _Batch, crowds: Mapping[str, Crowd]) -> Iterable[Parcel]:
        for stream_id, told in batch.everyone.items():
            packed = told.packed()
            for shard in range(crowds[stream_id].shards):
                yield from _telling(ToShard(stream_id, shard), packed)
        for person, told in batch.people.items():
            yield from _telling(person, told.packed())
        for (stream_id, owner_id), told in batch.staff.items():
            ids = self._lookups.staff(stream_id, owner_id)
            if ids:
                staff = ToConnections(stream_id, ids, f"{stream_id}#staff")
                yield from _telling(staff, told.packed())
        for news, record_id in batch.closings:
            for recipient in self._shut_out(news, crowds):
                yield Parcel(Posting(recipient, closes=True), (record_id,))

    def _shut_out(self, news: News, crowds: Mapping[str, Crowd]) -> Iterable[Recipient]:
        match news:
            case PersonOut(owner_id, viewer_id):
                yield ToPerson(viewer_id, owner_id=owner_id)
            case InvitationLost(stream_id, viewer_id):
                if self._lookups.is_out(stream_id, viewer_id):
                    yield ToPerson(viewer_id, stream_id=stream_id)
            case EveryoneOut(stream_id):
                for shard in range(crowds[stream_id].shards):
                    yield ToShard(stream_id, shard)
            case StrangersOut(stream_id, owner_id):
                for ids in self._lookups.strangers(stream_id, owner_id):
                    if ids:
                        yield ToConnections(stream_id, ids, f"{stream_id}#closing")


def _telling(recipient: Recipient, packed: Sequence[Packed]) -> Iterable[Parcel]:
    for part in packed:
        yield Parcel(Posting(recipient, part.events), part.record_ids)


def _check_sizes(news: Iterable[News]) -> None:
    """Refuse an event that no frame can hold, before it is on its way.

    Raises:
        PoisonRecordError: There is one.
    """
    for item in news:
        event = getattr(item, "event", None)
        if event is not None and len(encode(event)) > MAX_FRAME_BYTES:
            raise PoisonRecordError("an event is larger than a frame")
