"""Delivery: from postings on the queue to frames at connections, and what is left back to it.

All that a worker holds of one message group is merged into as few frames as possible. A group holds
one recipient, such as a stream's shard, and perhaps connections that an earlier worker could not
reach; those get what they missed and what is new together, in the old order.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from ayinel_live.fan_out.aws_calls import AwsCallError
from ayinel_live.fan_out.jobs import Job, Report
from ayinel_live.fan_out.outbox import Outbox
from ayinel_live.fan_out.plans import Plan, jobs_of, rest_of, stream_of
from ayinel_live.fan_out.postings import BadPostingError, Posting, Recipient
from ayinel_live.fan_out.recipients import ConnectionFinder

# Each try is a whole worker's effort of several seconds; a connection that takes nothing for so
# long learns from the next `pong` what it missed, and resumes.
MAX_ATTEMPTS = 5


class PostsFrames(Protocol):
    """Works off jobs within a time."""

    async def post(self, jobs: Iterable[Job], seconds: float) -> Report:
        """Work off jobs."""

    async def close(self) -> None:
        """Let go of connections."""


class QueueMessage(NamedTuple):
    """A message of the `posts` queue.

    Attributes:
        message_id: For reporting it as failed.
        group: Message group.
        sequence_number: Place in the queue's order, decimal digits.
        body: The posting.
        receipt_handle: For having it given out again soon; empty for as the queue does by itself.
        deliveries: How often it was given out, this time included.
    """

    message_id: str
    group: str
    sequence_number: str
    body: str
    receipt_handle: str = ""
    deliveries: int = 1


class Outcome:
    """What became of a batch.

    Attributes:
        failed_message_ids: Messages that the queue must give out again.
        report: What became of the posts.
        frames: How many frames were made.
        events: How many events came in.
        given_up: Connections that took nothing for too long.
        set_aside: Messages that were no postings.
        faults: Names of faults on the way, for the log.
    """

    def __init__(self) -> None:
        self.failed_message_ids: list[str] = []
        self.report = Report()
        self.frames = 0
        self.events = 0
        self.given_up = 0
        self.set_aside = 0
        self.faults: list[str] = []


class Delivery:
    """Delivers batches of postings.

    Args:
        finder: Knows who is connected.
        poster: Posts to connections.
        outbox: Takes what is left and who is gone.
        now_text: The time, RFC 3339.
    """

    def __init__(
        self,
        finder: ConnectionFinder,
        poster: PostsFrames,
        outbox: Outbox,
        now_text: Callable[[], str],
    ) -> None:
        self._finder = finder
        self._poster = poster
        self._outbox = outbox
        self._now_text = now_text

    async def deliver(self, messages: Sequence[QueueMessage], seconds: float) -> Outcome:
        """Deliver a batch.

        Args:
            messages: In the order of the queue.
            seconds: Time for posting; handing on what is left comes after it.
        """
        outcome = Outcome()
        groups = await self._groups(messages, outcome)
        found = await self._find(groups)
        plans: dict[Job, Plan] = {}
        for group, postings in groups.items():
            if any(found[posting.recipient] is None for _, posting in postings):
                self._fail(group, groups, outcome, "recipients-unknown")
                continue
            outcome.events += sum(len(posting.events) for _, posting in postings)
            plans.update(jobs_of(group, [posting for _, posting in postings], found))
        outcome.frames = sum(len(plan.frames) for plan in set(plans.values()))
        report = outcome.report = await self._poster.post(plans, seconds)
        await asyncio.gather(
            self._hand_on(report, plans, groups, outcome),
            self._report_gone(report, plans, outcome),
        )
        await self._retry_soon(messages, outcome)
        return outcome

    async def close(self) -> None:
        """Let go of all connections."""
        await self._poster.close()
        await self._finder.close()
        await self._outbox.close()

    async def _groups(
        self, messages: Sequence[QueueMessage], outcome: Outcome
    ) -> dict[str, list[tuple[str, Posting]]]:
        """Parse the messages and sort each group by first try."""
        parsed: defaultdict[str, list[tuple[int, str, Posting]]] = defaultdict(list)
        for message in messages:
            try:
                posting = Posting.from_body(message.body)
            except BadPostingError as error:
                await self._set_aside(message, str(error), outcome)
                continue
            place = int(posting.since or message.sequence_number or 0)
            if not posting.since:
                posting = posting.first_tried_at(message.sequence_number)
            parsed[message.group].append((place, message.message_id, posting))
        return {
            group: [
                (message_id, posting)
                for _, message_id, posting in sorted(entries, key=lambda entry: entry[0])
            ]
            for group, entries in parsed.items()
        }

    async def _set_aside(self, message: QueueMessage, reason: str, outcome: Outcome) -> None:
        outcome.set_aside += 1
        try:
            await self._outbox.set_aside(message.body, reason)
        except AwsCallError as error:
            outcome.faults.append(str(error))
            outcome.failed_message_ids.append(message.message_id)

    async def _find(
        self, groups: dict[str, list[tuple[str, Posting]]]
    ) -> dict[Recipient, tuple[str, ...] | None]:
        """Return each recipient's connections, or None where they cannot be known now."""
        recipients = list(
            {posting.recipient: None for postings in groups.values() for _, posting in postings}
        )
        results = await asyncio.gather(*(self._find_one(recipient) for recipient in recipients))
        return dict(zip(recipients, results, strict=True))

    async def _find_one(self, recipient: Recipient) -> tuple[str, ...] | None:
        try:
            return await self._finder.find(recipient)
        except AwsCallError:
            return None

    async def _hand_on(
        self,
        report: Report,
        plans: dict[Job, Plan],
        groups: dict[str, list[tuple[str, Posting]]],
        outcome: Outcome,
    ) -> None:
        """Give what is left back to the queue, for the connections that have not got it."""
        left: defaultdict[tuple[Plan, int], list[str]] = defaultdict(list)
        for job in report.left:
            left[plans[job], job.position].append(job.connection_id)
        rest: defaultdict[str, list[Posting]] = defaultdict(list)
        for (plan, position), ids in left.items():
            if max(posting.attempt for posting in plan.postings) + 1 >= MAX_ATTEMPTS:
                outcome.given_up += len(ids)
                continue
            rest[plan.group].extend(rest_of(plan, position, ids))
        for group, postings in rest.items():
            try:
                await self._outbox.requeue(postings)
            except AwsCallError as error:
                self._fail(group, groups, outcome, str(error))

    async def _report_gone(self, report: Report, plans: dict[Job, Plan], outcome: Outcome) -> None:
        if not report.gone:
            return
        streams = {job.connection_id: stream_of(plan) for job, plan in plans.items()}
        departures = [(gone, streams[gone]) for gone in dict.fromkeys(report.gone)]
        try:
            await self._outbox.report_departures(departures, self._now_text())
        except AwsCallError as error:
            # The sweep of missed heartbeats finds them too.
            outcome.faults.append(str(error))

    async def _retry_soon(self, messages: Sequence[QueueMessage], outcome: Outcome) -> None:
        """Have what failed given out again before the time of a reader that died is over."""
        failed = set(outcome.failed_message_ids)
        handles = {
            message.receipt_handle: message.deliveries
            for message in messages
            if message.message_id in failed and message.receipt_handle
        }
        if not handles:
            return
        try:
            await self._outbox.retry_soon(handles)
        except AwsCallError as error:
            # At worst the queue does it.
            outcome.faults.append(str(error))

    def _fail(
        self,
        group: str,
        groups: dict[str, list[tuple[str, Posting]]],
        outcome: Outcome,
        fault: str,
    ) -> None:
        """Let the queue give a whole group out again: order allows no less."""
        outcome.faults.append(fault)
        outcome.failed_message_ids.extend(message_id for message_id, _ in groups[group])
