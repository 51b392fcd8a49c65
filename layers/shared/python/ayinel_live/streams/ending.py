"""Ending and re-keying a broadcast.

The intention is written down before it is carried out, so that whatever dies half-way is finished
by the reconciler. The key is always revoked before the encoder is thrown off: an encoder that
reconnects by itself would be back at once otherwise (IVS StopStream).
"""

from __future__ import annotations

from dataclasses import replace

from ayinel_live.channels.video_channels import ChannelStore, Lease
from ayinel_live.runtime.clock import Clock, to_milliseconds, utc_now
from ayinel_live.runtime.errors import InvalidStateError, NotFoundError
from ayinel_live.streams.model import LiveStream
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.state import StopRequested, next_state
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.model import StreamKey, VideoProvider

# How long an ending waits for another request on the same creator's channels.
PATIENCE_SECONDS = 6.0


class StreamEnding:
    """Ends and re-keys broadcasts.

    Args:
        provider: Who carries the video.
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        clock: Tells the time.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        channels: ChannelStore,
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._channels = channels
        self._clock = clock

    def stop(self, stream: LiveStream, *, stopped_by: str) -> LiveStream:
        """End a broadcast: the stop is written down, the key revoked, the encoder thrown off.

        Ending one that is over already changes nothing.

        Args:
            stream: The stream.
            stopped_by: The person who ends it.

        Raises:
            UpstreamError: The provider did not answer in time; the reconciler finishes the stop.
        """

        def request_stop(record: StreamRecord) -> StreamRecord:
            if record.broadcast.closed_at is not None:
                return record
            stopped = next_state(record.broadcast, StopRequested(self._clock()))
            return replace(record, stopped_by=stopped_by).with_broadcast(stopped)

        _, record = self._streams.change(stream.stream_id, request_stop)
        if not record.is_key_revoked:
            record = self.wind_down(record)
        return record.stream

    def rotate_key(self, stream: LiveStream) -> StreamKey:
        """Make a new key: the old one revoked first, then its encoder dropped.

        Raises:
            InvalidStateError: The broadcast is over.
            UpstreamError: The provider did not answer in time; there may be no key then.
        """
        with self._channels.lease(stream.user_id, patience_seconds=PATIENCE_SECONDS):
            record = self._streams.record(stream.stream_id)
            if self._streams.as_of_now(record.stream).is_over or not record.is_ready:
                raise InvalidStateError("The broadcast is over.", code="stream-over")
            self._provider.revoke_keys(record.channel_id)
            self._provider.stop_broadcast(record.channel_id)
            return self._provider.create_key(record.channel_id)

    def wind_down(self, record: StreamRecord) -> StreamRecord:
        """Carry out the end of a broadcast at the provider.

        Args:
            record: A stream that is closed.

        Raises:
            BusyError: Another request works on the creator's channels.
            UpstreamError: The provider did not answer in time.
        """
        stream = record.stream
        with self._channels.lease(stream.user_id, patience_seconds=PATIENCE_SECONDS) as lease:
            return self.clean_up(lease, record)

    def close(self, record: StreamRecord) -> StreamRecord:
        """Write down that a broadcast is over, whatever its encoder does.

        One that is closed already stays as it was closed, and one that was taken for stillborn and
        has been made ready since stays open.

        Args:
            record: A stream that is found over, or that was never made ready.
        """

        def close(fresh: StreamRecord) -> StreamRecord:
            if fresh.broadcast.closed_at is not None or fresh.is_ready is not record.is_ready:
                return fresh
            now = to_milliseconds(self._clock())
            closed = fresh.broadcast.model_copy(
                update={"closed_at": now, "seen_until": max(fresh.broadcast.seen_until, now)}
            )
            return fresh.with_broadcast(closed)

        _, after = self._streams.change(record.stream.stream_id, close)
        return after

    def clean_up(self, lease: Lease, record: StreamRecord) -> StreamRecord:
        """Revoke the key of a closed stream and throw its encoder off, under a lease held.

        Args:
            lease: The creator's.
            record: A stream that is closed.
        """
        if not self._is_succeeded(lease, record):
            self._provider.revoke_keys(record.channel_id)
            self._provider.stop_broadcast(record.channel_id)
        _, after = self._streams.change(
            record.stream.stream_id, lambda fresh: replace(fresh, is_key_revoked=True)
        )
        return after

    def _is_succeeded(self, lease: Lease, record: StreamRecord) -> bool:
        """Whether the channel's key is a newer stream's by now, which killed the old one."""
        latest = self._known(lease.channel.latest_stream_id)
        return (
            latest is not None
            and latest.stream.stream_id != record.stream.stream_id
            and latest.channel_id == record.channel_id
            and latest.is_ready
        )

    def _known(self, stream_id: str) -> StreamRecord | None:
        if not stream_id:
            return None
        try:
            return self._streams.record(stream_id)
        except NotFoundError:
            return None
