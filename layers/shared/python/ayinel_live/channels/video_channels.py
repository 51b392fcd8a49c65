"""A creator's two video channels, and the lease under which anybody works on them.

One open (PUBLIC) and one that asks for a playback token (UNLISTED, PRIVATE): a playback address
belongs to the channel, and a channel that is on air cannot be changed. They are made on first need
and kept. Every change at the provider - channel, key, stop - happens under the creator's lease, so
that two requests never interleave; a lease whose holder died runs out by itself.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action

from ayinel_live.channels.store import ChannelItem
from ayinel_live.runtime.clock import Clock, from_rfc3339, to_milliseconds, to_rfc3339, utc_now
from ayinel_live.runtime.errors import BusyError, ForbiddenError
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.video.model import ChannelAccess, Quality, VideoChannel, VideoProvider

# Longer than any request that holds it can run (the function's time-out), so that no two hold it.
LEASE = timedelta(seconds=29)
_POLL_SECONDS = 0.25
_CONDITION_FAILED = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True)
class CreatorChannel:
    """What is permanent about a creator, as far as video goes.

    Attributes:
        user_id: The creator.
        video: The video channels that exist already.
        latest_stream_id: The stream that was started last; "" before the first.
        erasure_asked_at: Since when everything of the creator is being erased.
    """

    user_id: str
    video: Mapping[ChannelAccess, VideoChannel] = field(default_factory=dict)
    latest_stream_id: str = ""
    erasure_asked_at: datetime | None = None


class Lease:
    """The sole right to work on a creator's video channels, for a while.

    Attributes:
        channel: The creator's channel as it was when the lease began, and as changed through it.
    """

    def __init__(self, lease_id: str, channel: CreatorChannel) -> None:
        self.lease_id = lease_id
        self.channel = channel


class ChannelStore:
    """Creators' channels.

    Args:
        clock: Tells when leases end.
        sleep: Waits for a lease.
    """

    def __init__(self, clock: Clock = utc_now, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep

    def get(self, user_id: str) -> CreatorChannel:
        """Return a creator's channel as last written; an empty one before the first start."""
        try:
            return _channel_from(ChannelItem.get(user_id, consistent_read=True))
        except ChannelItem.DoesNotExist:
            return CreatorChannel(user_id)

    @contextmanager
    def lease(self, user_id: str, *, patience_seconds: float = 0) -> Iterator[Lease]:
        """Hold the creator's lease.

        Args:
            user_id: The creator.
            patience_seconds: How long to wait for whoever holds it.

        Raises:
            BusyError: Somebody else holds it.
        """
        waited = 0.0
        while True:
            try:
                lease = self._take(user_id)
                break
            except BusyError:
                if waited >= patience_seconds:
                    raise
                self._sleep(_POLL_SECONDS)
                waited += _POLL_SECONDS
        try:
            yield lease
        finally:
            self._release(user_id, lease.lease_id)

    def _take(self, user_id: str) -> Lease:
        now = to_milliseconds(self._clock())
        lease_id = new_ulid(self._clock())
        item = ChannelItem(user_id)
        try:
            item.update(
                [
                    ChannelItem.lease_id.set(lease_id),
                    ChannelItem.lease_until.set(now + int(LEASE.total_seconds() * 1000)),
                ],
                # Where the answer was lost the client asks again, and finds its own lease.
                condition=ChannelItem.lease_id.does_not_exist()
                | (ChannelItem.lease_until < now)
                | (ChannelItem.lease_id == lease_id),
            )
        except UpdateError as error:
            if refusal_code(error) == _CONDITION_FAILED:
                raise _busy() from None
            raise
        return Lease(lease_id, _channel_from(item))

    def save_video(self, lease: Lease, video: Mapping[ChannelAccess, VideoChannel]) -> None:
        """Keep the creator's video channels.

        Raises:
            BusyError: The lease was lost.
        """
        text = json.dumps({access.value: asdict(channel) for access, channel in video.items()})
        self._update(lease, ChannelItem.video_channels.set(text))

    def save_latest_stream(self, lease: Lease, stream_id: str) -> None:
        """Keep which stream was started last.

        Raises:
            BusyError: The lease was lost.
        """
        self._update(lease, ChannelItem.latest_stream_id.set(stream_id))

    def close_for_erasure(self, user_id: str) -> None:
        """Let nothing be started until everything of the creator is erased."""
        ChannelItem(user_id).update([ChannelItem.erasure_asked_at.set(to_rfc3339(self._clock()))])

    def delete(self, user_id: str) -> None:
        """Delete all that is kept of a creator's channel."""
        ChannelItem(user_id).delete()

    def _update(self, lease: Lease, action: Action) -> None:
        item = ChannelItem(lease.channel.user_id)
        try:
            item.update([action], condition=ChannelItem.lease_id == lease.lease_id)
        except UpdateError as error:
            if refusal_code(error) == _CONDITION_FAILED:
                raise _busy() from None
            raise
        lease.channel = _channel_from(item)

    @staticmethod
    def _release(user_id: str, lease_id: str) -> None:
        try:
            ChannelItem(user_id).update(
                [ChannelItem.lease_id.remove(), ChannelItem.lease_until.remove()],
                condition=ChannelItem.lease_id == lease_id,
            )
        except UpdateError as error:
            if refusal_code(error) != _CONDITION_FAILED:
                raise


class VideoChannels:
    """Gives a creator the video channel that a stream needs.

    Args:
        provider: Who carries the video.
        channels: Where channels are kept.
        stage: The deployment, which keeps names of several apart in one account.
    """

    def __init__(self, provider: VideoProvider, channels: ChannelStore, stage: str) -> None:
        self._provider = provider
        self._channels = channels
        self._stage = stage

    def ensure(self, lease: Lease, access: ChannelAccess, quality: Quality) -> VideoChannel:
        """Return the creator's channel of an access, made on first need.

        A channel that a request made without living to keep it is found by its name and taken up.

        Args:
            lease: Held by the caller.
            access: Open, or with playback tokens.
            quality: The picture that a new channel is made for.
        """
        known = lease.channel.video.get(access)
        if known is not None:
            return known
        name = self.name_of(lease.channel.user_id, access)
        found = self._provider.find_channel(name)
        channel = found or self._provider.create_channel(name, access, quality)
        self._channels.save_video(lease, {**lease.channel.video, access: channel})
        return channel

    def name_of(self, user_id: str, access: ChannelAccess) -> str:
        """Return the name of a creator's channel at the provider; it tells nobody who that is."""
        digest = hashlib.sha256(user_id.encode()).hexdigest()[:40]
        return f"ayinel-{self._stage}-{access.value}-{digest}"


def require_open(channel: CreatorChannel) -> None:
    """Refuse to start a stream on a channel that is being erased.

    Raises:
        ForbiddenError: It is (`being-erased`).
    """
    if channel.erasure_asked_at is not None:
        raise ForbiddenError("Everything of this account is being erased.", code="being-erased")


def _busy() -> BusyError:
    return BusyError(
        "Another request is changing this creator's streams.",
        retry_after_seconds=2,
        code="channel-in-use",
    )


def _channel_from(item: ChannelItem) -> CreatorChannel:
    stored = json.loads(item.video_channels) if item.video_channels else {}
    return CreatorChannel(
        user_id=item.user_id,
        video={
            ChannelAccess(access): VideoChannel(
                channel_id=entry["channel_id"],
                ingest_endpoint=entry["ingest_endpoint"],
                playback_url=entry["playback_url"],
                access=ChannelAccess(access),
            )
            for access, entry in stored.items()
        },
        latest_stream_id=item.latest_stream_id or "",
        erasure_asked_at=from_rfc3339(item.erasure_asked_at) if item.erasure_asked_at else None,
    )
