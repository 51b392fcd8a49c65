"""A chat in which everybody talks while something happens to the house."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from local.audit import audit_here
from local.runtime import Runtime
from tests.support.following import FollowingClient

TURNS = 5
# Above the rate limit of one sender.
PAUSE_SECONDS = 1.6
# Views are counted at once, and what was said within the minute.
SETTLING_SECONDS = 60.0
_WORDS = (  # noqa: SIM905  a line for each would hide that they are any words
    "river lantern copper meadow pixel harbor velvet thunder acorn marble comet saddle "
    "violin orchard puzzle glacier mango compass ribbon falcon teapot canyon walnut breeze"
).split()


def words() -> str:
    """Return something to say that no rule takes for a repeat of what was said before."""
    return " ".join(random.sample(_WORDS, 5))


def disordered(sent: Sequence[Sequence[str]]) -> list[str]:
    """Say whose messages clients, which sort by id, show in another order than they were sent in.

    Args:
        sent: Message ids of each sender, in their order.
    """
    return [f"sent were {part}" for part in sent if list(part) != sorted(part)]


def overtaken(viewers: Sequence[FollowingClient], sent: Sequence[Sequence[str]]) -> int:
    """Return how often the wire brought a viewer a sender's messages in another order.

    Args:
        viewers: Who looks.
        sent: Message ids of each sender, in their order.
    """
    pairs = [(viewer.seen.shown, set(part)) for viewer in viewers for part in sent]
    arrivals = [[message for message in shown if message in own] for shown, own in pairs]
    return sum(came != sorted(came) for came in arrivals)


async def everything_arrives(
    viewers: list[FollowingClient],
    disturb: Callable[[], Awaitable[None]],
    seconds: float,
    *,
    is_time_certain: bool = True,
) -> float:
    """Talk while somebody disturbs; all of it is shown to all, once and in order.

    Args:
        viewers: Who talks and looks.
        disturb: Disturbs.
        seconds: How long the last message may take.
        is_time_certain: Whether the house agrees about the time, and so about the order.

    Returns:
        How long after the last word everything had arrived.
    """
    parts, _ = await asyncio.gather(asyncio.gather(*map(_talk, viewers)), disturb())
    sent = {message for part in parts for message in part}
    assert len(sent) == len(viewers) * TURNS
    begun = time.monotonic()
    while any(sent - viewer.seen.shown.keys() for viewer in viewers):
        lacking = {n: len(sent - v.seen.shown.keys()) for n, v in enumerate(viewers)}
        assert time.monotonic() - begun < seconds, f"not shown, by viewer: {lacking}"
        await asyncio.sleep(0.5)
    twice = [message for viewer in viewers for message in viewer.seen.twice]
    assert not twice, f"shown twice: {twice}"
    wrong = disordered(parts) if is_time_certain else []
    assert not wrong, wrong
    return time.monotonic() - begun


async def counters_settle(runtime: Runtime, stream_id: str) -> None:
    """Wait until a stream's counters are what its views add up to.

    Args:
        runtime: A runtime that is up.
        stream_id: The stream.
    """
    deadline = time.monotonic() + SETTLING_SECONDS
    while found := (await asyncio.to_thread(audit_here, runtime, stream_id)).differences:
        assert time.monotonic() < deadline, f"counters are wrong: {found}"
        await asyncio.sleep(1)


async def _talk(client: FollowingClient) -> list[str]:
    sent = []
    for _ in range(TURNS):
        sent.append(await client.send(words()))
        await asyncio.sleep(PAUSE_SECONDS)
    return sent
