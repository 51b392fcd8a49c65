"""From what Amazon IVS puts on EventBridge to events of the product, at the door.

Shapes: Amazon IVS user guide, "Using Amazon EventBridge with IVS Low-Latency Streaming".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ayinel_live.video.model import RecordingFacts, VideoEvent, VideoEventKind

STATE_CHANGE = "IVS Stream State Change"
HEALTH_CHANGE = "IVS Stream Health Change"
LIMIT_BREACH = "IVS Limit Breach"
RECORDING_CHANGE = "IVS Recording State Change"
DETAIL_TYPES = (STATE_CHANGE, HEALTH_CHANGE, LIMIT_BREACH, RECORDING_CHANGE)

_BY_NAME: Mapping[str, VideoEventKind] = {
    "Session Created": VideoEventKind.SESSION_CREATED,
    "Session Ended": VideoEventKind.SESSION_ENDED,
    "Stream Start": VideoEventKind.STREAM_STARTED,
    "Stream End": VideoEventKind.STREAM_ENDED,
    "Stream Failure": VideoEventKind.STREAM_FAILED,
    "Stream Takeover": VideoEventKind.TAKEN_OVER,
    "Stream Takeover Failure": VideoEventKind.TAKEOVER_FAILED,
    "Starvation Start": VideoEventKind.STARVATION_STARTED,
    "Starvation End": VideoEventKind.STARVATION_ENDED,
    "Recording Start": VideoEventKind.RECORDING_STARTED,
    "Recording End": VideoEventKind.RECORDING_ENDED,
    "Recording Start Failure": VideoEventKind.RECORDING_START_FAILED,
    "Recording End Failure": VideoEventKind.RECORDING_END_FAILED,
}

_Text = Annotated[str, Field(max_length=1024)]


class _Detail(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    event_name: _Text = ""
    stream_id: _Text = ""
    reason: _Text = ""
    code: _Text = ""
    limit_name: _Text = ""
    limit_value: float = 0
    limit_unit: _Text = ""
    exceeded_by: float = 0
    recording_status: _Text = ""
    recording_status_reason: _Text = ""
    recording_s3_bucket_name: _Text = ""
    recording_s3_key_prefix: _Text = ""
    recording_duration_ms: float = 0
    recording_session_id: _Text = ""


class _Envelope(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    id: _Text
    time: AwareDatetime
    detail_type: _Text = Field(alias="detail-type")
    resources: tuple[_Text, ...] = ()
    detail: _Detail


class MalformedEventError(Exception):
    """It is no event that this door lets in; trying again would not help."""


def video_event_from(raw: Mapping[str, Any]) -> VideoEvent | None:
    """Translate one event of the bus.

    Args:
        raw: The EventBridge envelope.

    Returns:
        The event, or None for one that speaks of no channel, or of something new.

    Raises:
        MalformedEventError: It has not the documented shape.
    """
    try:
        envelope = _Envelope.model_validate(raw)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise MalformedEventError(f"not an IVS event: {places}") from None
    kind = _kind_of(envelope)
    if kind is None or not envelope.resources:
        return None
    detail = envelope.detail
    return VideoEvent(
        event_id=envelope.id,
        kind=kind,
        at=envelope.time.astimezone(UTC),
        channel_id=envelope.resources[0],
        session_id=detail.stream_id,
        reason=_reason(envelope.detail_type, detail),
        recording=_recording(envelope.detail_type, detail),
    )


def _kind_of(envelope: _Envelope) -> VideoEventKind | None:
    if envelope.detail_type == LIMIT_BREACH:
        return VideoEventKind.LIMIT_BREACHED
    if envelope.detail_type == RECORDING_CHANGE:
        return _BY_NAME.get(envelope.detail.recording_status)
    if envelope.detail_type in DETAIL_TYPES:
        return _BY_NAME.get(envelope.detail.event_name)
    return None


def _reason(detail_type: str, detail: _Detail) -> str:
    if detail_type == LIMIT_BREACH:
        unit = f" {detail.limit_unit}" if detail.limit_unit else ""
        limit = f"{detail.limit_name}: over {detail.limit_value:g}{unit}"
        return f"{limit} by {detail.exceeded_by:g}{unit}"
    return detail.reason or detail.code or detail.recording_status_reason


def _recording(detail_type: str, detail: _Detail) -> RecordingFacts | None:
    if detail_type != RECORDING_CHANGE:
        return None
    prefix = detail.recording_s3_key_prefix.rstrip("/")
    return RecordingFacts(
        bucket=detail.recording_s3_bucket_name,
        prefix=prefix,
        duration_ms=int(detail.recording_duration_ms),
        recording_id=detail.recording_session_id or prefix or detail.stream_id,
    )
