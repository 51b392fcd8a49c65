"""How the chat scales: `python -m infra.scaling`, the calculator behind docs/scaling.md.

It takes the capacity numbers from `stages.py` and the product's own constants, and list prices of
us-east-1. Prices change: what is worth trusting is how the figures move with audience and rate.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, exp

from ayinel_live.connections.shards import shard_count
from ayinel_live.fan_out.gathering import spacing_seconds
from ayinel_live.fan_out.merge import MAX_FRAME_BYTES
from infra.stages import ACCOUNT_REQUESTS_PER_SECOND, POSTS_PART, PROD

# Lambda polls a table's stream four times a second (Lambda Developer Guide, DynamoDB).
POLL_SECONDS = 0.25
# One chat message as it stands in a frame; the benchmark's message has 290 bytes.
EVENT_BYTES = 300
HEARTBEAT_SECONDS = 45
# People stay this long on average, which makes the viewer count change.
STAY_SECONDS = 1200
# A window beyond which a chat no longer feels live.
LONGEST_WINDOW_SECONDS = 3.0
TABLE_VIEWERS = (10, 100, 1_000, 5_000, 10_000, 50_000, 100_000)
TABLE_RATES = (1.0, 10.0, 50.0)

# Dollars, list prices of us-east-1.
_PER_GATEWAY_MESSAGE = 1.00e-6  # each 32 KB, in or out
_PER_CONNECTION_MINUTE = 0.25e-6
_PER_QUEUE_REQUEST = 0.50e-6  # FIFO
_PER_LAMBDA_REQUEST = 0.20e-6
_PER_LAMBDA_GB_SECOND = 13.3334e-6  # arm64
_PER_WRITE_UNIT = 0.625e-6  # on demand
_PER_READ_UNIT = 0.125e-6
_PER_GB_OUT = 0.09
# A fleet of our own: a task of 2 vCPU and 4 GB (arm64) and a network load balancer.
_TASK_HOUR = 2 * 0.03238 + 4 * 0.00356
_BALANCER_HOUR = 0.0225 + 0.006
_TASK_CONNECTIONS = 20_000
_LEAST_TASKS = 2

# What one thing costs in units. A message: its item and its marker in a transaction (4), two
# indexes (2), the sender's chatter item (1), its part of the counters (1).
_MESSAGE_WRITE_UNITS = 8
_HEARTBEAT_WRITE_UNITS = 3  # the item, and out of one place of an index into another
_SOCKET_GB_SECONDS = 0.010
_WORKER_GB = 1.0
_KEY_BYTES = 100


@dataclass(frozen=True, slots=True)
class Scenario:
    """One audience and its chat, under one quota.

    Attributes:
        viewers: Connections.
        messages_per_second: Shown messages, all viewers together.
        quota: API Gateway requests a second of the account and region.
    """

    viewers: int
    messages_per_second: float
    quota: float = ACCOUNT_REQUESTS_PER_SECOND

    @property
    def posts_limit(self) -> float:
        """Posts a second that the stage may make: the rest is for what viewers send."""
        return self.quota * POSTS_PART * PROD.gateway.account_share

    @property
    def events_per_second(self) -> float:
        """Messages, and viewer counts at most once a second."""
        counts = min(1.0, 2 * self.viewers / STAY_SECONDS)
        return self.messages_per_second + counts

    @property
    def window_seconds(self) -> float:
        """How long events gather before a frame leaves: W' = max(W, f A / Q')."""
        cycle = self.viewers / self.posts_limit
        window = max(POLL_SECONDS, spacing_seconds(self.viewers, self.posts_limit), cycle)
        # A window whose events need several frames takes as many cycles to send.
        bytes_per_second = self.events_per_second * EVENT_BYTES
        frames = ceil(bytes_per_second * window / MAX_FRAME_BYTES)
        return max(window, frames * cycle)

    @property
    def frames_per_second(self) -> float:
        """Frames that each viewer gets: one for each window in which something happened."""
        events = self.events_per_second * self.window_seconds
        frames = max(1, ceil(events * EVENT_BYTES / MAX_FRAME_BYTES))
        return frames * (1 - exp(-events)) / self.window_seconds

    @property
    def messages_per_frame(self) -> float:
        """The k by which posts shrink."""
        return max(1.0, self.messages_per_second / self.frames_per_second)

    @property
    def posts_per_second(self) -> float:
        """Posts to connections, all viewers together."""
        return self.viewers * self.frames_per_second

    @property
    def is_sustainable(self) -> bool:
        """Whether the quota carries it at all: no frame size lets it carry more bytes."""
        needed = self.viewers * self.events_per_second * EVENT_BYTES / MAX_FRAME_BYTES
        return needed <= self.posts_limit

    @property
    def post_workers(self) -> int:
        """Post workers that are busy at a time."""
        return max(1, ceil(self.posts_per_second / PROD.gateway.posts_per_second))

    @property
    def quota_for_comfort(self) -> float:
        """The quota at which the window is one that still feels live."""
        posts = self.viewers * max(
            1 / LONGEST_WINDOW_SECONDS, self.events_per_second * EVENT_BYTES / MAX_FRAME_BYTES
        )
        return posts / (POSTS_PART * PROD.gateway.account_share)

    @property
    def accounts(self) -> int:
        """Accounts or regions that share the audience where the quota stays as it is."""
        return max(1, ceil(self.quota_for_comfort / self.quota))

    def dollars_per_hour(self) -> dict[str, float]:
        """Return what an hour costs, by what it is spent on."""
        hour = 3600
        beats = self.viewers / HEARTBEAT_SECONDS
        messages = self.messages_per_second
        queue = shard_count(self.viewers) * self.frames_per_second * 2.1
        worker_seconds = self.posts_per_second / PROD.gateway.posts_per_second
        frames_in_and_answers = 2 * (beats + messages)
        sockets = beats + messages
        writes = beats * _HEARTBEAT_WRITE_UNITS + messages * _MESSAGE_WRITE_UNITS
        reads = self.posts_per_second * _KEY_BYTES / 4096 / 2
        return {
            "posts": self.posts_per_second * _PER_GATEWAY_MESSAGE * hour,
            "frames from viewers": frames_in_and_answers * _PER_GATEWAY_MESSAGE * hour,
            "connection minutes": self.viewers * 60 * _PER_CONNECTION_MINUTE,
            "functions": hour
            * (
                sockets * (_PER_LAMBDA_REQUEST + _SOCKET_GB_SECONDS * _PER_LAMBDA_GB_SECOND)
                + worker_seconds * _WORKER_GB * _PER_LAMBDA_GB_SECOND
                + queue * _PER_LAMBDA_REQUEST
            ),
            "queues": queue * _PER_QUEUE_REQUEST * hour,
            "tables": (writes * _PER_WRITE_UNIT + reads * _PER_READ_UNIT) * hour,
            "data out": self.viewers
            * self.events_per_second
            * EVENT_BYTES
            * hour
            / 1e9
            * _PER_GB_OUT,
        }

    @property
    def dollars_per_viewer_hour(self) -> float:
        """What one viewer costs in an hour of chat."""
        return sum(self.dollars_per_hour().values()) / self.viewers

    @property
    def dollars_per_million_deliveries(self) -> float:
        """What a million messages cost, each counted at each viewer."""
        deliveries = self.viewers * self.messages_per_second * 3600
        return sum(self.dollars_per_hour().values()) / deliveries * 1e6

    @property
    def fleet_dollars_per_hour(self) -> float:
        """What servers of our own would cost for the same: they are there all day and night."""
        tasks = max(_LEAST_TASKS, ceil(self.viewers / _TASK_CONNECTIONS) + 1)
        return tasks * _TASK_HOUR + _BALANCER_HOUR

    @property
    def busy_hours_for_fleet(self) -> float:
        """Hours of such a chat a day from which a fleet would cost less; above 24 it never does."""
        costs = self.dollars_per_hour()
        saved = costs["posts"] + costs["frames from viewers"] + costs["connection minutes"]
        return 24 * self.fleet_dollars_per_hour / saved


HEADINGS = (
    "viewers",
    "messages/s",
    "window s",
    "messages a frame",
    "posts/s",
    "post workers",
    "$ a million deliveries",
    "$ a viewer-hour",
    "quota for 3 s",
    "accounts",
    "fleet pays above h/day",
)


def row(scenario: Scenario) -> tuple[str, ...]:
    """Return a scenario's line of the table."""
    hours = scenario.busy_hours_for_fleet
    return (
        f"{scenario.viewers:,}",
        f"{scenario.messages_per_second:g}",
        f"{scenario.window_seconds:.2f}" if scenario.is_sustainable else "too much",
        f"{scenario.messages_per_frame:.1f}",
        f"{scenario.posts_per_second:,.0f}",
        f"{scenario.post_workers:,}",
        f"{scenario.dollars_per_million_deliveries:.3f}",
        f"{scenario.dollars_per_viewer_hour:.5f}",
        f"{scenario.quota_for_comfort:,.0f}",
        f"{scenario.accounts}",
        f"{hours:.1f}" if hours <= 24 else "never",
    )


def markdown(scenarios: Iterable[Scenario]) -> str:
    """Return scenarios as a Markdown table."""
    lines = [HEADINGS, ("---:",) * len(HEADINGS), *map(row, scenarios)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def table_scenarios() -> list[Scenario]:
    """Return the scenarios of docs/scaling.md."""
    return [Scenario(viewers, rate) for viewers in TABLE_VIEWERS for rate in TABLE_RATES]


def main(arguments: Sequence[str]) -> int:
    """Print one scenario with its costs, or the table of docs/scaling.md.

    Args:
        arguments: Of the command line.
    """
    parser = argparse.ArgumentParser(prog="python -m infra.scaling", description=__doc__)
    parser.add_argument("--viewers", type=int, help="connections at once")
    parser.add_argument("--messages-per-second", type=float, default=10.0)
    parser.add_argument("--quota", type=float, default=ACCOUNT_REQUESTS_PER_SECOND)
    options = parser.parse_args(arguments)
    if options.viewers is None:
        sys.stdout.write(markdown(table_scenarios()) + "\n")
        return 0
    if min(options.viewers, options.messages_per_second, options.quota) <= 0:
        parser.error("all numbers must be above zero")
    scenario = Scenario(options.viewers, options.messages_per_second, options.quota)
    for heading, cell in zip(HEADINGS, row(scenario), strict=True):
        sys.stdout.write(f"{heading:>24}  {cell}\n")
    for name, dollars in scenario.dollars_per_hour().items():
        sys.stdout.write(f"{'$/h ' + name:>24}  {dollars:.4f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
