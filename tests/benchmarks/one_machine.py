"""The whole platform on one machine: start, memory, first picture, a message's way.

The bounds are absolute because a person waits for them; each figure's ratio is to its bound. The
emulator, not the product, is most of what is measured.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

import httpx

from local.client import LiveApi, join_chat
from tests.benchmarks.harness import Figure, figure
from tests.support.broadcast import publishing, start_stream
from tests.support.hls import media_playlist, segment_urls
from tests.support.stack import Stack, running_stack

UP_SECONDS = 60
MEMORY_MEGABYTES = 1500
FIRST_SEGMENT_SECONDS = 4
MESSAGE_MILLISECONDS = 300
MESSAGES = 60
NOT_FOUND = 404
WORDS = (
    *("amber", "autumn", "bridge", "candle", "copper", "dance", "evening", "falcon", "garden"),
    *("harbour", "island", "journey", "kettle", "lantern", "meadow", "morning", "needle"),
    *("orchard", "paper", "quiet", "river", "saddle", "timber", "umbrella", "valley", "window"),
)


def measure() -> list[Figure]:
    """Start a platform of its own and take its figures."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        with running_stack(Path(folder)) as stack:
            up_seconds = time.monotonic() - begun
            first, latencies = asyncio.run(_broadcast(stack))
            memory = _resident_megabytes(stack)
    latencies.sort()
    p50 = statistics.median(latencies)
    p95 = latencies[int(len(latencies) * 0.95)]
    return [
        _bounded("make up with dependencies installed", up_seconds, "s", UP_SECONDS),
        _bounded("first playable segment", first, "s", FIRST_SEGMENT_SECONDS),
        _bounded("chat message at the other viewer, p50", p50, "ms", MESSAGE_MILLISECONDS),
        figure("chat message at the other viewer, p95", p95, "ms"),
        _bounded("resident memory of the runtime", memory, "MB", MEMORY_MEGABYTES),
    ]


def _bounded(name: str, value: float, unit: str, bound: float) -> Figure:
    note = f"at most {bound} {unit}"
    return figure(name, value, unit, f"bound of {bound} {unit}", value / bound, note)


async def _broadcast(stack: Stack) -> tuple[float, list[float]]:
    creator = stack.api("bench-creator")
    started = await asyncio.to_thread(start_stream, creator)
    stream_id = started["streamId"]
    async with publishing(started):
        begun = time.monotonic()
        await asyncio.to_thread(_wait_for_segment, started["playbackUrl"])
        first = time.monotonic() - begun
        latencies = await _chat(stack.api("bench-one"), stack.api("bench-two"), stream_id)
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
    return first, latencies


def _wait_for_segment(playback_url: str) -> None:
    while True:
        try:
            if segment_urls(*media_playlist(playback_url)):
                return
        except httpx.HTTPStatusError as error:
            if error.response.status_code != NOT_FOUND:
                raise
        time.sleep(0.05)


async def _chat(one: LiveApi, two: LiveApi, stream_id: str) -> list[float]:
    latencies = []
    chance = random.Random(7)
    async with join_chat(one, stream_id) as first, join_chat(two, stream_id) as second:
        for number in range(MESSAGES):
            # Taking turns keeps each below the rate that one person may send at.
            sender, receiver = (first, second) if number % 2 else (second, first)
            # Messages that hardly differ would be held as near-duplicates.
            text = " ".join([*chance.sample(WORDS, 5), str(number)])
            begun = time.monotonic()
            await sender.send(text)
            await receiver.wait_for_message(text)
            latencies.append((time.monotonic() - begun) * 1000)
            await asyncio.sleep(0.8)
    return latencies


def _resident_megabytes(stack: Stack) -> float:
    # Each program leads a session, which all that it spawns belongs to.
    leaders = {service.pid for service in stack.runtime.status() if service.pid is not None}
    return (
        sum(
            _proportional_kilobytes(folder)
            for folder in Path("/proc").iterdir()
            if folder.name.isdecimal() and _session(folder) in leaders
        )
        / 1024
    )


def _session(folder: Path) -> int | None:
    try:
        # The name in parentheses may hold spaces; what follows it does not (proc_pid_stat(5)).
        return int((folder / "stat").read_text().rsplit(")", 1)[1].split()[3])
    except (FileNotFoundError, ProcessLookupError):
        return None


def _proportional_kilobytes(folder: Path) -> int:
    try:
        lines = (folder / "smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
