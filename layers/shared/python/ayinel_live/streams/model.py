"""What a stream is: one broadcast of one creator, from start to recording."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from ayinel_live.runtime.ids import StreamId, UserId
from ayinel_live.video.model import Quality

MAX_TITLE_CHARACTERS = 140
MAX_DESCRIPTION_CHARACTERS = 5000
# An encoder that comes back within this time goes on with the same broadcast. It is also the
# recording's reconnect window, so that one broadcast is one recording (IVS: 0 to 300 seconds).
RECONNECT_GRACE = timedelta(seconds=30)
# A stream to which nobody ever pushed ends after this time and its key dies with it.
NEVER_PUSHED_LIMIT = timedelta(hours=12)
# IVS finishes a recording within minutes of the reconnect window's end.
PROCESSING_LIMIT = timedelta(minutes=15)

# Controls, and the directional marks that let a title rewrite the text around it. Line breaks and
# tabs may stand in a description.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
_BREAKS = re.compile("[\t\n\r\u2028\u2029]")


def refuse_controls(text: str) -> str:
    """Return text that is fit to be shown; line breaks and tabs may stand in it.

    Raises:
        ValueError: It holds control or directional override characters, or is no text.
    """
    if _CONTROLS.search(text):
        raise ValueError("must not hold control or directional override characters")
    text.encode("utf-8")  # A lone surrogate is no text; the fault is a ValueError.
    return text


def _refuse_breaks(text: str) -> str:
    if _BREAKS.search(text):
        raise ValueError("must be one line")
    return text


Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE_CHARACTERS),
    AfterValidator(refuse_controls),
    AfterValidator(_refuse_breaks),
]
Description = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MAX_DESCRIPTION_CHARACTERS),
    AfterValidator(refuse_controls),
]


class Visibility(StrEnum):
    """Who may watch: everybody, who has the id, or who is invited."""

    PUBLIC = "PUBLIC"
    UNLISTED = "UNLISTED"
    PRIVATE = "PRIVATE"


class StreamState(StrEnum):
    """Where a broadcast stands: not pushed yet, on air, recording being finished, over."""

    OFFLINE = "OFFLINE"
    LIVE = "LIVE"
    PROCESSING = "PROCESSING"
    ENDED = "ENDED"


class RecordingState(StrEnum):
    """Where a broadcast's recording stands."""

    NONE = "none"
    RECORDING = "recording"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


PublicStatus = Literal["live", "offline", "processing"]
PUBLIC_STATUS: dict[StreamState, PublicStatus] = {
    StreamState.OFFLINE: "offline",
    StreamState.LIVE: "live",
    StreamState.PROCESSING: "processing",
    StreamState.ENDED: "offline",
}


class LiveStream(BaseModel):
    """One broadcast.

    Attributes:
        stream_id: ULID.
        user_id: The creator.
        status: Where it stands.
        rtmp_url: Where an encoder pushes to; without the key, which is stored nowhere.
        playback_url: The HLS playlist; without a token.
        start_time: When the first picture came; None before.
        end_time: When the broadcast ended; None before.
        interrupted_at: On air, but without pictures since; the encoder may come back.
        peak_viewers: The most people at once; settled when the broadcast has ended.
        total_views: Views; settled when the broadcast has ended.
        version: Grows with each write.
        recording_state: Where its recording stands.
        thumbnail_key: Key of its latest picture in the bucket of recordings.
    """

    model_config = ConfigDict(frozen=True)

    stream_id: StreamId
    user_id: UserId
    title: Title
    description: Description = ""
    status: StreamState = StreamState.OFFLINE
    visibility: Visibility
    quality: Quality
    rtmp_url: str
    playback_url: str
    start_time: datetime | None = None
    end_time: datetime | None = None
    interrupted_at: datetime | None = None
    peak_viewers: int = 0
    total_views: int = 0
    created_at: datetime
    updated_at: datetime
    version: int = 0
    recording_state: RecordingState = RecordingState.NONE
    thumbnail_key: str | None = None

    @property
    def public_status(self) -> PublicStatus:
        """What the API calls the state."""
        return PUBLIC_STATUS[self.status]

    @property
    def is_over(self) -> bool:
        """Whether the broadcast has ended, be its recording finished or not."""
        return self.status in (StreamState.PROCESSING, StreamState.ENDED)

    def duration_seconds(self, now: datetime) -> int:
        """Return whole seconds on air: running while live, frozen after.

        Args:
            now: The current time.
        """
        if self.start_time is None:
            return 0
        end = self.end_time if self.end_time is not None else now
        return max(0, int((end - self.start_time).total_seconds()))
