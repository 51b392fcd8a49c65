"""Recordings: where a broadcast can be watched when it is over.

IVS lays a recording down under a prefix of the bucket: `media/hls/master.m3u8` plays it, thumbnails
lie beside. The address is that of whoever serves the bucket: CloudFront, which asks for signed
cookies, or the emulator.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.streams.broadcast import Recording
from ayinel_live.streams.model import LiveStream, RecordingState, Visibility
from ayinel_live.streams.store import StreamRecord, StreamStore

MASTER_PLAYLIST = "media/hls/master.m3u8"
COOKIE_LIFE = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class CookieKey:
    """A key pair that CloudFront trusts for signed cookies."""

    key_pair_id: str
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording as a viewer gets it.

    Attributes:
        state: Where it stands.
        duration_seconds: Its length.
        playback_url: Its playlist; None while it is not ready.
        thumbnail_url: A picture of it.
        cookies: What the browser must send with each request for it.
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
        cookie_key: Gives the key that signs cookies; None where none are asked for.
        clock: Tells when cookies expire.
    """

    def __init__(
        self,
        streams: StreamStore,
        base_url: str,
        cookie_key: Callable[[], CookieKey] | None = None,
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._base_url = base_url.rstrip("/")
        self._cookie_key = cookie_key
        self._clock = clock

    def view(self, stream: LiveStream) -> RecordingView:
        """Return a stream's recording.

        Raises:
            NotFoundError: There is none and there will be none.
        """
        record = self._streams.record(stream.stream_id)
        state = record.stream.recording_state
        if state in (RecordingState.NONE, RecordingState.DELETED, RecordingState.FAILED):
            raise NotFoundError("This stream has no recording.", code="no-recording")
        longest = longest_recording(record)
        if state is not RecordingState.READY or longest is None or not self._base_url:
            return RecordingView(state, stream.duration_seconds(self._clock()), None, None)
        prefix, picture = longest.prefix, record.first_picture or record.latest_picture
        return RecordingView(
            state=state,
            duration_seconds=longest.duration_ms // 1000,
            playback_url=f"{self._base_url}/{prefix}/{MASTER_PLAYLIST}",
            thumbnail_url=f"{self._base_url}/{picture}" if picture else None,
            cookies=self._cookies(prefix),
        )

    def live_thumbnail(self, stream: LiveStream) -> str | None:
        """Return the latest picture of a public broadcast, for browsing and review."""
        is_shown = bool(self._base_url) and stream.visibility is Visibility.PUBLIC
        if not is_shown or stream.thumbnail_key is None:
            return None
        return f"{self._base_url}/{stream.thumbnail_key}"

    def _cookies(self, prefix: str) -> tuple[str, ...]:
        if self._cookie_key is None:
            return ()
        path = "/" + f"{self._base_url}/{prefix}".split("://", 1)[-1].partition("/")[2]
        expires = self._clock() + COOKIE_LIFE
        cookies = sign_cookies(self._cookie_key(), f"{self._base_url}/{prefix}/*", expires)
        seconds = int(COOKIE_LIFE.total_seconds())
        attributes = f"Path={path}; Max-Age={seconds}; Secure; HttpOnly; SameSite=None"
        return tuple(f"{name}={value}; {attributes}" for name, value in cookies.items())


def longest_recording(record: StreamRecord) -> Recording | None:
    """Return the recording that holds most of a broadcast: there is one, unless it was split."""
    playable = [r for r in record.broadcast.recordings.values() if r.ended_at is not None]
    return max(playable, key=lambda recording: recording.duration_ms, default=None)


def sign_cookies(key: CookieKey, resource: str, expires: datetime) -> Mapping[str, str]:
    """Return CloudFront's signed cookies with a custom policy.

    CloudFront verifies RSA with SHA-1 and its own base64 alphabet (CloudFront developer guide,
    "Set signed cookies that use a custom policy").

    Args:
        key: The key pair.
        resource: What the cookies open, with `*`.
        expires: Until when.
    """
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    condition = {"DateLessThan": {"AWS:EpochTime": int(expires.timestamp())}}
    statement = {"Resource": resource, "Condition": condition}
    policy = json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()
    private = serialization.load_pem_private_key(key.private_key.encode(), password=None)
    assert isinstance(private, rsa.RSAPrivateKey)
    signature = private.sign(policy, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303  CloudFront's
    return {
        "CloudFront-Policy": _encode(policy),
        "CloudFront-Signature": _encode(signature),
        "CloudFront-Key-Pair-Id": key.key_pair_id,
    }


def _encode(data: bytes) -> str:
    table = str.maketrans("+=/", "-_~")
    return base64.b64encode(data).decode().translate(table)
