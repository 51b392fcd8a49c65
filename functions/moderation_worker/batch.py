"""One batch of the FIFO queue: what is worked off, what comes again, what is set aside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from aws_lambda_powertools import Logger
from pydantic import ValidationError

from ayinel_live.chat.model import PendingMessage, time_of
from ayinel_live.chat.screening import UNCHECKED
from ayinel_live.moderation.model import Decision, ModerationMode, Verdict
from ayinel_live.runtime import metrics
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.runtime.correlation import correlation_id_of, working_on
from ayinel_live.runtime.errors import LiveError

# Faults that may pass are tried until the queue itself gives up. One that is none of ours would
# hold up its sender's lane, so it is set aside after this many deliveries.
DELIVERIES_OF_UNKNOWN_FAULTS = 3
# A classifier that fails this often leaves the decision to a moderator.
DELIVERIES_BEFORE_HOLDING = 3

Record = Mapping[str, Any]


class Screener(Protocol):
    """Judges and stores messages."""

    def judge(self, pending: Sequence[PendingMessage]) -> Sequence[Verdict]:
        """Return the verdicts on a batch."""
        ...

    def show_unjudged(self, pending: PendingMessage) -> None:
        """Store a message before its verdict."""
        ...

    def settle(self, pending: PendingMessage, verdict: Verdict) -> None:
        """Store a message with its verdict."""
        ...

    def settle_unjudged(self, pending: PendingMessage, verdict: Verdict) -> None:
        """Write the verdict on a message that is stored already."""
        ...


class Gauge(Protocol):
    """Counts and times."""

    def count(self, name: str, value: float = 1) -> None:
        """Add to a counter."""
        ...

    def time(self, name: str, milliseconds: float) -> None:
        """Tell how long something took."""
        ...


class Lane(Protocol):
    """What can be done with messages besides working them off."""

    def set_aside(self, record: Record, reason: str) -> None:
        """Keep a message apart, with the reason, out of the way of those behind it."""
        ...

    def retry_soon(self, records: Sequence[Record]) -> None:
        """Have messages delivered again before the queue would by itself."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of the batch, as it came and as it reads."""

    record: Record
    pending: PendingMessage


class Batch:
    """Works off one batch.

    When a message of a group fails, everything behind it in the group comes again with it, so that
    the order of each sender is kept.

    Args:
        screener: Judges and stores messages.
        lane: Sets aside and defers.
        logger: Gets what happened.
        gauge: Counts it.
        clock: Tells the time.
    """

    def __init__(
        self,
        screener: Screener,
        lane: Lane,
        logger: Logger,
        gauge: Gauge,
        clock: Clock = utc_now,
    ) -> None:
        self._gauge = gauge
        self._clock = clock
        self._screener = screener
        self._lane = lane
        self._logger = logger
        self._done: set[str] = set()
        self._stopped: set[str] = set()

    def work(self, records: Sequence[Record]) -> list[str]:
        """Work off the batch and return the ids of the messages that have to come again."""
        entries = [entry for record in records if (entry := self._parse(record)) is not None]
        for entry in entries:
            if entry.pending.mode is ModerationMode.POST:
                self._attempt(entry.record, partial(self._screener.show_unjudged, entry.pending))
        standing = [entry for entry in entries if self._is_open(entry.record)]
        for entry, verdict in zip(standing, self._judge(standing), strict=True):
            if verdict is None:
                self._stopped.add(group_of(entry.record))
            elif self._attempt(entry.record, self._settling(entry.pending, verdict)):
                self._done.add(entry.record["messageId"])
                self._tell(entry, verdict)
        left = [record for record in records if record["messageId"] not in self._done]
        if left:
            self._gauge.count(metrics.MESSAGES_RETRIED, len(left))
            self._lane.retry_soon(left)
        return [record["messageId"] for record in left]

    def _tell(self, entry: Entry, verdict: Verdict) -> None:
        """Write the line that ties what was sent to what became of it."""
        self._gauge.count(metrics.MESSAGES_JUDGED)
        if verdict.decision is Decision.HOLD:
            self._gauge.count(metrics.MESSAGES_HELD)
        elif verdict.decision is Decision.REJECT:
            self._gauge.count(metrics.MESSAGES_BLOCKED)
        sent_at = time_of(entry.pending.message_id)
        waited = (self._clock() - sent_at).total_seconds() * 1000
        self._gauge.time(metrics.MODERATION_TOOK, max(0.0, waited))
        self._logger.info(
            "message_judged",
            stream_id=entry.pending.stream_id,
            message_id=entry.pending.message_id,
            correlation_id=correlation_id_of(entry.record),
            decision=verdict.decision,
        )

    def _is_open(self, record: Record) -> bool:
        return record["messageId"] not in self._done and group_of(record) not in self._stopped

    def _parse(self, record: Record) -> Entry | None:
        try:
            return Entry(record, PendingMessage.model_validate_json(record["body"]))
        except ValidationError as error:
            places = {".".join(map(str, fault["loc"])) or "body" for fault in error.errors()}
            self._set_aside(record, "unreadable: " + ", ".join(sorted(places)))
            return None

    def _judge(self, entries: Sequence[Entry]) -> Sequence[Verdict | None]:
        """Return verdicts; None where there is none yet."""
        if not entries:
            return ()
        try:
            return self._screener.judge([entry.pending for entry in entries])
        except Exception:
            self._logger.exception("judging_failed", messages=len(entries))
            self._gauge.count(metrics.JUDGING_FAILED)
        # One text may have been the fault of all: each by itself, then.
        return [self._judge_alone(entry) for entry in entries]

    def _judge_alone(self, entry: Entry) -> Verdict | None:
        try:
            return self._screener.judge([entry.pending])[0]
        except Exception:
            self._logger.exception("judging_failed", messages=1)
        if deliveries_of(entry.record) < DELIVERIES_BEFORE_HOLDING:
            return None
        return UNCHECKED

    def _settling(self, pending: PendingMessage, verdict: Verdict) -> Callable[[], None]:
        if pending.mode is ModerationMode.POST:
            return partial(self._screener.settle_unjudged, pending, verdict)
        return partial(self._screener.settle, pending, verdict)

    def _attempt(self, record: Record, action: Callable[[], None]) -> bool:
        """Do one step of a message; where it fails, its group stops or the message is set aside."""
        if not self._is_open(record):
            return False
        try:
            with working_on(record):
                action()
        except LiveError as error:
            self._logger.warning(
                "message_deferred", code=error.code, queue_message_id=record["messageId"]
            )
            self._stopped.add(group_of(record))
        except Exception as error:
            self._logger.exception("message_failed", queue_message_id=record["messageId"])
            if deliveries_of(record) < DELIVERIES_OF_UNKNOWN_FAULTS:
                self._stopped.add(group_of(record))
            else:
                self._set_aside(record, f"failed: {type(error).__name__}")
        else:
            return True
        return False

    def _set_aside(self, record: Record, reason: str) -> None:
        try:
            self._lane.set_aside(record, reason)
        except Exception:
            self._logger.exception("setting_aside_failed")
            self._stopped.add(group_of(record))
        else:
            self._done.add(record["messageId"])
            self._gauge.count(metrics.MESSAGES_SET_ASIDE)
            self._logger.error(
                "message_set_aside", reason=reason, queue_message_id=record["messageId"]
            )


def group_of(record: Record) -> str:
    """Return a message's FIFO group."""
    return str(record["attributes"]["MessageGroupId"])


def deliveries_of(record: Record) -> int:
    """Return how often a message was delivered, this time included."""
    return int(record["attributes"].get("ApproximateReceiveCount", 1))
