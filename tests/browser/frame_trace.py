"""Frames of a page, from Chromium's tracing protocol, and how many of their delays are its own.

A page is watched beside a control page in a process of its own that does nothing but ask for
frames. The machine of a test is shared, so a frame that comes late is not the page's doing for as
long as the control page had none either, or the page's main thread had work but no processor: the
trace has each task's time by the clock and by the thread's own clock.
"""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import CDPSession, Page

# Asks for every frame, so that each one that is late can be seen.
_ASK_FOR_FRAMES = """(name) => {
  const next = () => {
    performance.mark(name);
    performance.clearMarks(name);
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}"""
_CATEGORIES = ("toplevel", "blink.user_timing")
_WATCHED, _CONTROL = "frame-of-page", "frame-of-control"
# Twice a frame at 30 a second: less is no stall.
_STALL_MILLISECONDS = 67.0
_MICROSECONDS = 1000.0

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class FrameDelays:
    """What one stretch of a trace says; times are milliseconds.

    Attributes:
        frames: How many frames the page drew.
        longest: The longest time between two.
        longest_own: The longest of which the page itself was the reason.
        longest_task: The main thread's longest task, by its own clock.
        control_longest: The control page's longest time between two frames.
    """

    frames: int
    longest: float
    longest_own: float
    longest_task: float
    control_longest: float


async def ask_for_frames(page: Page, control: Page) -> None:
    """Have both pages ask for every frame from now on."""
    await page.evaluate(_ASK_FOR_FRAMES, _WATCHED)
    await control.evaluate(_ASK_FOR_FRAMES, _CONTROL)


async def traced(session: CDPSession, seconds: float) -> FrameDelays:
    """Trace for some seconds.

    Args:
        session: Of the browser: it sees the processes of both pages.
        seconds: How long; a minute is some tens of megabytes.
    """
    events: list[dict[str, Any]] = []
    complete = asyncio.Event()

    def collect(part: dict[str, Any]) -> None:
        events.extend(part["value"])

    def finish(_: dict[str, Any]) -> None:
        complete.set()

    session.on("Tracing.dataCollected", collect)
    session.on("Tracing.tracingComplete", finish)
    config = {"recordMode": "recordAsMuchAsPossible", "includedCategories": list(_CATEGORIES)}
    await session.send(
        "Tracing.start",
        {"transferMode": "ReportEvents", "traceConfig": {**config, "excludedCategories": ["*"]}},
    )
    await asyncio.sleep(seconds)
    await session.send("Tracing.end")
    await complete.wait()
    session.remove_listener("Tracing.dataCollected", collect)
    session.remove_listener("Tracing.tracingComplete", finish)
    return frame_delays(events)


def frame_delays(events: Sequence[dict[str, Any]]) -> FrameDelays:
    """Return the delays that a trace's events tell of."""
    marks = [event for event in events if event["name"] == _WATCHED]
    assert marks, "the page drew no frame"
    thread = (marks[0]["pid"], marks[0]["tid"])
    frames = sorted(event["ts"] / _MICROSECONDS for event in marks)
    control = sorted(event["ts"] / _MICROSECONDS for event in events if event["name"] == _CONTROL)
    assert len(control) > 1, "the control page drew no frame"
    tasks = sorted(
        (event["ts"] / _MICROSECONDS, event["dur"] / _MICROSECONDS, event["tdur"] / _MICROSECONDS)
        for event in events
        if event["ph"] == "X"
        and (event["pid"], event["tid"]) == thread
        and event["name"].endswith("RunTask")
        and "tdur" in event
    )
    assert tasks, "the trace has no task of the page's main thread"
    stalls = [(start, end) for start, end in pairwise(control) if end - start > _STALL_MILLISECONDS]
    starts = [task[0] for task in tasks]
    gaps = list(pairwise(frames))
    late = [gap for gap in gaps if gap[1] - gap[0] > _STALL_MILLISECONDS]
    return FrameDelays(
        frames=len(frames),
        longest=max(end - start for start, end in gaps),
        longest_own=max((_own(gap, tasks, starts, stalls) for gap in late), default=0.0),
        longest_task=max(task[2] for task in tasks),
        control_longest=max(end - start for start, end in pairwise(control)),
    )


def _own(
    gap: Span,
    tasks: Sequence[tuple[float, float, float]],
    starts: Sequence[float],
    stalls: Iterable[Span],
) -> float:
    """Return how much of a gap is the page's own: not stalled elsewhere, not without processor."""
    start, end = gap
    first = max(0, bisect.bisect_left(starts, start) - 1)
    last = bisect.bisect_left(starts, end)
    without_processor = 0.0
    for began, wall, own in tasks[first:last]:
        inside = min(end, began + wall) - max(start, began)
        without_processor += min(max(0.0, wall - own), max(0.0, inside))
    stalled = sum(max(0.0, min(end, stop) - max(start, began)) for began, stop in stalls)
    return (end - start) - max(without_processor, stalled)
