"""The platform as the quickstart runs it: up, a broadcast, down, up again, and wiped."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local.layout import Layout
from local.runtime import Runtime
from tests.support.stack import ready_layout, run_local


@pytest.fixture
def layout(tmp_path: Path) -> Iterator[Layout]:
    layout = ready_layout(tmp_path)
    yield layout
    Runtime(layout).down()


def typed(layout: Layout, *arguments: str) -> str:
    """Run a command that must succeed; returns all that it said."""
    done = run_local(layout, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.slow
def test_platform_comes_up_broadcasts_and_keeps_its_state_until_it_is_wiped(
    layout: Layout,
) -> None:
    said = typed(layout, "up")
    assert layout.web_url in said
    outputs = json.loads(typed(layout, "outputs"))
    assert typed(layout, "outputs", "apiUrl") == outputs["apiUrl"] + "\n"
    assert "not running" not in typed(layout, "status")

    shown = typed(layout, "demo", "--seconds", "4")
    (watch,) = re.findall(r"/watch\?stream=(\w+)$", shown, re.MULTILINE)
    assert re.search(r"^HLS +http://\S+\.m3u8$", shown, re.MULTILINE), "it fits on no line"
    assert "3 watching" in shown
    assert "Peak 3 viewers, 3 views" in shown
    assert "Every counter is what 3 viewers" in typed(layout, "audit", watch)
    written = typed(layout, "logs", "--function", "streams_api")
    assert "stream_started" in written
    assert "START RequestId" not in written
    assert "There is no function nosuch" in run_local(layout, "logs", "--function", "nosuch").stderr

    typed(layout, "down")
    assert run_local(layout, "status").returncode == 1
    assert "start it with `make up`" in run_local(layout, "token", "alice").stderr
    typed(layout, "up")
    status = f"{typed(layout, 'outputs', 'apiUrl').strip()}/status/{watch}"
    # Its recording may still be worked on.
    assert httpx.get(status, timeout=20).json()["status"] in {"processing", "offline"}

    typed(layout, "reset")
    kept = {path.name for path in layout.local_dir.iterdir()}
    assert kept == {"cache", "emulator-venv", "emulator-venv.lock", "runtime.lock"}
    assert all(service.pid is None for service in Runtime(layout).status())
