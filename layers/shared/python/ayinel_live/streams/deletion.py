"""Deleting streams and people: decided at once, carried out in the background.

What is deleted is marked first and shown to nobody from then on; the erasing that follows can die
anywhere and be done again from the start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.correlation import correlated
from ayinel_live.runtime.ids import StreamId, UserId, new_ulid
from ayinel_live.runtime.wire import WireModel, WireTime
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.model import LiveStream
from ayinel_live.streams.records import StreamRecord
from ayinel_live.streams.store import StreamStore

# DynamoDB keeps what point-in-time recovery needs for 35 days.
BACKUP_LIFE = timedelta(days=35)


class EraseStream(WireModel):
    """Erase a stream that is marked deleted, with everything that belongs to it."""

    work: Literal["erase-stream"] = "erase-stream"
    stream_id: StreamId


class EraseUser(WireModel):
    """Erase everything of a user."""

    work: Literal["erase-user"] = "erase-user"
    user_id: UserId
    receipt_id: str
    requested_at: WireTime


ErasureWork = EraseStream | EraseUser
_WORK: TypeAdapter[ErasureWork] = TypeAdapter(Annotated[ErasureWork, Field(discriminator="work")])


def erasure_work_from(body: str) -> ErasureWork:
    """Read a message of the queue.

    Raises:
        ValueError: It is none of ours.
    """
    return _WORK.validate_json(body)


class ErasureQueue:
    """The queue of erasures.

    Args:
        client: Gives a botocore `sqs` client, asked when it is first needed.
        queue_url: The queue.
    """

    def __init__(self, client: Callable[[], Any], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def send(self, work: ErasureWork, *, delay_seconds: int = 0) -> None:
        """Ask for an erasure; asking twice does no harm."""
        self._client().send_message(
            QueueUrl=self._queue_url,
            MessageBody=work.model_dump_json(by_alias=True),
            DelaySeconds=delay_seconds,
            **correlated(),
        )


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """What a user who asked for erasure is given.

    Attributes:
        receipt_id: By which the user can ask about it.
        requested_at: When it was asked for.
        backups_expire_at: By when nothing is left in backups either.
    """

    receipt_id: str
    requested_at: datetime
    backups_expire_at: datetime


class StreamDeletion:
    """Deletes streams and users.

    Args:
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        ending: Ends what is still open.
        queue: Takes the erasing.
        clock: Tells the time.
    """

    def __init__(
        self,
        streams: StreamStore,
        channels: ChannelStore,
        ending: StreamEnding,
        queue: ErasureQueue,
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._channels = channels
        self._ending = ending
        self._queue = queue
        self._clock = clock

    def delete_stream(self, stream: LiveStream, *, deleted_by: str) -> None:
        """Delete a stream; an open broadcast is ended first.

        Raises:
            UpstreamError: The broadcast could not be ended in time; nothing is deleted yet.
        """
        self._ending.stop(stream, stopped_by=deleted_by)
        self.mark(stream.stream_id)
        self._queue.send(EraseStream(stream_id=stream.stream_id))

    def mark(self, stream_id: str) -> StreamRecord:
        """Mark a stream deleted, so that nobody sees it any more."""
        _, after = self._streams.change(stream_id, lambda record: replace(record, is_deleted=True))
        return after

    def delete_user(self, user_id: str) -> ErasureReceipt:
        """Begin to erase everything of a user; asking again is answered anew."""
        now = self._clock()
        receipt = ErasureReceipt(new_ulid(now), now, now + BACKUP_LIFE)
        self._channels.close_for_erasure(user_id)
        self._queue.send(
            EraseUser(user_id=user_id, receipt_id=receipt.receipt_id, requested_at=now)
        )
        return receipt
