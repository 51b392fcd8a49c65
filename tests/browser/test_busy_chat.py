"""Ten minutes of chat at 50 messages a second: no long frame, steady memory, 500 messages shown."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import CDPSession

from tests.browser.conftest import RESULTS, chromium
from tests.browser.frame_trace import ask_for_frames, frame_delays, traced
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform

MESSAGES_PER_SECOND = 50
SECONDS = float(os.environ.get("BUSY_CHAT_SECONDS", "600"))
STRETCH_SECONDS = 50.0
# By then the client remembers as many versions as it ever does: 4,000 at 50 a second.
STRETCHES_UNTIL_STEADY = 2
LONGEST_FRAME_MILLISECONDS = 100
SHOWN_MESSAGES = 500
# After a collection of garbage; what is left over of it is noise, a leak is not.
GROWTH_MAX = 1.1


@pytest.mark.slow
async def test_busy_chat_drops_no_frame_and_keeps_its_memory(pages: Path) -> None:
    platform = RecordedPlatform(
        pages, messages_per_second=MESSAGES_PER_SECOND, stream={"status": "offline"}
    )
    async with platform.serving(), chromium() as browser:
        control = await (await browser.new_context()).new_page()
        page = await (await browser.new_context()).new_page()
        await page.goto(f"{platform.url}/watch?stream={STREAM_ID}")
        await page.locator("live-chat .message").first.wait_for()
        await ask_for_frames(page, control)
        session = await browser.new_browser_cdp_session()
        of_page = await page.context.new_cdp_session(page)
        stretches = []
        before = await _memory(of_page)
        for number in range(max(1, int(SECONDS / STRETCH_SECONDS))):
            stretches.append(await traced(session, min(SECONDS, STRETCH_SECONDS)))
            if number + 1 == STRETCHES_UNTIL_STEADY:
                before = await _memory(of_page)
        after = await _memory(of_page)
        shown = await page.locator("live-chat .message").count()
        last = await page.locator("live-chat .message").last.inner_text()

    own = max(one.longest_own for one in stretches)
    task = max(one.longest_task for one in stretches)
    growth = {name: round(after[name] / before[name], 3) for name in before}
    figures = {
        "messages": platform.chat.sent,
        "frames": sum(one.frames for one in stretches),
        "longest frame, its own (ms)": round(own, 1),
        "longest frame, by the clock (ms)": round(max(one.longest for one in stretches), 1),
        "control page's longest frame (ms)": round(max(one.control_longest for one in stretches)),
        "longest task (ms)": round(task, 1),
        "heap (MB)": round(after["heap"] / 1e6, 1),
        "nodes": after["nodes"],
        "growth": growth,
        "stretches": [asdict(one) for one in stretches],
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "busy-chat.json").write_text(json.dumps(figures, indent=2))
    assert shown == SHOWN_MESSAGES
    assert int(last.split()[-1]) > platform.chat.sent - MESSAGES_PER_SECOND * 2, "it is behind"
    assert own <= LONGEST_FRAME_MILLISECONDS, figures
    assert task <= LONGEST_FRAME_MILLISECONDS, figures
    assert max(growth.values()) <= GROWTH_MAX, figures


async def _memory(session: CDPSession) -> dict[str, float]:
    """Return heap in bytes, nodes and listeners that are alive after a collection of garbage."""
    for _ in range(2):
        await session.send("HeapProfiler.collectGarbage")
    usage = await session.send("Runtime.getHeapUsage")
    counters = await session.send("Memory.getDOMCounters")
    return {
        "heap": float(usage["usedSize"]),
        "nodes": float(counters["nodes"]),
        "listeners": float(counters["jsEventListeners"]),
    }


def _task(start: float, wall: float, own: float) -> dict[str, Any]:
    times = {"ts": start * 1000, "dur": wall * 1000, "tdur": own * 1000}
    return {"name": "ThreadControllerImpl::RunTask", "ph": "X", "pid": 1, "tid": 1, **times}


def _frames(name: str, pid: int, *times: float) -> list[dict[str, Any]]:
    return [{"name": name, "ph": "I", "pid": pid, "tid": 1, "ts": time * 1000} for time in times]


def test_late_frame_is_the_pages_own_unless_the_machine_stood_still() -> None:
    steady = _frames("frame-of-control", 2, *range(0, 1000, 16))
    page = _frames("frame-of-page", 1, 0, 16, 316, 332)
    busy = frame_delays([*page, *steady, _task(17, 290, 290)])
    assert busy.longest_own == pytest.approx(300)
    waiting = frame_delays([*page, *steady, _task(17, 290, 20)])
    assert waiting.longest_own == pytest.approx(30)
    idle = frame_delays([*page, *steady, _task(17, 1, 1)])
    assert idle.longest_own == pytest.approx(300), "a frame that painting held up is ours too"
    stalled = _frames("frame-of-control", 2, 0, 16, 320, 336)
    assert frame_delays([*page, *stalled, _task(17, 1, 1)]).longest_own == pytest.approx(0)
