"""Data that reaches the players within the video, at the moment of the picture it belongs to."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import InvalidStateError
from ayinel_live.runtime.rate_limits import Rate, RateLimits
from ayinel_live.streams.model import LiveStream, StreamState
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.model import NotBroadcastingError, VideoProvider

# IVS quotas, PutMetadata: five a second for a channel, 155 for the account. Held here, before the
# call, so that one creator cannot use up what all share.
METADATA_RATE = Rate(5, timedelta(seconds=1))
# Past the own limit IVS can still refuse for the account: so long is it asked again.
PATIENCE_SECONDS = 2.0


class TimedMetadata:
    """Sends data to the players of a stream.

    Args:
        provider: Who carries the video.
        streams: Knows the video channel of a stream.
        limits: Holds streams to the rate.
        clock: Tells the time.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        limits: RateLimits,
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._limits = limits
        self._clock = clock

    def send(self, stream: LiveStream, metadata: str) -> None:
        """Send data to everybody who is watching.

        Args:
            stream: The stream.
            metadata: The data, 1 KB at most.

        Raises:
            InvalidStateError: Nobody pushes (`not-live`).
            RateLimitedError: The stream has sent too often.
            UpstreamError: The provider did not take it in time.
        """
        if stream.status is not StreamState.LIVE:
            raise _not_live()
        self._limits.take(
            _subject(stream.stream_id),
            METADATA_RATE,
            self._clock(),
            refusal="A stream takes five pieces of metadata a second.",
        )
        channel_id = self._streams.record(stream.stream_id).channel_id
        try:
            self._provider.put_metadata(channel_id, metadata)
        except NotBroadcastingError:
            raise _not_live() from None


def _subject(stream_id: str) -> str:
    # The item outlives an erasure of the stream by up to an hour, so that it names none.
    return f"limit#metadata#{hashlib.sha256(stream_id.encode()).hexdigest()}"


def _not_live() -> InvalidStateError:
    return InvalidStateError("The stream is not live.", code="not-live")
