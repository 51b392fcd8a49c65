"""Starting a broadcast.

Every step can be the last one that runs: the stream is reserved before a key is made for it, and
whatever was left half-way is taken up by the same start asked for again, cleared away by the
creator's next start, or expired by the reconciler. All work at the provider is done under the
creator's lease.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ayinel_live.channels.start_bans import StartBans
from ayinel_live.channels.video_channels import (
    ChannelStore,
    CreatorChannel,
    Lease,
    VideoChannels,
    require_open,
)
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.clock import Clock, to_milliseconds, utc_now
from ayinel_live.runtime.errors import (
    ConflictError,
    NotFoundError,
    UnsupportedError,
)
from ayinel_live.runtime.idempotency import IdempotencyStore
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.streams.broadcast import Broadcast
from ayinel_live.streams.channel_clearing import ChannelClearing
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.gone import IDEMPOTENCY_LIFE, GoneStreams
from ayinel_live.streams.model import LiveStream
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.start_request import StartedStream, StartRequest, access_for
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.model import Quality, VideoChannel, VideoProvider


class StreamStarting:
    """Starts broadcasts.

    Args:
        provider: Who carries the video.
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        idempotency: Where repeats are known.
        stage: The deployment.
        clock: Tells the time.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        channels: ChannelStore,
        idempotency: IdempotencyStore,
        *,
        stage: str,
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._channels = channels
        self._idempotency = idempotency
        self._gone = GoneStreams()
        self._bans = StartBans()
        self._video = VideoChannels(provider, channels, stage)
        self._clearing = ChannelClearing(provider, clock)
        self._ending = StreamEnding(provider, streams, channels, clock)
        self._clock = clock

    def start(
        self, caller: Caller, request: StartRequest, idempotency_key: str | None = None
    ) -> StartedStream:
        """Start a stream, or go on with the same start when it is asked for again.

        Args:
            caller: The creator.
            request: What to broadcast.
            idempotency_key: By which the creator knows this start.

        Raises:
            UnsupportedError: The provider cannot deliver the quality.
            ForbiddenError: An operator keeps the creator from starting.
            ConflictError: Another stream is open, or the key stood for another request or for a
                stream that is over or erased.
            BusyError: The last broadcast is winding down, or another request is at work.
            UpstreamError: The provider did not answer in time.
        """
        self.require_supported(request.quality)
        stream_id = self._stream_id(caller.user_id, request, idempotency_key)
        with self._channels.lease(caller.user_id) as lease:
            self.require_may_start(lease.channel)
            known = self._known(stream_id)
            if known is not None and (known.is_ready or known.broadcast.closed_at is not None):
                return self._answer_again(known)
            if known is None and idempotency_key is not None and self._gone.has(stream_id):
                # The key is spent on the stream that it made: a late repeat must not go on air
                # anew, nor the erased id come back, to which its erasure and clients still hold.
                raise _ended()
            self._require_none_open(lease, stream_id)
            access = access_for(request.visibility)
            channel = self._video.ensure(lease, access, request.quality)
            past = self._clearing.clear(channel, request.quality)
            if known is None:
                known = self._reserve(lease, stream_id, request, channel)
            # Again, now that the stream can be found: a ban that came meanwhile looked too early.
            self.require_may_start(lease.channel)
            return self._give_key(known, past)

    def require_may_start(self, channel: CreatorChannel) -> None:
        """Refuse a creator who may not start streams.

        Raises:
            ForbiddenError: An operator barred the creator, or everything is being erased.
        """
        require_open(channel)
        self._bans.require_none(channel.user_id)

    def require_supported(self, quality: Quality) -> None:
        """Refuse a quality that the provider cannot deliver.

        Raises:
            UnsupportedError: It cannot; `supported` lists what it can.
        """
        supported = self._provider.capabilities.qualities
        if quality not in supported:
            raise UnsupportedError(
                f"{quality.value} cannot be delivered here.",
                code="quality-unsupported",
                extra={"supported": [entry.value for entry in supported]},
            )

    def _stream_id(self, user_id: str, request: StartRequest, key: str | None) -> str:
        now = self._clock()
        stream_id = new_ulid(now)
        if key is None:
            return stream_id
        # The record outlives an erasure of the user by up to a day, so that it names nobody.
        scope = hashlib.sha256(user_id.encode()).hexdigest()
        claim = self._idempotency.claim(
            f"start#{scope}#{key}",
            stream_id,
            fingerprint=request.fingerprint(),
            now=now,
            expires_at=now + IDEMPOTENCY_LIFE,
        )
        if claim.fingerprint != request.fingerprint():
            raise ConflictError(
                "This Idempotency-Key stood for another request.", code="idempotency-key-reused"
            )
        return claim.result_id

    def _known(self, stream_id: str) -> StreamRecord | None:
        if not stream_id:
            return None
        try:
            return self._streams.record(stream_id)
        except NotFoundError:
            return None

    def _answer_again(self, record: StreamRecord) -> StartedStream:
        if self._streams.as_of_now(record.stream).is_over:
            raise _ended()
        key = self._provider.current_key(record.channel_id)
        return StartedStream(record.stream, key or self._provider.create_key(record.channel_id))

    def _require_none_open(self, lease: Lease, stream_id: str) -> None:
        latest = self._known(lease.channel.latest_stream_id)
        if latest is None or latest.stream.stream_id == stream_id:
            return
        is_over = self._streams.as_of_now(latest.stream).is_over
        if not is_over and latest.is_ready:
            raise ConflictError(
                "There is an open stream already.",
                code="stream-open",
                extra={"streamId": latest.stream.stream_id},
            )
        if latest.broadcast.closed_at is None:
            latest = self._ending.close(latest)
        if not latest.is_key_revoked:
            self._ending.clean_up(lease, latest)

    def _reserve(
        self, lease: Lease, stream_id: str, request: StartRequest, channel: VideoChannel
    ) -> StreamRecord:
        now = self._clock()
        record = StreamRecord(
            stream=LiveStream(
                stream_id=stream_id,
                user_id=lease.channel.user_id,
                title=request.title,
                description=request.description,
                visibility=request.visibility,
                quality=request.quality,
                rtmp_url=self._provider.rtmp_url(channel.ingest_endpoint),
                playback_url=channel.playback_url,
                created_at=now,
                updated_at=now,
            ),
            channel_id=channel.channel_id,
            broadcast=Broadcast(
                created_at=to_milliseconds(now), is_recorded=self._provider.can_record
            ),
        )
        # The pointer first: a stream to which no pointer leads would be open beside another.
        self._channels.save_latest_stream(lease, stream_id)
        self._streams.insert(record)
        return record

    def _give_key(self, record: StreamRecord, past: frozenset[str]) -> StartedStream:
        made_after = to_milliseconds(self._clock())
        key = self._provider.create_key(record.channel_id)

        def make_ready(fresh: StreamRecord) -> StreamRecord:
            if fresh.broadcast.closed_at is not None:
                # Taken for dead, or stopped: whoever closed it revokes the key after this.
                raise _ended()
            broadcast = fresh.broadcast.model_copy(
                update={"sessions_after": made_after, "past_session_ids": past}
            )
            return replace(fresh, is_ready=True, broadcast=broadcast)

        _, ready = self._streams.change(record.stream.stream_id, make_ready)
        return StartedStream(ready.stream, key)


def _ended() -> ConflictError:
    return ConflictError("The stream of this start has ended.", code="stream-ended")
