"""One stream session: from an accepted key to the end of what its publisher sends."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from local.video import events, flv, ingest_configuration, limits
from local.video.amf0 import AmfValue
from local.video.clock import utc_now
from local.video.events import EventSender
from local.video.flv import FlvError, UnsupportedCodecError
from local.video.fmp4 import MediaError, Tracks
from local.video.live_playlist import ListedSegment, LivePlaylist
from local.video.resources import Channel, JsonObject, StreamEvent, StreamSession
from local.video.segmenter import Segment, Segmenter
from local.video.timed_metadata import emsg

_log = logging.getLogger(__name__)


class Publisher(Protocol):
    """The connection of an encoder."""

    def drop(self) -> None:
        """Cut the connection at once."""


class Studio(Protocol):
    """What a broadcast needs of the house around it."""

    def playlist_for(self, broadcast: "Broadcast") -> LivePlaylist:
        """Returns the playlist that the broadcast's segments go to."""

    def segment_listed(
        self, broadcast: "Broadcast", listed: ListedSegment, segment: Segment
    ) -> None:
        """Hear of a new segment."""

    def session_changed(self, session: StreamSession) -> None:
        """Keep the state of a session."""

    def ended(self, broadcast: "Broadcast", *, was_clean: bool) -> None:
        """Hear of the end of a broadcast."""


class Broadcast:
    """One publisher on one channel.

    Attributes:
        channel: The channel as it was when the session began.
        session: What GetStreamSession shows.
        live_since: When the first segment was listed; nothing before that.
        last_video_at: When the last picture came, on the loop's clock.
        is_starving: Whether pictures have stayed away.
        has_ended: Whether the session is over.
        tracks: The tracks of the newest segment.
        keyframe: The newest picture that stands alone.
    """

    def __init__(
        self,
        session: StreamSession,
        publisher: Publisher,
        studio: Studio,
        sender: EventSender,
        segmenter: Segmenter,
        clock: Callable[[], float],
    ) -> None:
        self.channel: Channel = session.channel
        self.session = session
        self.live_since: datetime | None = None
        self.last_video_at = clock()
        self.is_starving = False
        self.has_ended = False
        self.tracks: Tracks | None = None
        self.keyframe = b""
        self._publisher = publisher
        self._studio = studio
        self._sender = sender
        self._segmenter = segmenter
        self._clock = clock
        self._metadata: dict[str, AmfValue] = {}
        self._meter = limits.BitrateMeter()
        self._notes: list[tuple[int, str]] = []
        self._note_count = 0
        self._newest_ms = 0
        self._anchor: tuple[int, datetime] | None = None
        self._tell(events.STATE_CHANGE, "Session Created", moment=session.start_time)

    @property
    def stream_id(self) -> str:
        """The session's id."""
        return self.session.stream_id

    def on_metadata(self, metadata: dict[str, AmfValue]) -> None:
        """Take the encoder's description of itself.

        Args:
            metadata: The object of ``onMetaData``.
        """
        self._metadata = metadata

    def on_video(self, timestamp_ms: int, payload: bytes) -> None:
        """Take a video message.

        Args:
            timestamp_ms: Its time on the publisher's clock.
            payload: An FLV video tag.
        """
        if self.has_ended:
            return
        try:
            tag = flv.parse_video(payload)
            if tag.kind is flv.TagKind.FRAME:
                self._video_came(len(payload), timestamp_ms)
            for segment in self._segmenter.push_video(tag, timestamp_ms):
                self._list(segment)
        except (FlvError, MediaError) as error:
            self._fail(error)

    def on_audio(self, timestamp_ms: int, payload: bytes) -> None:
        """Take an audio message.

        Args:
            timestamp_ms: Its time on the publisher's clock.
            payload: An FLV audio tag.
        """
        if self.has_ended:
            return
        try:
            self._meter.count(len(payload), self._clock())
            for segment in self._segmenter.push_audio(flv.parse_audio(payload), timestamp_ms):
                self._list(segment)
        except (FlvError, MediaError) as error:
            self._fail(error)

    def on_end(self, *, was_clean: bool) -> None:
        """End the session, because the publisher said so, went away, or is made to.

        Args:
            was_clean: Whether no reconnect is to be waited for.
        """
        if self.has_ended:
            return
        try:
            for segment in self._segmenter.flush():
                self._list(segment)
        except MediaError:
            _log.info("last segment was not playable", extra={"stream_id": self.stream_id})
        self._end(was_clean=was_clean)

    def put_metadata(self, text: str) -> None:
        """Send a text to the players, in the segment that is being gathered.

        Args:
            text: The metadata.
        """
        self._notes.append((self._newest_ms, text))

    def starve(self) -> None:
        """Note that pictures have stayed away for a while."""
        self.is_starving = True
        self._tell(events.HEALTH_CHANGE, "Starvation Start")

    def _video_came(self, size_bytes: int, timestamp_ms: int) -> None:
        now = self._clock()
        self.last_video_at = now
        self._newest_ms = timestamp_ms
        self._meter.count(size_bytes, now)
        if self.is_starving:
            self.is_starving = False
            self._tell(events.HEALTH_CHANGE, "Starvation End")

    def _list(self, segment: Segment) -> None:
        if self.has_ended or not self._accepts(segment.tracks):
            return
        if self._anchor is None or not segment.is_continuous:
            self._anchor = (
                segment.start_ms,
                utc_now() - timedelta(milliseconds=segment.duration_ms),
            )
        anchor_ms, anchor_time = self._anchor
        playlist = self._studio.playlist_for(self)
        seconds = segment.duration_ms / 1000
        playlist.frames_per_second = segment.frames_per_second
        listed = playlist.add(
            segment.tracks,
            self._take_notes() + segment.data,
            seconds,
            anchor_time + timedelta(milliseconds=segment.start_ms - anchor_ms),
            is_continuous=segment.is_continuous,
        )
        if segment.keyframe:
            self.keyframe = segment.keyframe
        self._check_bitrate(segment.tracks)
        if self.live_since is None:
            self._go_live(segment, playlist.frames_per_second)
        self._studio.segment_listed(self, listed, segment)

    def _accepts(self, tracks: Tracks) -> bool:
        if tracks is self.tracks:
            return True
        self.tracks = tracks
        breach = limits.resolution_breach(tracks.width, tracks.height)
        if breach is None:
            return True
        self._tell_breach(breach)
        self._end(was_clean=True)
        return False

    def _take_notes(self) -> bytes:
        boxes = b""
        for presentation_ms, text in self._notes:
            self._note_count += 1
            boxes += emsg(text, presentation_ms, self._note_count)
        self._notes.clear()
        return boxes

    def _go_live(self, segment: Segment, frames_per_second: float) -> None:
        self.live_since = utc_now()
        measured = self._meter.bits_per_second or len(segment.data) * 8000 // segment.duration_ms
        described = ingest_configuration.describe(
            segment.tracks, self._metadata, measured, frames_per_second
        )
        self._keep(ingestConfiguration=described)
        self._tell(events.STATE_CHANGE, "Stream Start", moment=self.live_since)

    def _check_bitrate(self, tracks: Tracks) -> None:
        breach = self._meter.breach(self.channel.type, tracks.width * tracks.height)
        if breach is not None:
            self._tell_breach(breach)

    def _tell_breach(self, breach: limits.Breach) -> None:
        detail: JsonObject = {
            "limit_name": breach.name,
            "limit_value": breach.limit,
            "exceeded_by": breach.exceeded_by,
            "limit_unit": breach.unit,
        }
        self._send(events.LIMIT_BREACH, breach.name, detail, is_error=True)

    def _fail(self, error: FlvError | MediaError) -> None:
        known = isinstance(error, UnsupportedCodecError)
        reason = f"Unsupported {error}" if known else "The media could not be processed"
        self._send(
            events.STATE_CHANGE,
            "Stream Failure",
            {"event_name": "Stream Failure", "reason": reason},
            is_error=True,
        )
        self._end(was_clean=True)

    def _end(self, *, was_clean: bool) -> None:
        self.has_ended = True
        self._publisher.drop()
        now = utc_now()
        if self.live_since is not None:
            self._tell(events.STATE_CHANGE, "Stream End", moment=now)
        self._keep(endTime=now.isoformat())
        self._tell(events.STATE_CHANGE, "Session Ended", moment=now)
        self._studio.ended(self, was_clean=was_clean)

    def takeover_refused(self) -> None:
        """Note that a second publisher asked for the place of this one and was refused."""
        code = "StreamTakeoverInvalidPriority"
        detail: JsonObject = {"event_name": "Stream Takeover Failure", "code": code}
        self._send(events.STATE_CHANGE, "Stream Takeover Failure", detail, code=code)

    def _tell(self, detail_type: str, name: str, moment: datetime | None = None) -> None:
        self._send(detail_type, name, {"event_name": name}, moment=moment)

    def _send(
        self,
        detail_type: str,
        name: str,
        detail: JsonObject,
        *,
        moment: datetime | None = None,
        is_error: bool = False,
        code: str | None = None,
    ) -> None:
        moment = moment or utc_now()
        detail |= {"channel_name": self.channel.name, "stream_id": self.stream_id}
        self._sender.emit(detail_type, [self.channel.arn], detail, moment)
        line = StreamEvent(name=name, type=detail_type, event_time=moment, code=code)
        self.session = self.session.model_copy(
            update={
                "truncated_events": (line, *self.session.truncated_events)[:500],
                "has_error_event": self.session.has_error_event or is_error,
            }
        )
        self._studio.session_changed(self.session)

    def _keep(self, **changes: JsonObject | str) -> None:
        self.session = self.session.changed({**changes})
        self._studio.session_changed(self.session)
