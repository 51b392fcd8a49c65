"""What is erased, and in which order: what leads to a thing goes after the thing.

Every step deletes what is still there, so that a run that died is done again from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.errors import BusyError, NotFoundError
from ayinel_live.streams.deletion import StreamDeletion
from ayinel_live.streams.domain_events import UserErased, event_id
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.gone import GoneStreams
from ayinel_live.streams.invitation_store import InvitationStore
from ayinel_live.streams.listing import StreamLists
from ayinel_live.streams.model import StreamState
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.reports import Reports
from ayinel_live.streams.state import outcome
from ayinel_live.streams.store import StreamStore
from ayinel_live.video.model import VideoProvider

# What S3 deletes in one call.
S3_BATCH = 1000


class NotDoneYetError(Exception):
    """The time of this run is used up; the rest is for the next."""


class StreamErasure(Protocol):
    """What a slice keeps of a stream, and how it goes."""

    def erase_stream(self, stream_id: str) -> int:
        """Delete what is kept of a stream; returns how much there was."""


class ChatErasing(StreamErasure, Protocol):
    """The chat's part."""

    def erase_user(self, user_id: str) -> int:
        """Delete a person's messages and standing everywhere."""

    def erase_channel(self, owner_id: str) -> int:
        """Delete who had a standing in a creator's channel, and its log."""


class AudienceErasing(StreamErasure, Protocol):
    """The audience's part."""

    def erase_viewer(self, viewer_id: str, at: datetime) -> int:
        """Delete a person's views of all streams."""


class HistoryErasing(StreamErasure, Protocol):
    """The history's part."""

    def erase_user(self, user_id: str) -> int:
        """Delete what is kept of a person, as a creator and as a viewer."""


@dataclass(frozen=True, slots=True)
class Slices:
    """Who erases what in the other slices.

    Attributes:
        chat: Messages, standing, logs.
        audience: Views and counters.
        history: What lies in PostgreSQL.
    """

    chat: ChatErasing
    audience: AudienceErasing
    history: HistoryErasing


class Eraser:
    """Erases streams and users.

    Args:
        provider: Who carries the video.
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        ending: Ends what is still open.
        deletion: Marks what is deleted.
        slices: Who erases what elsewhere.
        bucket: Gives a botocore `s3` client.
        clock: Tells whether a recording is given up.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        channels: ChannelStore,
        ending: StreamEnding,
        deletion: StreamDeletion,
        slices: Slices,
        bucket: Callable[[], Any],
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._channels = channels
        self._ending = ending
        self._deletion = deletion
        self._slices = slices
        self._bucket = bucket
        self._clock = clock
        self._gone = GoneStreams()
        self._invitations = InvitationStore()

    def erase_stream(self, stream_id: str, check_time: Callable[[], None]) -> None:
        """Erase a stream that is marked deleted, or what a run before left of it.

        Args:
            stream_id: The stream.
            check_time: Raises `NotDoneYetError` where the run must end.

        Raises:
            NotDoneYetError: There is more to do.
            BusyError: Another request works on the creator's channels, or the provider on the
                recording.
            UpstreamError: The provider or the history did not answer.
        """
        record = self._record(stream_id)
        if record is not None and not record.is_deleted:
            return
        if record is not None and not record.is_key_revoked:
            self._ending.wind_down(record)
        self._invitations.erase_stream(stream_id)
        check_time()
        self._slices.chat.erase_stream(stream_id)
        check_time()
        self._slices.history.erase_stream(stream_id)
        if record is not None:
            self._require_recorded(record)
            self._erase_recordings(record, check_time)
            self._gone.note(stream_id, self._clock())
        # The stream goes before its counters: nothing is counted for a stream that is gone.
        self._streams.delete(stream_id)
        self._slices.audience.erase_stream(stream_id)

    def erase_user(self, user_id: str, at: datetime, check_time: Callable[[], None]) -> None:
        """Erase everything of a user.

        Args:
            user_id: The user.
            at: The current time.
            check_time: Raises `NotDoneYetError` where the run must end.

        Raises:
            NotDoneYetError: There is more to do.
            ConflictError: The user's encoder is still on air, or another request at work.
            UpstreamError: The provider or the history did not answer.
        """
        for stream_id in list(StreamLists(self._streams).ids_of_owner(user_id)):
            check_time()
            record = self._record(stream_id)
            if record is not None:
                self._ending.stop(record.stream, stopped_by=user_id)
                self._deletion.mark(stream_id)
            self.erase_stream(stream_id, check_time)
        for stream_id in list(self._invitations.of_user(user_id)):
            self._invitations.delete(stream_id, user_id)
        Reports().erase_reporter(user_id)
        self._slices.audience.erase_viewer(user_id, at)
        check_time()
        self._slices.chat.erase_user(user_id)
        self._slices.chat.erase_channel(user_id)
        check_time()
        self._slices.history.erase_user(user_id)
        for channel in self._channels.get(user_id).video.values():
            self._provider.delete_channel(channel.channel_id)
        self._channels.delete(user_id)

    def _record(self, stream_id: str) -> StreamRecord | None:
        try:
            return self._streams.record(stream_id)
        except NotFoundError:
            return None

    def _require_recorded(self, record: StreamRecord) -> None:
        # A recording goes on for the reconnect window after the stop, and what is written after an
        # erasure nobody would find any more. One that never ends is given up after a while.
        if outcome(record.broadcast, self._clock()).status is not StreamState.ENDED:
            raise BusyError("The recording is being finished.", code="recording-unfinished")

    def _erase_recordings(self, record: StreamRecord, check_time: Callable[[], None]) -> None:
        for recording in record.broadcast.recordings.values():
            while recording.prefix and (
                keys := self._some_keys(recording.bucket, recording.prefix)
            ):
                check_time()
                self._bucket().delete_objects(
                    Bucket=recording.bucket,
                    Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
                )

    def _some_keys(self, bucket: str, prefix: str) -> list[str]:
        found = self._bucket().list_objects_v2(Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=S3_BATCH)
        return [entry["Key"] for entry in found.get("Contents", ())]


def user_erased_detail(user_id: str, receipt_id: str, at: datetime, expire: datetime) -> str:
    """Return the detail of the final event, `UserErased` of `docs/events/`.

    Args:
        user_id: Who was erased.
        receipt_id: The receipt that the user was given.
        at: When it was done.
        expire: When the last backup ends.
    """
    return UserErased(
        event_id=event_id(user_id, UserErased.detail_type, receipt_id),
        user_id=user_id,
        receipt_id=receipt_id,
        at=at,
        backups_expire_at=expire,
    ).model_dump_json(by_alias=True)
