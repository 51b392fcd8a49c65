"""Which broadcasts are being recorded, and when a recording is over.

A session that ends leaves its recording open for ``recordingReconnectWindowSeconds``. A new session
of the same channel inside the window, with the same picture size, sound and configuration, goes on
in the same recording; any other begins its own, as on IVS.
"""

import asyncio
from collections.abc import Callable
from functools import cached_property
from typing import Protocol

import boto3
from botocore.config import Config

from local.video import events
from local.video.arns import Names, letters
from local.video.broadcast import Broadcast
from local.video.clock import utc_now
from local.video.events import EventSender
from local.video.fmp4 import Tracks
from local.video.live_playlist import ListedSegment
from local.video.recording import Put, Recording, Take
from local.video.resources import JsonObject, OpenRecording, RecordingConfiguration
from local.video.segmenter import Segment
from local.video.settings import VideoSettings
from local.video.store import Store

LOCAL_CREDENTIAL = "test"
STOP_SECONDS = 10.0


class Recordings:
    """All recordings of this process."""

    def __init__(
        self, settings: VideoSettings, store: Store, sender: EventSender, names: Names
    ) -> None:
        self._shelf = store.open_recordings
        self._settings = settings
        self._sender = sender
        self._names = names
        self._open: dict[str, Recording] = {}
        self._configurations: dict[str, RecordingConfiguration] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._finishing: set[asyncio.Task[None]] = set()
        self._put: dict[str, Put] = {}

    def start(self) -> None:
        """Tell of recordings that died with an earlier process."""
        for about in self._shelf:
            self._tell(about, "End Failure", "InternalServerException", 0)
            self._shelf.remove(about.key)

    def segment_listed(self, broadcast: Broadcast, listed: ListedSegment, segment: Segment) -> None:
        """Record a segment, if its channel says so.

        Args:
            broadcast: Whose it is.
            listed: The segment as players see it.
            segment: The segment as it was cut.
        """
        configuration = broadcast.session.recording_configuration
        if configuration is None or not self._settings.recordings_enabled:
            return
        arn = broadcast.channel.arn
        recording = self._open.get(arn)
        if recording is not None and recording.about.stream_ids[-1] != broadcast.stream_id:
            recording = self._resume(recording, broadcast, segment.tracks)
        if recording is None:
            recording = self._begin(broadcast, configuration, segment.tracks)
        recording.add(Take(listed, segment))

    def ended(self, broadcast: Broadcast) -> None:
        """Close the recording of a session that is over, when the window has passed.

        Args:
            broadcast: The session.
        """
        arn = broadcast.channel.arn
        if arn not in self._open:
            return
        window_seconds = self._configurations[arn].recording_reconnect_window_seconds
        self._cancel_timer(arn)
        loop = asyncio.get_running_loop()
        self._timers[arn] = loop.call_later(window_seconds, self._close, arn)

    async def stop(self) -> None:
        """Close every recording now; one whose storage hangs is told of by the next run."""
        for arn in list(self._open):
            self._close(arn)
        if self._finishing:
            _, late = await asyncio.wait(self._finishing, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _resume(
        self, recording: Recording, broadcast: Broadcast, tracks: Tracks
    ) -> Recording | None:
        arn = broadcast.channel.arn
        self._cancel_timer(arn)
        is_same = (
            _shape(recording.tracks) == _shape(tracks)
            and self._configurations[arn] == broadcast.session.recording_configuration
            and not recording.failure
        )
        if not is_same:
            self._close(arn)
            return None
        stream_ids = (*recording.about.stream_ids, broadcast.stream_id)
        recording.about = recording.about.model_copy(update={"stream_ids": stream_ids})
        self._shelf.put(recording.about)
        return recording

    def _begin(
        self, broadcast: Broadcast, configuration: RecordingConfiguration, tracks: Tracks
    ) -> Recording:
        arn = broadcast.channel.arn
        now = utc_now()
        recording_id = letters(12)
        when = f"{now.year}/{now.month}/{now.day}/{now.hour}/{now.minute}"
        owner = f"{self._names.account_id}/{broadcast.channel.resource_id}"
        about = OpenRecording(
            bucket=configuration.destination_configuration.s3.bucket_name,
            prefix=f"ivs/v1/{owner}/{when}/{recording_id}",
            recording_id=recording_id,
            channel_arn=arn,
            channel_name=broadcast.channel.name,
            stream_ids=(broadcast.stream_id,),
            started_at=now,
        )
        recording = Recording(
            about, configuration, tracks, self._writer(about.bucket), self._tell_start
        )
        self._shelf.put(about)
        self._open[arn] = recording
        self._configurations[arn] = configuration
        return recording

    def _close(self, arn: str) -> None:
        self._cancel_timer(arn)
        recording = self._open.pop(arn)
        del self._configurations[arn]
        task = asyncio.create_task(self._finish(recording))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    def _cancel_timer(self, arn: str) -> None:
        timer = self._timers.pop(arn, None)
        if timer is not None:
            timer.cancel()

    async def _finish(self, recording: Recording) -> None:
        await recording.finish()
        self._shelf.remove(recording.about.key)
        if recording.has_started:
            what = "End Failure" if recording.failure else "End"
            self._tell(recording.about, what, recording.failure, recording.duration_ms)

    def _tell_start(self, recording: Recording) -> None:
        what = "Start Failure" if recording.failure else "Start"
        self._tell(recording.about, what, recording.failure, 0)

    def _tell(self, about: OpenRecording, what: str, failure: str, duration_ms: int) -> None:
        detail: JsonObject = {
            "channel_name": about.channel_name,
            "stream_id": about.stream_ids[-1],
            "recording_status": f"Recording {what}",
            "recording_status_reason": failure,
            "recording_s3_bucket_name": about.bucket,
            "recording_s3_key_prefix": "" if what == "Start Failure" else about.prefix,
            "recording_duration_ms": duration_ms,
            "recording_session_id": about.recording_id,
            "recording_session_stream_ids": [*about.stream_ids],
        }
        self._sender.emit(events.RECORDING_CHANGE, [about.channel_arn], detail)

    def _writer(self, bucket: str) -> Put:
        if bucket not in self._put:
            self._put[bucket] = _BucketWriter(
                bucket, self._settings.s3_endpoint, self._settings.region
            ).put
        return self._put[bucket]


class S3Client(Protocol):
    """The one call of boto3's S3 client that recordings make."""

    put_object: Callable[..., object]


class _BucketWriter:
    """Writes objects; its client is made in the first call, off the event loop."""

    def __init__(self, bucket: str, endpoint: str, region: str) -> None:
        self._bucket = bucket
        self._endpoint = endpoint
        self._region = region

    def put(self, key: str, body: bytes, content_type: str) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=body, ContentType=content_type)

    @cached_property
    def _client(self) -> S3Client:
        session = boto3.Session(region_name=self._region)
        is_bare = session.get_credentials() is None and bool(self._endpoint)
        credential = LOCAL_CREDENTIAL if is_bare else None
        client: S3Client = session.client(
            "s3",
            endpoint_url=self._endpoint or None,
            aws_access_key_id=credential,
            aws_secret_access_key=credential,
            config=Config(
                signature_version="s3v4",
                s3={"addressing_style": "path" if self._endpoint else "auto"},
                retries={"mode": "standard", "max_attempts": 4},
                connect_timeout=5,
                read_timeout=20,
            ),
        )
        return client


def _shape(tracks: Tracks) -> tuple[int, int, bool]:
    return tracks.width, tracks.height, tracks.has_audio
