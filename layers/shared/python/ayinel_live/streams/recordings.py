"""Recordings: where a broadcast can be watched when it is over.

IVS lays a recording down under a prefix of the bucket: `media/hls/master.m3u8` plays it, thumbnails
lie beside. The address is that of whoever serves the bucket: CloudFront, which asks for signatures,
or the emulator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import NotFoundError, UpstreamError
from ayinel_live.streams.broadcast import longest_recording
from ayinel_live.streams.model import LiveStream, RecordingState, Visibility
from ayinel_live.streams.signed_addresses import SIGNATURE_LIFE, AddressKey, sign, with_query
from ayinel_live.streams.store import StreamStore

MASTER_PLAYLIST = "media/hls/master.m3u8"
_KEY_RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording as a viewer gets it.

    Attributes:
        state: Where it stands.
        duration_seconds: Its length.
        playback_url: Its playlist; None while it is not ready. What stands in its query is good for
            everything that the playlist names, too.
        thumbnail_url: A picture of it.
        cookies: The same for players that send cookies only.
    """

    state: RecordingState
    duration_seconds: int
    playback_url: str | None
    thumbnail_url: str | None
    cookies: tuple[str, ...] = ()


class Recordings:
    """Shows recordings.

    Args:
        streams: Knows what was recorded where.
        base_url: Where the bucket is served from; "" where it is not.
        key: Gives the key that signs addresses, itself None before the first was made; None where
            no signatures are asked for.
        clock: Tells when signatures expire.
        kept: How long the bucket keeps a recording, from the broadcast's start; None for good.
    """

    def __init__(
        self,
        streams: StreamStore,
        base_url: str,
        key: Callable[[], AddressKey | None] | None = None,
        clock: Clock = utc_now,
        *,
        kept: timedelta | None = None,
    ) -> None:
        self._kept = kept
        self._streams = streams
        self._base_url = base_url.rstrip("/")
        self._key = key
        self._clock = clock

    def view(self, stream: LiveStream) -> RecordingView:
        """Return a stream's recording.

        Raises:
            NotFoundError: There is none and there will be none.
            UpstreamError: The key that signs its address cannot be had.
        """
        record = self._streams.record(stream.stream_id)
        state = record.stream.recording_state
        if state in (RecordingState.NONE, RecordingState.DELETED, RecordingState.FAILED):
            raise NotFoundError("This stream has no recording.", code="no-recording")
        if self._is_expired(stream):
            raise NotFoundError(
                "This stream's recording is kept no longer.", code="recording-expired"
            )
        longest = longest_recording(record.broadcast)
        if state is not RecordingState.READY or longest is None or not self._base_url:
            return RecordingView(state, stream.duration_seconds(self._clock()), None, None)
        prefix, picture = longest.prefix, record.first_picture or record.latest_picture
        return RecordingView(
            state=state,
            duration_seconds=longest.duration_ms // 1000,
            playback_url=self._signed(f"{prefix}/{MASTER_PLAYLIST}", opens=f"{prefix}/*"),
            thumbnail_url=self._signed(picture, opens=picture) if picture else None,
            cookies=self._cookies(prefix),
        )

    def _is_expired(self, stream: LiveStream) -> bool:
        # The bucket deletes what is this old at the next midnight, the first pieces first.
        if self._kept is None or stream.start_time is None:
            return False
        return self._clock() >= stream.start_time + self._kept

    def live_thumbnail(self, stream: LiveStream) -> str | None:
        """Return the latest picture of a public broadcast, for browsing."""
        return self.picture(stream) if stream.visibility is Visibility.PUBLIC else None

    def picture(self, stream: LiveStream) -> str | None:
        """Return the latest picture of a broadcast, for whoever may see it or has to review it."""
        if not self._base_url or stream.thumbnail_key is None:
            return None
        try:
            return self._signed(stream.thumbnail_key, opens=stream.thumbnail_key)
        except UpstreamError:
            return None  # A list is worth showing without pictures.

    def _signed(self, path: str, *, opens: str) -> str:
        address = f"{self._base_url}/{path}"
        key = self._signing_key()
        if key is None:
            return address
        return with_query(address, sign(key, f"{self._base_url}/{opens}", self._clock()))

    def _cookies(self, prefix: str) -> tuple[str, ...]:
        key = self._signing_key()
        if key is None:
            return ()
        signature = sign(key, f"{self._base_url}/{prefix}/*", self._clock())
        path = "/" + f"{self._base_url}/{prefix}".split("://", 1)[-1].partition("/")[2]
        # Partitioned, so that the embedded page of another site gets them as well.
        attributes = "; ".join(
            (
                f"Path={path}",
                f"Max-Age={int(SIGNATURE_LIFE.total_seconds())}",
                "Secure",
                "HttpOnly",
                "SameSite=None",
                "Partitioned",
            )
        )
        return tuple(
            f"CloudFront-{name}={value}; {attributes}" for name, value in signature.items()
        )

    def _signing_key(self) -> AddressKey | None:
        if self._key is None:
            return None
        key = self._key()
        if key is None:
            raise UpstreamError(
                "Recordings cannot be shown yet.", retry_after_seconds=_KEY_RETRY_SECONDS
            )
        return key
