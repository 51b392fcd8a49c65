"""Reports: what viewers tell operators about streams and messages."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, StringConstraints
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from ayinel_live.runtime.clock import Clock, from_rfc3339, to_rfc3339, utc_now
from ayinel_live.runtime.errors import NotFoundError
from ayinel_live.runtime.ids import new_ulid
from ayinel_live.runtime.outages import refusal_code
from ayinel_live.runtime.tables import TableItem
from ayinel_live.streams.model import refuse_controls

MAX_DETAIL_CHARACTERS = 1000
# Reports are kept for half a year after they were made, for repeat offenders and appeals.
KEPT_DAYS = 180
_CONDITION_FAILED = "ConditionalCheckFailedException"

ReportDetail = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MAX_DETAIL_CHARACTERS),
    AfterValidator(refuse_controls),
]


class ReportReason(StrEnum):
    """Why somebody reports."""

    SPAM = "spam"
    HARASSMENT = "harassment"
    HATE = "hate"
    SEXUAL = "sexual"
    VIOLENCE = "violence"
    SELF_HARM = "self-harm"
    CHILD_SAFETY = "child-safety"
    COPYRIGHT = "copyright"
    OTHER = "other"


class ReportStatus(StrEnum):
    """What became of a report."""

    OPEN = "open"
    ACTED_ON = "acted-on"
    DISMISSED = "dismissed"


class ReportsByStatus(GlobalSecondaryIndex["ReportItem"]):
    """Reports of one status, newest first when read backwards."""

    class Meta:
        """Index settings."""

        index_name = "status"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    made_id = UnicodeAttribute(range_key=True, attr_name="madeId")


class ReportsByReporter(GlobalSecondaryIndex["ReportItem"]):
    """Reports of one person: what erasure reads."""

    class Meta:
        """Index settings."""

        index_name = "reporter"
        projection = AllProjection()

    reporter_id = UnicodeAttribute(hash_key=True, attr_name="reporterId")
    made_id = UnicodeAttribute(range_key=True, attr_name="madeId")


class ReportItem(TableItem):
    """One report. Its key is a digest of who reports what, so that a repeat is the same report."""

    class Meta:
        """Table settings."""

    logical_name = "Reports"
    ttl_attribute = "expiresAt"

    report_id = UnicodeAttribute(hash_key=True, attr_name="reportId")
    made_id = UnicodeAttribute(attr_name="madeId")
    status = UnicodeAttribute()
    reporter_id = UnicodeAttribute(attr_name="reporterId")
    stream_id = UnicodeAttribute(attr_name="streamId")
    owner_id = UnicodeAttribute(attr_name="ownerId")
    message_id = UnicodeAttribute(null=True, attr_name="messageId")
    reason = UnicodeAttribute()
    detail = UnicodeAttribute(default="")
    made_at = UnicodeAttribute(attr_name="madeAt")
    decided_by = UnicodeAttribute(null=True, attr_name="decidedBy")
    decided_at = UnicodeAttribute(null=True, attr_name="decidedAt")
    decision_reason = UnicodeAttribute(null=True, attr_name="decisionReason")
    expires_at = NumberAttribute(attr_name="expiresAt")

    status_index = ReportsByStatus()
    reporter_index = ReportsByReporter()


@dataclass(frozen=True, slots=True)
class Report:
    """One report; `made_id` orders reports by time."""

    report_id: str
    made_id: str
    status: ReportStatus
    reporter_id: str
    stream_id: str
    owner_id: str
    message_id: str | None
    reason: ReportReason
    detail: str
    made_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decision_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What somebody reports; `message_id` is None for the stream itself."""

    reporter_id: str
    stream_id: str
    owner_id: str
    message_id: str | None
    reason: ReportReason
    detail: str


class Reports:
    """Takes reports and shows them to operators.

    Args:
        clock: Tells when they were made.
    """

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock

    def make(self, complaint: Complaint) -> str:
        """Keep a report; the same person's next about the same thing is the same report.

        Returns:
            The report's id.
        """
        now = self._clock()
        about = f"{complaint.reporter_id}#{complaint.stream_id}#{complaint.message_id or ''}"
        report_id = hashlib.sha256(about.encode()).hexdigest()[:32]
        item = ReportItem(
            report_id,
            made_id=new_ulid(now),
            status=ReportStatus.OPEN.value,
            reporter_id=complaint.reporter_id,
            stream_id=complaint.stream_id,
            owner_id=complaint.owner_id,
            message_id=complaint.message_id,
            reason=complaint.reason.value,
            detail=complaint.detail,
            made_at=to_rfc3339(now),
            expires_at=int(now.timestamp()) + KEPT_DAYS * 86400,
        )
        try:
            item.save(ReportItem.report_id.does_not_exist())
        except PutError as error:
            if refusal_code(error) != _CONDITION_FAILED:
                raise
        return report_id

    def page(self, status: ReportStatus, *, before: str | None, limit: int) -> Sequence[Report]:
        """Return reports of a status, newest first.

        Args:
            status: Which.
            before: A `made_id`; only older ones are returned.
            limit: How many at most.
        """
        older = ReportItem.made_id < before if before else None
        found = ReportItem.status_index.query(
            status.value, older, scan_index_forward=False, limit=limit, page_size=limit
        )
        return [_report(item) for item in found]

    def decide(
        self,
        report_id: str,
        status: ReportStatus,
        *,
        decided_by: str,
        decision_reason: str | None = None,
    ) -> Report:
        """Settle a report, or open it again.

        Args:
            report_id: The report.
            status: What becomes of it.
            decided_by: The operator.
            decision_reason: Why, in the operator's words.

        Raises:
            NotFoundError: There is no such report.
        """
        item = ReportItem(report_id)
        why = ReportItem.decision_reason
        try:
            item.update(
                [
                    ReportItem.status.set(status.value),
                    ReportItem.decided_by.set(decided_by),
                    ReportItem.decided_at.set(to_rfc3339(self._clock())),
                    why.set(decision_reason) if decision_reason else why.remove(),
                ],
                condition=ReportItem.report_id.exists(),
            )
        except UpdateError as error:
            if refusal_code(error) != _CONDITION_FAILED:
                raise
            raise NotFoundError("There is no such report.") from None
        return _report(item)

    def erase_reporter(self, user_id: str) -> int:
        """Delete a person's reports; returns how many there were."""
        items = list(ReportItem.reporter_index.query(user_id))
        for item in items:
            item.delete()
        return len(items)


def _report(item: ReportItem) -> Report:
    return Report(
        report_id=item.report_id,
        made_id=item.made_id,
        status=ReportStatus(item.status),
        reporter_id=item.reporter_id,
        stream_id=item.stream_id,
        owner_id=item.owner_id,
        message_id=item.message_id,
        reason=ReportReason(item.reason),
        detail=item.detail,
        made_at=from_rfc3339(item.made_at),
        decided_by=item.decided_by,
        decided_at=from_rfc3339(item.decided_at) if item.decided_at else None,
        decision_reason=item.decision_reason,
    )
