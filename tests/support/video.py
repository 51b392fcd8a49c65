"""A video provider in memory, with the rules of IVS that the product leans on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ayinel_live.runtime.clock import Clock
from ayinel_live.video.ivs import CAPABILITIES
from ayinel_live.video.model import (
    Capabilities,
    ChannelAccess,
    ChannelBusyError,
    ChannelNotFoundError,
    IngestConfiguration,
    NotBroadcastingError,
    Quality,
    StreamKey,
    VideoChannel,
    VideoEvent,
    VideoEventKind,
    VideoSession,
)


class DiedError(BaseException):
    """The process ended; nothing may catch it as a fault of its own."""


@dataclass
class FakeChannel:
    """A channel with its one key and its pushes."""

    channel: VideoChannel
    name: str
    quality: Quality
    is_recorded: bool = True
    key: str | None = None
    sessions: list[VideoSession] = field(default_factory=list)

    @property
    def live(self) -> VideoSession | None:
        return next((s for s in self.sessions if s.ended_at is None), None)


class FakeProvider:
    """A provider; `die_after` ends the process after that many calls, `fault` comes instead."""

    def __init__(self, clock: Clock, *, can_record: bool = True) -> None:
        self.clock = clock
        self.can_record = can_record
        self.channels: dict[str, FakeChannel] = {}
        self.calls: list[str] = []
        self.metadata: list[tuple[str, str]] = []
        self.revoked: list[tuple[str, str, int]] = []
        self.die_after: int | None = None
        self.fault: Exception | None = None
        self._numbers = 0

    @property
    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def _called(self, name: str) -> None:
        if self.fault is not None:
            raise self.fault
        self.calls.append(name)

    def _done(self) -> None:
        if self.die_after is not None and len(self.calls) >= self.die_after:
            raise DiedError

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _of(self, channel_id: str) -> FakeChannel:
        try:
            return self.channels[channel_id]
        except KeyError:
            raise ChannelNotFoundError("no such channel") from None

    def create_channel(self, name: str, access: ChannelAccess, quality: Quality) -> VideoChannel:
        self._called("create_channel")
        channel_id = f"arn:aws:ivs:us-east-1:123456789012:channel/{self._number():012d}"
        channel = VideoChannel(channel_id, "127.0.0.1:1935", f"http://p/{channel_id}", access)
        made = FakeChannel(channel, name, quality, key=f"sk_{self._number()}_unknown")
        self.channels[channel_id] = made
        self._done()
        return channel

    def find_channel(self, name: str) -> VideoChannel | None:
        self._called("find_channel")
        found = next((c.channel for c in self.channels.values() if c.name == name), None)
        self._done()
        return found

    def configure_channel(self, channel_id: str, quality: Quality, *, is_recorded: bool) -> None:
        self._called("configure_channel")
        channel = self._of(channel_id)
        if channel.live is not None:
            raise ChannelBusyError("on air")
        channel.quality, channel.is_recorded = quality, is_recorded
        self._done()

    def rtmp_url(self, ingest_endpoint: str) -> str:
        return f"rtmp://{ingest_endpoint}/app/"

    def create_key(self, channel_id: str) -> StreamKey:
        self._called("create_key")
        channel = self._of(channel_id)
        assert channel.key is None, "one key a channel"
        channel.key = f"sk_us-east-1_{self._number():08d}secret"
        self._done()
        return StreamKey(channel.key)

    def current_key(self, channel_id: str) -> StreamKey | None:
        self._called("current_key")
        key = self._of(channel_id).key
        self._done()
        return None if key is None else StreamKey(key)

    def revoke_keys(self, channel_id: str) -> None:
        self._called("revoke_keys")
        self._of(channel_id).key = None
        self._done()

    def stop_broadcast(self, channel_id: str) -> bool:
        self._called("stop_broadcast")
        was_live = self.drop(channel_id)
        self._done()
        return was_live

    def live_session(self, channel_id: str) -> VideoSession | None:
        self._called("live_session")
        live = self._of(channel_id).live
        self._done()
        return live

    def recent_sessions(self, channel_id: str) -> tuple[VideoSession, ...]:
        self._called("recent_sessions")
        sessions = tuple(reversed(self._of(channel_id).sessions))
        self._done()
        return sessions

    def live_sessions(self) -> tuple[VideoSession, ...]:
        self._called("live_sessions")
        return tuple(c.live for c in self.channels.values() if c.live is not None)

    def ingest(self, channel_id: str, session_id: str) -> IngestConfiguration | None:
        self._called("ingest")
        known = any(s.session_id == session_id for s in self._of(channel_id).sessions)
        return IngestConfiguration(width=1280, height=720) if known else None

    def put_metadata(self, channel_id: str, metadata: str) -> None:
        self._called("put_metadata")
        if self._of(channel_id).live is None:
            raise NotBroadcastingError("nobody pushes")
        self.metadata.append((channel_id, metadata))

    def revoke_viewer(self, channel_id: str, viewer_id: str, up_to_version: int) -> None:
        self._called("revoke_viewer")
        self.revoked.append((channel_id, viewer_id, up_to_version))

    def delete_channel(self, channel_id: str) -> None:
        self._called("delete_channel")
        self.channels.pop(channel_id, None)

    # What encoders do.

    def push(self, key: str) -> VideoSession | None:
        """An encoder comes; None where its key is refused or somebody else is on air."""
        for channel in self.channels.values():
            if channel.key == key and channel.live is None:
                session = VideoSession(
                    session_id=f"st-{self._number():023d}",
                    started_at=self.clock().replace(microsecond=0),
                    channel_id=channel.channel.channel_id,
                )
                channel.sessions.append(session)
                return session
        return None

    def drop(self, channel_id: str) -> bool:
        """The encoder of a channel goes."""
        channel = self._of(channel_id)
        live = channel.live
        if live is None:
            return False
        place = channel.sessions.index(live)
        channel.sessions[place] = VideoSession(
            live.session_id, live.started_at, live.channel_id, self.clock()
        )
        return True


def video_event(
    kind: VideoEventKind,
    session: VideoSession,
    at: datetime | None = None,
    *,
    after_seconds: float = 0,
) -> VideoEvent:
    """Return an event of a push, at the push's beginning unless told otherwise."""
    moment = (at or session.started_at) + timedelta(seconds=after_seconds)
    return VideoEvent(
        event_id=f"{kind.value}-{session.session_id}-{moment.timestamp()}",
        kind=kind,
        at=moment,
        channel_id=session.channel_id,
        session_id=session.session_id,
    )
