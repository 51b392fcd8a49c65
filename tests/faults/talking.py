"""A chat in which everybody talks while something happens to the house."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence

from tests.support.following import FollowingClient

TURNS = 5
# Above the rate limit of one sender.
PAUSE_SECONDS = 1.6
_WORDS = (  # noqa: SIM905  a line for each would hide that they are any words
    "river lantern copper meadow pixel harbor velvet thunder acorn marble comet saddle "
    "violin orchard puzzle glacier mango compass ribbon falcon teapot canyon walnut breeze"
).split()


def words() -> str:
    """Return something to say that no rule takes for a repeat of what was said before."""
    return " ".join(random.sample(_WORDS, 5))


def disordered(viewers: Sequence[FollowingClient], sent: Sequence[Sequence[str]]) -> list[str]:
    """Say who was shown a sender's messages in another order than they were sent in.

    Args:
        viewers: Who looks.
        sent: Message ids of each sender, in their order.
    """
    found = []
    for viewer in viewers:
        for part in sent:
            wanted = [message for message in part if message in viewer.seen.shown]
            came = [message for message in viewer.seen.shown if message in set(part)]
            if came != wanted:
                found.append(f"{viewer.viewer_id} got {came}, sent were {wanted}")
    return found


async def everything_arrives(
    viewers: list[FollowingClient], disturb: Callable[[], Awaitable[None]], seconds: float
) -> float:
    """Talk while somebody disturbs; all of it is shown to all, once and in order.

    Args:
        viewers: Who talks and looks.
        disturb: Disturbs.
        seconds: How long the last message may take.

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
    assert [viewer.seen.twice for viewer in viewers] == [[]] * len(viewers)
    assert disordered(viewers, parts) == []
    return time.monotonic() - begun


async def _talk(client: FollowingClient) -> list[str]:
    sent = []
    for _ in range(TURNS):
        sent.append(await client.send(words()))
        await asyncio.sleep(PAUSE_SECONDS)
    return sent
