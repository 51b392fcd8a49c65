"""The house: who may publish, who is publishing, and what each channel shows."""

import asyncio
import contextlib
import logging
from collections.abc import Callable

from local.video import events
from local.video.arns import Names
from local.video.broadcast import Broadcast, Publisher
from local.video.clock import utc_now
from local.video.events import EventSender
from local.video.live_playlist import ListedSegment, LivePlaylist
from local.video.resources import Channel, StreamSession
from local.video.segmenter import Segment, Segmenter
from local.video.settings import VideoSettings
from local.video.store import Store

WATCH_SECONDS = 0.25

_log = logging.getLogger(__name__)

SegmentListener = Callable[[Broadcast, ListedSegment, Segment], None]
EndListener = Callable[[Broadcast], None]


class PublishRefusedError(Exception):
    """Raised when a key opens no channel, or its channel has a publisher already."""


class Broadcasts:
    """All broadcasts of this process.

    Attributes:
        on_segment: Called with each new segment.
        on_end: Called when a session is over.
    """

    def __init__(
        self, settings: VideoSettings, store: Store, sender: EventSender, names: Names
    ) -> None:
        self._settings = settings
        self._store = store
        self._sender = sender
        self._names = names
        self._active: dict[str, Broadcast] = {}
        self._playlists: dict[str, LivePlaylist] = {}
        self._next_sequences: dict[str, int] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._watch: asyncio.Task[None] | None = None
        self.on_segment: list[SegmentListener] = []
        self.on_end: list[EndListener] = []

    def start(self) -> None:
        """Begin to look for frozen publishers, and close what a crash left open."""
        self._close_left_open()
        self._watch = asyncio.create_task(self._watch_publishers())

    async def stop(self) -> None:
        """End every broadcast."""
        if self._watch is not None:
            self._watch.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watch
        for broadcast in list(self._active.values()):
            broadcast.on_end(was_clean=True)
        for timer in self._timers.values():
            timer.cancel()

    def admit(self, stream_key: str, publisher: Publisher) -> Broadcast:
        """Let an encoder publish, if its key is good and its channel is free.

        This server speaks plain RTMP only, so the channel must allow ``insecureIngest``, as on IVS.
        A second publisher is refused. IVS tells of that only where the newcomer asked for a
        takeover (``?priority=`` behind the key), and so does this.

        Args:
            stream_key: The secret, as the encoder gave it.
            publisher: Its connection.

        Returns:
            What its messages go to.

        Raises:
            PublishRefusedError: If it may not publish.
        """
        value, _, query = stream_key.partition("?")
        channel = self._store.channel_of_key(value)
        if channel is None:
            raise PublishRefusedError("The stream key is not valid")
        if not channel.insecure_ingest:
            raise PublishRefusedError("The channel takes RTMPS only")
        running = self._active.get(channel.arn)
        if running is not None:
            if "priority=" in query:
                running.takeover_refused()
            raise PublishRefusedError("The stream key is in use")
        return self._begin(channel, publisher)

    def _begin(self, channel: Channel, publisher: Publisher) -> Broadcast:
        configuration = self._store.recording_configurations.get(
            channel.recording_configuration_arn
        )
        session = StreamSession(
            channel_arn=channel.arn,
            stream_id=self._names.stream_id(),
            start_time=utc_now(),
            channel=channel,
            recording_configuration=configuration,
        )
        segmenter = Segmenter(
            int(self._settings.min_segment_seconds * 1000),
            int(self._settings.max_segment_seconds * 1000),
        )
        clock = asyncio.get_running_loop().time
        broadcast = Broadcast(session, publisher, self, self._sender, segmenter, clock)
        self._active[channel.arn] = broadcast
        self._store.forget_old_sessions(channel.arn)
        _log.info("publisher was admitted", extra={"stream_id": broadcast.stream_id})
        return broadcast

    def active(self, channel_arn: str) -> Broadcast | None:
        """Find the broadcast of a channel that has a publisher.

        Args:
            channel_arn: The channel.

        Returns:
            The broadcast, live or about to be, or nothing.
        """
        return self._active.get(channel_arn)

    def live(self) -> list[Broadcast]:
        """Returns the broadcasts that players can see."""
        return [broadcast for broadcast in self._active.values() if broadcast.live_since]

    def playlist(self, channel_arn: str) -> LivePlaylist | None:
        """Find what a channel shows.

        Args:
            channel_arn: The channel.

        Returns:
            Its playlist while it is live or waits for a reconnect, else nothing.
        """
        return self._playlists.get(channel_arn)

    def playlist_for(self, broadcast: Broadcast) -> LivePlaylist:
        """Returns the playlist that a broadcast's segments go to, going on with an open one.

        Args:
            broadcast: The broadcast.
        """
        arn = broadcast.channel.arn
        self._cancel_timer(arn)
        playlist = self._playlists.get(arn)
        if playlist is None:
            first = self._next_sequences.get(arn, 0)
            playlist = LivePlaylist(self._settings.window_seconds, first)
            self._playlists[arn] = playlist
        return playlist

    def segment_listed(self, broadcast: Broadcast, listed: ListedSegment, segment: Segment) -> None:
        """Pass a new segment on.

        Args:
            broadcast: Whose it is.
            listed: The segment as players see it.
            segment: The segment as it was cut.
        """
        for listener in self.on_segment:
            listener(broadcast, listed, segment)

    def session_changed(self, session: StreamSession) -> None:
        """Keep the state of a session.

        Args:
            session: The session.
        """
        self._store.sessions.put(session)

    def ended(self, broadcast: Broadcast, *, was_clean: bool) -> None:
        """Take a broadcast off the air, at once or after time for a reconnect.

        Args:
            broadcast: The broadcast.
            was_clean: Whether no reconnect is to be waited for.
        """
        arn = broadcast.channel.arn
        self._active.pop(arn, None)
        delay_seconds = 0 if was_clean else self._settings.reconnect_seconds
        # One that tried to reconnect and broke off again begins its time anew.
        self._cancel_timer(arn)
        if delay_seconds:
            loop = asyncio.get_running_loop()
            self._timers[arn] = loop.call_later(delay_seconds, self._close_playlist, arn)
        else:
            self._close_playlist(arn)
        for listener in self.on_end:
            listener(broadcast)

    def _cancel_timer(self, arn: str) -> None:
        timer = self._timers.pop(arn, None)
        if timer is not None:
            timer.cancel()

    def _close_playlist(self, arn: str) -> None:
        self._cancel_timer(arn)
        playlist = self._playlists.pop(arn, None)
        if playlist is not None:
            playlist.end()
            self._next_sequences[arn] = playlist.next_sequence

    async def _watch_publishers(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            for broadcast in list(self._active.values()):
                silent_seconds = loop.time() - broadcast.last_video_at
                if silent_seconds >= self._settings.frozen_seconds:
                    _log.info("frozen publisher was dropped")
                    broadcast.on_end(was_clean=False)
                elif (
                    silent_seconds >= self._settings.starvation_seconds
                    and not broadcast.is_starving
                ):
                    broadcast.starve()

    def _close_left_open(self) -> None:
        """A session without an end is one that died with an earlier process."""
        for session in self._store.sessions:
            if session.end_time is not None:
                continue
            self._store.sessions.put(session.model_copy(update={"end_time": utc_now()}))
            was_live = session.ingest_configuration is not None
            for name in ("Stream End", "Session Ended") if was_live else ("Session Ended",):
                self._sender.emit(
                    events.STATE_CHANGE,
                    [session.channel_arn],
                    {
                        "event_name": name,
                        "channel_name": session.channel.name,
                        "stream_id": session.stream_id,
                    },
                )
