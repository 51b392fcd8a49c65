"""Where a stream is played, with the right to play it."""

from __future__ import annotations

from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import UpstreamError
from ayinel_live.streams.model import LiveStream, Visibility
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.playback_keys import PlaybackKeySecret
from ayinel_live.video.playback_tokens import PlaybackGrant, sign_playback, viewer_tag


class Playback:
    """Gives out playback addresses.

    Args:
        streams: Knows the video channel of a stream.
        secret: Holds the signing keys; None where the deployment has none.
        origin: The site whose pages may play private streams; "" for any.
        clock: Tells the time.
    """

    def __init__(
        self,
        streams: StreamStore,
        secret: PlaybackKeySecret | None,
        *,
        origin: str = "",
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._secret = secret
        self._origin = origin
        self._clock = clock

    def url(self, stream: LiveStream, caller: Caller | None) -> str:
        """Return the playlist's address for somebody who may see the stream.

        Args:
            stream: The stream.
            caller: Who will play it; None for somebody unknown.

        Raises:
            UpstreamError: The stream needs a token and there is no key to sign it.
        """
        if stream.visibility is Visibility.PUBLIC or stream.is_over:
            return stream.playback_url
        key = self._secret.remembered().current if self._secret is not None else None
        if key is None:
            raise UpstreamError("There is no playback key yet.", retry_after_seconds=5)
        grant = PlaybackGrant(
            channel_id=self._streams.record(stream.stream_id).channel_id,
            viewer_id=tag_for(stream, caller),
            origin=self._origin,
        )
        token = sign_playback(grant, key.private_key, self._clock())
        return f"{stream.playback_url}?token={token}"


def tag_for(stream: LiveStream, caller: Caller | None) -> str:
    """Return whom a playback token names.

    An UNLISTED stream has one name for all who have its id, so that all can be shut out at once
    when it becomes PRIVATE; a PRIVATE one names the person.

    Args:
        stream: The stream.
        caller: Who will play it.
    """
    if stream.visibility is Visibility.PRIVATE and caller is not None:
        return viewer_tag(caller.user_id)
    return everybody_tag(stream.stream_id)


def everybody_tag(stream_id: str) -> str:
    """Return the name in tokens of all who have an UNLISTED stream's id."""
    return viewer_tag(f"everybody#{stream_id}")
