"""Background calls to the provider, one after the other for the whole installation.

The provider allows five calls a second per operation and account, which creators' requests need.
What can wait goes through a FIFO queue with one group, so that one call runs at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.correlation import correlated
from ayinel_live.runtime.ids import StreamId
from ayinel_live.runtime.wire import WireModel
from ayinel_live.streams.health import Ingest
from ayinel_live.streams.observing import StreamObserver
from ayinel_live.video.model import VideoProvider

GROUP = "video"


class ReadIngest(WireModel):
    """Ask what the encoder of a push sends, and keep it with the stream."""

    work: Literal["read-ingest"] = "read-ingest"
    stream_id: StreamId
    channel_id: str
    session_id: str


class RevokeViewer(WireModel):
    """End one person's private playback on a channel, for what was signed up to a moment."""

    work: Literal["revoke-viewer"] = "revoke-viewer"
    channel_id: str
    viewer_id: str
    up_to_version: int


class FindPictures(WireModel):
    """Look where a recording's thumbnails lie, and keep it with the stream."""

    work: Literal["find-pictures"] = "find-pictures"
    stream_id: StreamId
    bucket: str
    prefix: str


AnyWork = ReadIngest | RevokeViewer | FindPictures
VideoWork = Annotated[AnyWork, Field(discriminator="work")]
_WORK: TypeAdapter[AnyWork] = TypeAdapter(VideoWork)


def video_work_from(body: str) -> AnyWork:
    """Read a message of the queue.

    Raises:
        ValueError: It is none of ours.
    """
    return _WORK.validate_json(body)


class VideoWorkQueue:
    """The queue of background calls.

    Args:
        client: Gives a botocore `sqs` client, asked when it is first needed.
        queue_url: The FIFO queue.
    """

    def __init__(self, client: Callable[[], Any], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def ask_for_ingest(
        self, stream_id: str, channel_id: str, session_id: str, at: datetime
    ) -> None:
        """Ask what the encoder of a push sends; at most once a minute.

        Args:
            stream_id: The stream.
            channel_id: Its video channel.
            session_id: The push.
            at: When it is asked.
        """
        work = ReadIngest(stream_id=stream_id, channel_id=channel_id, session_id=session_id)
        self.send(work, key=f"ingest-{session_id}-{at:%Y%m%d%H%M}")

    def ask_for_pictures(self, stream_id: str, bucket: str, prefix: str, at: datetime) -> None:
        """Ask where a recording's thumbnails lie; at most once in ten seconds.

        Args:
            stream_id: The stream.
            bucket: Where the recording lies.
            prefix: Under which prefix.
            at: When it is asked.
        """
        work = FindPictures(stream_id=stream_id, bucket=bucket, prefix=prefix)
        ten_seconds = f"{at:%Y%m%d%H%M%S}"[:-1]
        self.send(work, key=f"pictures-{stream_id}-{ten_seconds}")

    def send(self, work: AnyWork, *, key: str) -> None:
        """Ask for a call.

        Args:
            work: The call.
            key: By which a repeat within five minutes is dropped.
        """
        self._client().send_message(
            QueueUrl=self._queue_url,
            MessageBody=work.model_dump_json(by_alias=True),
            MessageGroupId=GROUP,
            MessageDeduplicationId=key,
            **correlated(),
        )


class VideoWorker:
    """Does what was asked for.

    Args:
        provider: Who carries the video.
        observer: Keeps what is learned.
        bucket: Gives a botocore `s3` client.
        clock: Tells when something was asked.
    """

    def __init__(
        self,
        provider: VideoProvider,
        observer: StreamObserver,
        bucket: Callable[[], Any],
        clock: Clock = utc_now,
    ) -> None:
        self._provider = provider
        self._observer = observer
        self._bucket = bucket
        self._clock = clock

    def do(self, work: AnyWork) -> None:
        """Make one call.

        Raises:
            NotFoundError: What it is about is gone.
            UpstreamError: The provider did not answer in time.
        """
        match work:
            case ReadIngest():
                self._read_ingest(work)
            case FindPictures():
                self._find_pictures(work)
            case RevokeViewer():
                self._provider.revoke_viewer(work.channel_id, work.viewer_id, work.up_to_version)

    def _read_ingest(self, work: ReadIngest) -> None:
        sent = self._provider.ingest(work.channel_id, work.session_id)
        if sent is not None:
            ingest = Ingest.from_configuration(sent, self._clock())
            self._observer.learn_ingest(work.stream_id, ingest)
        # Where the provider does not know yet, the reconciler asks again.

    def _find_pictures(self, work: FindPictures) -> None:
        self._observer.learn_pictures(
            work.stream_id,
            latest=self._first_key(work.bucket, f"{work.prefix}/media/latest_thumbnail/"),
            first=self._first_key(work.bucket, f"{work.prefix}/media/thumbnails/"),
        )

    def _first_key(self, bucket: str, prefix: str) -> str | None:
        found = self._bucket().list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
        return next((entry["Key"] for entry in found.get("Contents", ())), None)
