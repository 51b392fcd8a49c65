"""Lighthouse with Debian's Chromium: performance and accessibility of at least 95 on every page.

The platform behind the pages is the recorded one: an encoder and an emulator on the same two cores
would be measured with them.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from local.layout import REPOSITORY
from tests.browser.conftest import RESULTS, chromium_path
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform

pytestmark = pytest.mark.slow

SECONDS_FOR_ALL = 600
LIGHTHOUSE = "lighthouse@12.8.2"
MESSAGES_PER_SECOND = 2
PATHS = ("/", f"/watch?stream={STREAM_ID}", "/studio", "/dashboard", "/404")


def install_lighthouse() -> None:
    """Install Lighthouse apart from the pages' packages, whose lock it would break."""
    home = REPOSITORY / "build" / "lighthouse"
    if not (home / "node_modules" / "lighthouse").exists():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-save", "--prefix", str(home), LIGHTHOUSE]
        subprocess.run(command, check=True, timeout=SECONDS_FOR_ALL)


async def test_pages_reach_95_for_performance_and_accessibility(pages: Path) -> None:
    await asyncio.to_thread(install_lighthouse)
    platform = RecordedPlatform(pages, messages_per_second=MESSAGES_PER_SECOND)
    async with platform.serving():
        done = await asyncio.to_thread(
            subprocess.run,
            ["node", "scripts/lighthouse.mjs", *(platform.url + path for path in PATHS)],
            cwd=REPOSITORY / "web",
            env={**os.environ, "CHROMIUM": str(chromium_path())},
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_ALL,
            check=False,
        )
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "lighthouse.txt").write_text(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
