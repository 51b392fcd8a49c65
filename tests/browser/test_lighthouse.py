"""Lighthouse with Debian's Chromium: performance and accessibility of at least 95 on every page."""

from __future__ import annotations

import asyncio
import os
import subprocess

import pytest

from local.layout import REPOSITORY
from tests.browser.conftest import chromium_path
from tests.support.broadcast import publishing, start_stream, wait_until_live
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

SECONDS_FOR_ALL = 600
LIGHTHOUSE = "lighthouse@12.8.2"


def install_lighthouse() -> None:
    """Install Lighthouse apart from the pages' packages, whose lock it would break."""
    home = REPOSITORY / "build" / "lighthouse"
    if not (home / "node_modules" / "lighthouse").exists():
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-save", "--prefix", str(home), LIGHTHOUSE]
        subprocess.run(command, check=True, timeout=SECONDS_FOR_ALL)


async def test_pages_reach_95_for_performance_and_accessibility(stack: Stack) -> None:
    await asyncio.to_thread(install_lighthouse)
    creator = stack.api("web-mia")
    started = await asyncio.to_thread(start_stream, creator, title="Seen by Lighthouse")
    paths = ("/", f"/watch?stream={started['streamId']}", "/studio", "/dashboard", "/404")
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
        done = await asyncio.to_thread(
            subprocess.run,
            ["node", "scripts/lighthouse.mjs", *(stack.outputs["webUrl"] + path for path in paths)],
            cwd=REPOSITORY / "web",
            env={**os.environ, "CHROMIUM": str(chromium_path())},
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_ALL,
            check=False,
        )
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")
    assert done.returncode == 0, done.stdout + done.stderr
