"""What operators do to streams and creators, and owners to their own: done, and kept in the log.

The entry is written before what it tells is done. So nothing is done of which the log knows
nothing; at worst it names something that a fault of the provider kept from being finished, which
the reconciler then finishes.
"""

from __future__ import annotations

from ayinel_live.channels.moderation_log import LogAction, ModerationLogStore, new_entry
from ayinel_live.channels.start_bans import StartBans
from ayinel_live.channels.video_channels import ChannelStore
from ayinel_live.identity.callers import Caller
from ayinel_live.runtime.clock import Clock, utc_now
from ayinel_live.streams.deletion import StreamDeletion
from ayinel_live.streams.ending import StreamEnding
from ayinel_live.streams.model import LiveStream
from ayinel_live.streams.reports import Report, Reports, ReportStatus
from ayinel_live.streams.store import StreamStore


class Oversight:
    """Ends, deletes, bans and settles, with a log of who did it, when and why.

    Args:
        streams: Where streams are kept.
        channels: Where creators' channels are kept.
        ending: Ends broadcasts.
        deletion: Deletes streams.
        reports: What viewers told operators.
        log: Takes the entries.
        clock: Tells the time.
    """

    def __init__(
        self,
        streams: StreamStore,
        channels: ChannelStore,
        ending: StreamEnding,
        deletion: StreamDeletion,
        reports: Reports,
        log: ModerationLogStore,
        clock: Clock = utc_now,
    ) -> None:
        self._streams = streams
        self._channels = channels
        self._ending = ending
        self._deletion = deletion
        self._reports = reports
        self._log = log
        self._bans = StartBans()
        self._clock = clock

    def stop(self, actor: Caller, stream: LiveStream, reason: str | None) -> LiveStream:
        """End a broadcast; somebody else's is logged, one's own is no matter of moderation.

        Args:
            actor: The owner or an operator.
            stream: The stream.
            reason: Why, in the actor's words.

        Raises:
            UpstreamError: The provider did not answer in time; the reconciler finishes the stop.
        """
        if actor.user_id != stream.user_id and not stream.is_over:
            self._keep(LogAction.STOP_STREAM, actor, stream.user_id, reason, stream.stream_id)
        return self._ending.stop(stream, stopped_by=actor.user_id)

    def delete(self, actor: Caller, stream: LiveStream, reason: str | None) -> None:
        """Delete a stream, also one's own.

        Args:
            actor: The owner or an operator.
            stream: The stream.
            reason: Why, in the actor's words.

        Raises:
            UpstreamError: The broadcast could not be ended in time; nothing is deleted yet.
        """
        self._keep(LogAction.DELETE_STREAM, actor, stream.user_id, reason, stream.stream_id)
        self._deletion.delete_stream(stream, deleted_by=actor.user_id)

    def ban_creator(self, actor: Caller, user_id: str, reason: str) -> None:
        """Keep a creator from starting streams and end the open one.

        Args:
            actor: An operator.
            user_id: The creator.
            reason: Why, in the actor's words.

        Raises:
            UpstreamError: The provider did not answer in time; the reconciler finishes the stop.
        """
        latest = self._channels.get(user_id).latest_stream_id
        stream_id = latest or None
        self._keep(LogAction.BAN_CREATOR, actor, user_id, reason, stream_id, target=user_id)
        self._bans.put(user_id, self._clock())
        # Read again: a start may have come between.
        latest = self._channels.get(user_id).latest_stream_id
        if latest:
            self._ending.stop(self._streams.record(latest).stream, stopped_by=actor.user_id)

    def allow_creator(self, actor: Caller, user_id: str, reason: str | None) -> None:
        """Let a creator start streams again.

        Args:
            actor: An operator.
            user_id: The creator.
            reason: Why, in the actor's words.
        """
        self._keep(LogAction.ALLOW_CREATOR, actor, user_id, reason, target=user_id)
        self._bans.lift(user_id)

    def decide_report(
        self, actor: Caller, report_id: str, status: ReportStatus, reason: str | None
    ) -> Report:
        """Settle a report, or open it again; the log keeps it beyond the report's own life.

        Args:
            actor: An operator.
            report_id: The report.
            status: What becomes of it.
            reason: Why, in the actor's words.

        Raises:
            NotFoundError: There is no such report.
        """
        report = self._reports.decide(
            report_id, status, decided_by=actor.user_id, decision_reason=reason
        )
        why = f"{status.value}: {reason}" if reason else status.value
        self._log.add(
            new_entry(
                report.owner_id,
                LogAction.DECIDE_REPORT,
                actor.user_id,
                self._clock(),
                reason=why,
                stream_id=report.stream_id,
                message_id=report.message_id,
            )
        )
        return report

    def _keep(
        self,
        action: LogAction,
        actor: Caller,
        owner_id: str,
        reason: str | None,
        stream_id: str | None = None,
        *,
        target: str | None = None,
    ) -> None:
        entry = new_entry(
            owner_id,
            action,
            actor.user_id,
            self._clock(),
            reason=reason,
            target_user_id=target,
            stream_id=stream_id,
        )
        self._log.add(entry)
