"""Making a video channel ready for its next broadcast, once the last one is over in every way."""

from __future__ import annotations

from datetime import timedelta

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import BusyError
from ayinel_live.streams.model import RECONNECT_GRACE
from ayinel_live.video.model import (
    ChannelAccess,
    ChannelBusyError,
    Quality,
    VideoChannel,
    VideoProvider,
    VideoSession,
)
from ayinel_live.video.playback_tokens import TOKEN_LIFE

WIND_DOWN_RETRY_SECONDS = 5.0


class ChannelClearing:
    """Clears channels.

    Args:
        provider: Who carries the video.
        clock: Tells the time.
    """

    def __init__(self, provider: VideoProvider, clock: Clock = utc_now) -> None:
        self._provider = provider
        self._clock = clock

    def clear(self, channel: VideoChannel, quality: Quality) -> frozenset[str]:
        """Make a channel ready for a new key.

        Args:
            channel: The channel.
            quality: The picture that the next broadcast is to have.

        Returns:
            The ids of the sessions that it had before.

        Raises:
            BusyError: The last broadcast is winding down; it says when to come again.
            UpstreamError: The provider did not answer in time.
        """
        channel_id, is_recorded = channel.channel_id, self._provider.can_record
        self._provider.revoke_keys(channel_id)
        if self._provider.live_session(channel_id) is not None:
            self._provider.stop_broadcast(channel_id)
            raise _winding_down(WIND_DOWN_RETRY_SECONDS)
        # No key works now, so that these are all the sessions that earlier broadcasts can have.
        past = self._provider.recent_sessions(channel_id)
        self._require_quiet(past, quiet_time(channel.access, is_recorded=is_recorded))
        try:
            self._provider.configure_channel(channel_id, quality, is_recorded=is_recorded)
        except ChannelBusyError:
            raise _winding_down(WIND_DOWN_RETRY_SECONDS) from None
        return frozenset(session.session_id for session in past)

    def _require_quiet(self, past: tuple[VideoSession, ...], quiet: timedelta) -> None:
        ended = max((s.ended_at for s in past if s.ended_at is not None), default=None)
        if ended is not None and (left := ended + quiet - self._clock()) > timedelta(0):
            raise _winding_down(left.total_seconds())


def quiet_time(access: ChannelAccess, *, is_recorded: bool) -> timedelta:
    """Return how long a channel rests between two broadcasts.

    The provider appends a push within the reconnect window to the last recording, and a playback
    token of the last broadcast would open the next.

    Args:
        access: Whether playback takes tokens.
        is_recorded: Whether broadcasts are recorded.
    """
    recording = RECONNECT_GRACE if is_recorded else timedelta(0)
    tokens = TOKEN_LIFE if access is ChannelAccess.AUTHORIZED else timedelta(0)
    return max(recording, tokens)


def _winding_down(seconds: float) -> BusyError:
    return BusyError(
        "The last broadcast is still winding down.",
        retry_after_seconds=seconds,
        code="winding-down",
    )
