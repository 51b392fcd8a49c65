"""Who is watching: one session for each player that fetched a master playlist."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from local.video.live_playlist import LivePlaylist
from local.video.playback_token import Grant, TokenRefusedError
from local.video.resources import Revocation
from local.video.settings import VideoSettings
from local.video.store import Store

MAX_SESSIONS = 20_000
SWEEP_SECONDS = 5.0


@dataclass(slots=True)
class ViewerSession:
    """One player.

    Attributes:
        handle: What its addresses carry in place of a token.
        channel_arn: The channel.
        playlist: What it plays.
        grant: What its token allowed.
        polled_at: When it last fetched a media playlist, on a monotonic clock; at first, never.
        touched_at: When it last fetched anything.
    """

    handle: str
    channel_arn: str
    playlist: LivePlaylist
    grant: Grant
    polled_at: float | None
    touched_at: float


class ViewerSessions:
    """All players of this process."""

    def __init__(
        self, settings: VideoSettings, store: Store, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._sessions: dict[str, ViewerSession] = {}
        self._spent: dict[str, int] = {}
        self._swept_at = clock()

    def open(self, channel_arn: str, playlist: LivePlaylist, grant: Grant) -> ViewerSession:
        """Begin a session, as fetching a master playlist does.

        Args:
            channel_arn: The channel.
            playlist: What it shows.
            grant: What the token allowed; empty on an open channel.

        Returns:
            The session.

        Raises:
            TokenRefusedError: If the viewer's session was revoked or the token is spent.
        """
        self._sweep()
        if self._is_revoked(channel_arn, grant):
            raise TokenRefusedError("the viewer session was revoked")
        if grant.single_use_id:
            if grant.single_use_id in self._spent:
                raise TokenRefusedError("the token was used before")
            self._spent[grant.single_use_id] = grant.expires_at
        if len(self._sessions) >= MAX_SESSIONS:
            self._sessions.pop(next(iter(self._sessions)))
        handle = secrets.token_urlsafe(24)
        session = ViewerSession(handle, channel_arn, playlist, grant, None, self._clock())
        self._sessions[handle] = session
        return session

    def find(self, handle: str, *, is_poll: bool = False) -> ViewerSession | None:
        """Find the session of a request.

        Args:
            handle: What its address carried.
            is_poll: Whether it asks for the media playlist, which is what watching is.

        Returns:
            The session, or nothing if there is none, it is too old, or it was revoked.
        """
        session = self._sessions.get(handle)
        now = self._clock()
        if session is None or now - session.touched_at > self._settings.viewer_session_seconds:
            return None
        session.touched_at = now
        if is_poll:
            session.polled_at = now
        return session

    def count(self, channel_arn: str) -> int:
        """Count the players of a channel that polled just now.

        Args:
            channel_arn: The channel.

        Returns:
            How many there are.
        """
        since = self._clock() - self._settings.viewer_idle_seconds
        return sum(
            1
            for session in self._sessions.values()
            if session.channel_arn == channel_arn
            and session.polled_at is not None
            and session.polled_at >= since
        )

    def revoke(self, channel_arn: str, viewer_id: str, version: int) -> None:
        """End a viewer's sessions up to a version, and let none in again.

        Args:
            channel_arn: The channel.
            viewer_id: The viewer, as tokens name them.
            version: The newest version that is revoked.
        """
        revocation = Revocation(channel_arn=channel_arn, viewer_id=viewer_id, version=version)
        known = self._store.revocations.get(revocation.key)
        if known is None or known.version < version:
            self._store.revocations.put(revocation)
        for handle, session in list(self._sessions.items()):
            if session.channel_arn == channel_arn and self._is_revoked(channel_arn, session.grant):
                del self._sessions[handle]

    def _is_revoked(self, channel_arn: str, grant: Grant) -> bool:
        if not grant.viewer_id:
            return False
        known = self._store.revocations.get(f"{channel_arn} {grant.viewer_id}")
        return known is not None and grant.version <= known.version

    def _sweep(self) -> None:
        now = self._clock()
        if now - self._swept_at < SWEEP_SECONDS:
            return
        self._swept_at = now
        oldest = now - self._settings.viewer_session_seconds
        for handle, session in list(self._sessions.items()):
            if session.touched_at < oldest:
                del self._sessions[handle]
        for single_use_id, expires_at in list(self._spent.items()):
            if expires_at < time.time():
                del self._spent[single_use_id]
