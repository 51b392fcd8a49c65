"""Bodies and parameters of the calls that owners, viewers and operators make about a stream."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints

from ayinel_live.channels.model import Reason
from ayinel_live.runtime.ids import MessageId, StreamId, UserId
from ayinel_live.runtime.wire import WireModel, WireTime
from ayinel_live.streams.health import HealthEntry, HealthState, Ingest, StreamHealth
from ayinel_live.streams.invitation_store import Invitation
from ayinel_live.streams.model import RecordingState, refuse_controls
from ayinel_live.streams.reports import Report, ReportDetail, ReportReason, ReportStatus
from ayinel_live.video.model import VideoEventKind
from functions.streams_api.schemas import PageQuery, Parameters, StreamPath

# IVS takes a kilobyte at a time.
MAX_METADATA_BYTES = 1024


def _require_a_kilobyte(text: str) -> str:
    if len(text.encode()) > MAX_METADATA_BYTES:
        raise ValueError(f"must have {MAX_METADATA_BYTES} bytes of UTF-8 at most")
    return text


class InvitationPath(StreamPath):
    """A person's invitation to a stream."""

    user_id: UserId = Field(alias="userId", description="The person.")


class InvitationQuery(StreamPath):
    """A page of a stream's invitations."""

    limit: int = Field(default=100, ge=1, le=100, description="How many at most.")
    after: UserId | None = Field(default=None, description="A user id; only later ones follow.")


class InvitationBody(WireModel):
    """One person's right to see a private stream."""

    user_id: str
    created_at: WireTime

    @classmethod
    def of(cls, invitation: Invitation) -> Self:
        """Compose an invitation."""
        return cls(user_id=invitation.user_id, created_at=invitation.created_at)


class InvitationListBody(WireModel):
    """A page of invitations, in the order of user ids."""

    invitations: tuple[InvitationBody, ...]


class HealthEventBody(WireModel):
    """One thing that happened to the ingest."""

    at: WireTime
    kind: VideoEventKind
    reason: str = ""

    @classmethod
    def of(cls, entry: HealthEntry) -> Self:
        """Compose an entry."""
        return cls(at=entry.at, kind=entry.kind, reason=entry.reason)


class IngestBody(WireModel):
    """What the encoder sends; bitrates in bits per second."""

    width: int | None = None
    height: int | None = None
    frames_per_second: float | None = None
    video_bitrate_bps: int | None = None
    video_codec: str | None = None
    audio_bitrate_bps: int | None = None
    audio_codec: str | None = None
    encoder: str | None = None

    @classmethod
    def of(cls, ingest: Ingest) -> Self:
        """Compose what is known of an encoder."""
        return cls.model_validate(ingest.model_dump(exclude={"at"}))


class HealthBody(WireModel):
    """How the ingest does: its state, what the encoder sends, what went wrong when."""

    stream_id: StreamId
    state: HealthState
    interrupted_at: WireTime | None = None
    ingest: IngestBody | None = None
    events: tuple[HealthEventBody, ...]

    @classmethod
    def of(cls, stream_id: str, health: StreamHealth, interrupted_at: object) -> Self:
        """Compose a stream's health, the latest event first."""
        return cls.model_validate(
            {
                "stream_id": stream_id,
                "state": health.state,
                "interrupted_at": interrupted_at,
                "ingest": None if health.ingest is None else IngestBody.of(health.ingest),
                "events": tuple(map(HealthEventBody.of, reversed(health.entries))),
            }
        )


class RecordingBody(WireModel):
    """A recording; `duration` is seconds, the addresses are there once it is ready."""

    stream_id: StreamId
    state: RecordingState
    duration: int
    playback_url: str | None = None
    thumbnail_url: str | None = None


class MetadataBody(WireModel):
    """Data that players get within the video, at the picture during which it was sent."""

    metadata: Annotated[
        str, StringConstraints(min_length=1), AfterValidator(_require_a_kilobyte)
    ] = Field(description="At most 1,024 bytes of UTF-8.")


class ReportBody(WireModel):
    """Why somebody reports."""

    reason: ReportReason
    detail: ReportDetail = ""


class ReportedBody(WireModel):
    """A report was taken."""

    report_id: str


class MessagePath(StreamPath):
    """A chat message of a stream."""

    message_id: MessageId = Field(alias="messageId", description="The message.")


class ReportQuery(PageQuery):
    """A page of reports."""

    status: ReportStatus = Field(default=ReportStatus.OPEN, description="Which.")


class ReportPath(Parameters):
    """A report in the path."""

    report_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] = Field(
        alias="reportId", description="The report."
    )


class ReportDecisionBody(WireModel):
    """What becomes of a report, and why."""

    status: ReportStatus
    reason: Reason | None = None


class ReportShownBody(WireModel):
    """A report, as operators see it; the picture is the stream's latest."""

    report_id: str
    status: ReportStatus
    reporter_id: str
    stream_id: StreamId
    owner_id: str
    message_id: str | None = None
    reason: ReportReason
    detail: str
    made_at: WireTime
    decided_by: str | None = None
    decided_at: WireTime | None = None
    decision_reason: str | None = None
    thumbnail_url: str | None = None

    @classmethod
    def of(cls, report: Report, thumbnail_url: str | None = None) -> Self:
        """Compose a report."""
        return cls(
            report_id=report.report_id,
            status=report.status,
            reporter_id=report.reporter_id,
            stream_id=report.stream_id,
            owner_id=report.owner_id,
            message_id=report.message_id,
            reason=report.reason,
            detail=report.detail,
            made_at=report.made_at,
            decided_by=report.decided_by,
            decided_at=report.decided_at,
            decision_reason=report.decision_reason,
            thumbnail_url=thumbnail_url,
        )


class ReportListBody(WireModel):
    """A page of reports, newest first; `cursor` begins the next one."""

    reports: tuple[ReportShownBody, ...]
    cursor: str | None = None


class CreatorPath(Parameters):
    """A creator in the path."""

    user_id: UserId = Field(alias="userId", description="The creator.")


class AllowCreatorQuery(CreatorPath):
    """A creator in the path, and why a ban is lifted."""

    reason: Reason | None = Field(default=None, description="Why, for the moderation log.")


class StartBanBody(WireModel):
    """Why a creator may not start streams any more."""

    reason: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=300),
        AfterValidator(refuse_controls),
    ]


class ErasureBody(WireModel):
    """Everything of the user is being erased; backups hold it until they expire."""

    receipt_id: str
    requested_at: WireTime
    backups_expire_at: WireTime
