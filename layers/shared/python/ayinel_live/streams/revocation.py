"""Ending private playback of people who lost the right to it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.streams.model import Visibility
from ayinel_live.streams.playback import everybody_tag
from ayinel_live.streams.store import StreamStore
from ayinel_live.streams.video_work import RevokeViewer, VideoWorkQueue
from ayinel_live.video.playback_tokens import session_version, viewer_tag


class PlaybackRevocation:
    """Asks for revocations, in the background.

    Args:
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        video_work: Takes background calls to the provider.
    """

    def __init__(
        self, streams: StreamStore, channels: ChannelStore, video_work: VideoWorkQueue
    ) -> None:
        self._streams = streams
        self._channels = channels
        self._video_work = video_work

    def invitation_lost(self, stream_id: str, user_id: str, at: datetime) -> None:
        """End a person's playback of a stream that the person is not invited to any more."""
        try:
            record = self._streams.record(stream_id)
        except NotFoundError:
            return
        if record.stream.visibility is Visibility.PRIVATE and not record.stream.is_over:
            self._revoke(record.channel_id, viewer_tag(user_id), at)

    def standing_lost(self, owner_id: str, user_id: str, at: datetime) -> None:
        """End the playback of a creator's private stream by somebody banned or dismissed.

        A dismissed moderator who is invited, too, comes back with a new token.
        """
        latest = self._channels.get(owner_id).latest_stream_id
        if latest:
            self.invitation_lost(latest, user_id, at)

    def made_private(self, stream_id: str, channel_id: str, at: datetime) -> None:
        """End the playback of all who had an UNLISTED stream's id; who is invited comes back."""
        self._revoke(channel_id, everybody_tag(stream_id), at)

    def _revoke(self, channel_id: str, viewer_id: str, at: datetime) -> None:
        version = session_version(at)
        work = RevokeViewer(channel_id=channel_id, viewer_id=viewer_id, up_to_version=version)
        # One person can lose several channels at one moment: an erasure takes all invitations.
        channel = hashlib.sha256(channel_id.encode()).hexdigest()[:32]
        self._video_work.send(work, key=f"revoke-{channel}-{viewer_id}-{version}")
