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
from local.video.recording import Put, Recording, RecordingState, Take
from local.video.resources import JsonObject, RecordingConfiguration
from local.video.segmenter import Segment
from local.video.settings import VideoSettings

LOCAL_CREDENTIAL = "test"


class Recordings:
    """All recordings of this process."""

    def __init__(self, settings: VideoSettings, sender: EventSender, names: Names) -> None:
        self._settings = settings
        self._sender = sender
        self._names = names
        self._open: dict[str, Recording] = {}
        self._configurations: dict[str, RecordingConfiguration] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._finishing: set[asyncio.Task[None]] = set()
        self._put: dict[str, Put] = {}

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
        if recording is not None and recording.state.stream_ids[-1] != broadcast.stream_id:
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
        loop = asyncio.get_running_loop()
        self._timers[arn] = loop.call_later(window_seconds, self._close, arn)

    async def stop(self) -> None:
        """Close every recording now."""
        for arn in list(self._open):
            self._close(arn)
        await asyncio.gather(*self._finishing)

    def _resume(
        self, recording: Recording, broadcast: Broadcast, tracks: Tracks
    ) -> Recording | None:
        arn = broadcast.channel.arn
        timer = self._timers.pop(arn, None)
        if timer is not None:
            timer.cancel()
        is_same = (
            _shape(recording.tracks) == _shape(tracks)
            and self._configurations[arn] == broadcast.session.recording_configuration
            and not recording.state.failure
        )
        if not is_same:
            self._close(arn)
            return None
        recording.state.stream_ids.append(broadcast.stream_id)
        recording.mark_gap()
        return recording

    def _begin(
        self, broadcast: Broadcast, configuration: RecordingConfiguration, tracks: Tracks
    ) -> Recording:
        arn = broadcast.channel.arn
        now = utc_now()
        recording_id = letters(12)
        when = f"{now.year}/{now.month}/{now.day}/{now.hour}/{now.minute}"
        owner = f"{self._names.account_id}/{broadcast.channel.resource_id}"
        state = RecordingState(
            bucket=configuration.destination_configuration.s3.bucket_name,
            prefix=f"ivs/v1/{owner}/{when}/{recording_id}",
            recording_id=recording_id,
            channel_arn=arn,
            channel_name=broadcast.channel.name,
            stream_ids=[broadcast.stream_id],
            started_at=now,
        )
        recording = Recording(
            state, configuration, tracks, self._writer(state.bucket), self._tell_start
        )
        self._open[arn] = recording
        self._configurations[arn] = configuration
        return recording

    def _close(self, arn: str) -> None:
        timer = self._timers.pop(arn, None)
        if timer is not None:
            timer.cancel()
        recording = self._open.pop(arn)
        del self._configurations[arn]
        task = asyncio.create_task(self._finish(recording))
        self._finishing.add(task)
        task.add_done_callback(self._finishing.discard)

    async def _finish(self, recording: Recording) -> None:
        await recording.finish()
        if recording.has_started:
            self._tell(recording, "End Failure" if recording.state.failure else "End")

    def _tell_start(self, recording: Recording) -> None:
        self._tell(recording, "Start Failure" if recording.state.failure else "Start")

    def _tell(self, recording: Recording, what: str) -> None:
        state = recording.state
        detail: JsonObject = {
            "channel_name": state.channel_name,
            "stream_id": state.stream_ids[-1],
            "recording_status": f"Recording {what}",
            "recording_status_reason": state.failure,
            "recording_s3_bucket_name": state.bucket,
            "recording_s3_key_prefix": "" if what == "Start Failure" else state.prefix,
            "recording_duration_ms": recording.duration_ms,
            "recording_session_id": state.recording_id,
            "recording_session_stream_ids": [*state.stream_ids],
        }
        self._sender.emit(events.RECORDING_CHANGE, [state.channel_arn], detail)

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
