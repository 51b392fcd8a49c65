"""A stream that a real encoder feeds, from start to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from local.client import LiveApi
from local.video.test_pattern import TestPattern


def wait_until(check: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for something to become true.

    Args:
        check: Asked five times a second.
        seconds: How long to wait.
        what: For the failure's message.
    """
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.2)


def start_stream(api: LiveApi, **changes: object) -> dict[str, Any]:
    """Start a stream; whatever stream the caller still has open is stopped first."""
    body = {
        "title": "A test broadcast",
        "description": "",
        "visibility": "PUBLIC",
        "quality": "720p",
        **changes,
    }
    answer = api.call("POST", "/start", body)
    deadline = time.monotonic() + 60
    while answer.status_code == 409 and time.monotonic() < deadline:
        for stream in api.get("/mine")["streams"]:
            api.call("POST", f"/{stream['streamId']}/stop")
        time.sleep(float(answer.headers.get("retry-after", "1")))
        answer = api.call("POST", "/start", body)
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = answer.json()
    return started


def publishing(started: dict[str, Any]) -> TestPattern:
    """Return a publisher of a moving test pattern; `async with` starts and stops it."""
    return TestPattern(started["rtmpUrl"], started["streamKey"])


def wait_until_live(api: LiveApi, stream_id: str, *, seconds: float = 30) -> None:
    """Wait until the status says live."""
    wait_until(
        lambda: api.get(f"/status/{stream_id}")["status"] == "live",
        seconds=seconds,
        what=f"status live of {stream_id}",
    )
