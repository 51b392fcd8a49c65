"""Plans: which connections of a group get which frames, and what is left of that at the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from ayinel_live.fan_out.jobs import Job
from ayinel_live.fan_out.merge import frames_of
from ayinel_live.fan_out.postings import Posting, Recipient, ToConnections

# Together well below a queue message's 256 KB.
_IDS_IN_A_POSTING = 1000
_FRAMES_IN_A_POSTING = 6


class Plan:
    """Connections of one group that get the same."""

    def __init__(self, group: str, postings: tuple[Posting, ...]) -> None:
        self.group = group
        self.postings = postings
        self.frames = frames_of(event for posting in postings for event in posting.events)
        self.payloads = tuple(frame.payload for frame in self.frames)
        self.closes = any(posting.closes for posting in postings)


def jobs_of(
    group: str,
    postings: list[Posting],
    found: dict[Recipient, tuple[str, ...] | None],
) -> dict[Job, Plan]:
    """Return a job for each connection, beside what its connection gets.

    Args:
        group: Message group.
        postings: All that is held of it, in order.
        found: Each recipient's connections.
    """
    wanted: defaultdict[str, list[int]] = defaultdict(list)
    for index, posting in enumerate(postings):
        for connection_id in found[posting.recipient] or ():
            wanted[connection_id].append(index)
    plans: dict[tuple[int, ...], Plan] = {}
    jobs: dict[Job, Plan] = {}
    for connection_id, indexes in wanted.items():
        which = tuple(indexes)
        plan = plans.get(which)
        if plan is None:
            plan = plans[which] = Plan(group, tuple(postings[index] for index in which))
        jobs[Job(connection_id, plan.payloads, plan.closes)] = plan
    return jobs


def rest_of(plan: Plan, position: int, connection_ids: list[str]) -> Iterable[Posting]:
    """Return what is left of a plan, for connections that have got the same part of it.

    Args:
        plan: The plan.
        position: How many of its steps those connections have behind them.
        connection_ids: The connections.
    """
    runs = [
        plan.frames[start : start + _FRAMES_IN_A_POSTING]
        for start in range(position, len(plan.frames), _FRAMES_IN_A_POSTING)
    ] or [()]
    for start in range(0, len(connection_ids), _IDS_IN_A_POSTING):
        ids = tuple(connection_ids[start : start + _IDS_IN_A_POSTING])
        for run in runs:
            yield Posting(
                recipient=ToConnections(stream_of(plan), ids, plan.group),
                events=tuple(event for frame in run for event in frame.events),
                closes=plan.closes and run is runs[-1],
                attempt=max(posting.attempt for posting in plan.postings) + 1,
                since=plan.postings[0].since,
            )


def stream_of(plan: Plan) -> str:
    """Return the stream that a plan's connections are at, or nothing where they are at several."""
    return plan.postings[0].recipient.stream_id
