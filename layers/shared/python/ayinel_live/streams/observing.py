"""Taking in what the provider tells, and finding which broadcast it is about."""

from __future__ import annotations

from dataclasses import replace

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.streams.health import Ingest
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.state import belongs, next_state
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.model import VideoEvent

# An event that is so late that this many broadcasts of the channel came after its own is let go.
CANDIDATES = 25


def owner_of_session(candidates: list[StreamRecord], event: VideoEvent) -> StreamRecord | None:
    """Return the broadcast that an event is about.

    Args:
        candidates: The channel's broadcasts, newest first.
        event: The event.
    """
    for record in candidates:
        if event.session_id in record.broadcast.session_ids:
            return record
    for record in candidates:
        if belongs(record.broadcast, event.session_id, event.at):
            return record
    return None


class StreamObserver:
    """Learns from the provider.

    Args:
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
    """

    def __init__(self, streams: StreamStore, channels: ChannelStore) -> None:
        self._streams = streams
        self._channels = channels

    def learn(self, event: VideoEvent) -> tuple[StreamRecord, StreamRecord] | None:
        """Take in one event.

        Args:
            event: What the provider told.

        Returns:
            The stream before and after, or None where the event is about no known broadcast.

        Raises:
            BusyError: Others write the stream without end.
        """
        if not event.session_id:
            return None
        record = owner_of_session(self._candidates(event.channel_id), event)
        if record is None:
            return None

        def take_in(fresh: StreamRecord) -> StreamRecord:
            learned = fresh.with_broadcast(next_state(fresh.broadcast, event))
            return replace(learned, health=fresh.health.with_event(event))

        return self._streams.change(record.stream.stream_id, take_in)

    def learn_ingest(self, stream_id: str, ingest: Ingest) -> None:
        """Keep what the encoder of a stream sends.

        Raises:
            NotFoundError: There is no such stream.
        """

        def take_in(fresh: StreamRecord) -> StreamRecord:
            known = fresh.health.ingest
            if known is not None and known.model_copy(update={"at": ingest.at}) == ingest:
                return fresh
            health = fresh.health.model_copy(update={"ingest": ingest})
            return replace(fresh, health=health)

        self._streams.change(stream_id, take_in)

    def learn_pictures(self, stream_id: str, *, latest: str | None, first: str | None) -> None:
        """Keep where a stream's thumbnails lie; None leaves what is known.

        Raises:
            NotFoundError: There is no such stream.
        """

        def take_in(fresh: StreamRecord) -> StreamRecord:
            return replace(
                fresh,
                latest_picture=latest or fresh.latest_picture,
                first_picture=first or fresh.first_picture,
            )

        self._streams.change(stream_id, take_in)

    def newest_of(self, channel_id: str) -> StreamRecord | None:
        """Return the latest broadcast of a video channel; None for a channel that is not ours."""
        return next(iter(self._candidates(channel_id)), None)

    def _candidates(self, channel_id: str) -> list[StreamRecord]:
        """Return the channel's broadcasts, newest first, the newest for certain.

        The index lags behind the table, so that the creator's own pointer, read consistently, says
        which stream is newest; taking an older one would give it the newer one's session.
        """
        records = self._streams.of_channel(channel_id, CANDIDATES)
        if not records:
            return []
        channel = self._channels.get(records[0].stream.user_id)
        listed = {record.stream.stream_id for record in records}
        if not channel.latest_stream_id or channel.latest_stream_id in listed:
            return records
        try:
            newest = self._streams.record(channel.latest_stream_id)
        except NotFoundError:
            return records
        return [newest, *records] if newest.channel_id == channel_id else records
