"""What is erased, and in which order: what leads to a thing goes after the thing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ayinel_live.audience.keys import stream_buckets
from ayinel_live.audience.presence import Presence
from ayinel_live.audience.store import AudienceItem, AudienceMarkerItem, ViewerItem
from ayinel_live.channels.member_store import MemberStore
from ayinel_live.channels.moderation_log import ModerationLogItem, ModerationLogStore
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.chat.store import ChatMessageItem
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.deletion import StreamDeletion
from ayinel_live.streams.domain_events import UserErased, event_id
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.invitation_store import InvitationItem, InvitationStore
from ayinel_live.streams.listing import StreamLists
from ayinel_live.streams.reports import Reports
from ayinel_live.streams.store import StreamRecord, StreamStore
from ayinel_live.video.model import VideoProvider

S3_BATCH = 1000


class NotDoneYetError(Exception):
    """The time of this run is used up; the rest is for the next."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long a run may go on.

    Attributes:
        is_near: Tells whether the run must end.
    """

    is_near: Callable[[], bool]

    def check(self) -> None:
        """End the run where its time is used up.

        Raises:
            NotDoneYetError: It is.
        """
        if self.is_near():
            raise NotDoneYetError


@dataclass(frozen=True, slots=True)
class Outside:
    """What is not a table.

    Attributes:
        bucket: Gives a botocore `s3` client.
        queue: Gives a botocore `sqs` client.
        history_queue_url: Where the history learns what to erase.
    """

    bucket: Callable[[], Any]
    queue: Callable[[], Any]
    history_queue_url: str


class Eraser:
    """Erases streams and users.

    Args:
        provider: Who carries the video.
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        ending: Ends what is still open.
        deletion: Marks what is deleted.
        outside: What is not a table.
    """

    def __init__(
        self,
        provider: VideoProvider,
        streams: StreamStore,
        channels: ChannelStore,
        ending: StreamEnding,
        deletion: StreamDeletion,
        outside: Outside,
    ) -> None:
        self._provider = provider
        self._streams = streams
        self._channels = channels
        self._ending = ending
        self._deletion = deletion
        self._outside = outside

    def erase_stream(self, stream_id: str, deadline: Deadline) -> None:
        """Erase a stream that is marked deleted; one that is gone already is done.

        Raises:
            NotDoneYetError: There is more to do.
        """
        try:
            record = self._streams.record(stream_id)
        except NotFoundError:
            return
        if not record.is_deleted:
            return
        if not record.is_key_revoked:
            self._ending.wind_down(record)
        for item in _items_of_stream(stream_id):
            deadline.check()
            item.delete()
        self._erase_recordings(record, deadline)
        self._tell_history({"streamId": stream_id, "userId": record.stream.user_id})
        self._streams.delete(stream_id)

    def erase_user(self, user_id: str, at: datetime, deadline: Deadline) -> None:
        """Erase everything of a user.

        Args:
            user_id: The user.
            at: When it was asked for.
            deadline: How long this run may go on.

        Raises:
            NotDoneYetError: There is more to do.
            ChannelBusyError: The user's encoder is still on air.
        """
        for stream_id in StreamLists(self._streams).ids_of_owner(user_id):
            deadline.check()
            record = self._streams.record(stream_id)
            self._ending.stop(record.stream, stopped_by=user_id)
            self._deletion.mark(stream_id)
            self.erase_stream(stream_id, deadline)
        Presence().leave_all(user_id, at)
        for item in _items_of_user(user_id):
            deadline.check()
            item.delete()
        members = MemberStore()
        for owner_id in list(members.channels_of(user_id)):
            members.erase(owner_id, user_id)
        for member_id in list(members.members_of(user_id)):
            members.erase(user_id, member_id)
        ModerationLogStore().erase_person(user_id)
        Reports().erase_reporter(user_id)
        self._tell_history({"userId": user_id})
        for channel in self._channels.get(user_id).video.values():
            self._provider.delete_channel(channel.channel_id)
        self._channels.delete(user_id)

    def _erase_recordings(self, record: StreamRecord, deadline: Deadline) -> None:
        for recording in record.broadcast.recordings.values():
            if not recording.prefix:
                continue
            while keys := self._some_keys(recording.bucket, recording.prefix):
                deadline.check()
                self._outside.bucket().delete_objects(
                    Bucket=recording.bucket,
                    Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True},
                )

    def _some_keys(self, bucket: str, prefix: str) -> list[str]:
        found = self._outside.bucket().list_objects_v2(
            Bucket=bucket, Prefix=f"{prefix}/", MaxKeys=S3_BATCH
        )
        return [entry["Key"] for entry in found.get("Contents", ())]

    def _tell_history(self, what: dict[str, str]) -> None:
        self._outside.queue().send_message(
            QueueUrl=self._outside.history_queue_url, MessageBody=json.dumps({"erase": what})
        )


def _items_of_stream(stream_id: str) -> Iterator[TableItem]:
    yield from ChatMessageItem.query(stream_id)
    for bucket in stream_buckets(stream_id):
        yield from ViewerItem.query(bucket)
    yield from AudienceMarkerItem.query(stream_id)
    yield from AudienceItem.query(stream_id)
    yield from InvitationItem.query(stream_id)


def _items_of_user(user_id: str) -> Iterable[TableItem]:
    yield from ChatMessageItem.user_index.query(user_id)
    for stream_id in list(InvitationStore().of_user(user_id)):
        yield InvitationItem(stream_id, user_id)
    yield from ModerationLogItem.query(user_id)


def user_erased_detail(user_id: str, receipt_id: str, at: datetime, expire: datetime) -> str:
    """Return the detail of the final event, `UserErased` of `docs/events/`."""
    return UserErased(
        event_id=event_id(user_id, UserErased.detail_type, receipt_id),
        user_id=user_id,
        receipt_id=receipt_id,
        at=at,
        backups_expire_at=expire,
    ).model_dump_json(by_alias=True)
