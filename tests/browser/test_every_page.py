"""Every page in light, dark and on a phone: kept as pictures, and walked through by axe."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from local.layout import REPOSITORY
from tests.browser.conftest import RESULTS, House
from tests.support.broadcast import publishing, start_stream, wait_until_live
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

AXE = REPOSITORY / "web" / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
    "wide-german": {"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"},
}
SETTLE_SECONDS = 2.5


async def _violations(page: Page) -> list[str]:
    # Evaluated, not added as a tag: the pages' policy lets no other script in.
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    found = await page.evaluate(
        "(tags) => axe.run(document, { runOnly: { type: 'tag', values: tags } })", WCAG
    )
    return [
        f"{entry['id']}: {entry['help']}: {[node['target'] for node in entry['nodes'][:3]]}"
        for entry in found["violations"]
    ]


async def _look_at(page: Page, name: str, folder: Path) -> list[str]:
    await asyncio.sleep(SETTLE_SECONDS)
    await page.screenshot(path=folder / f"{name}.png", full_page=True)
    faults = [f"{name}: {violation}" for violation in await _violations(page)]
    overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    if overflow > 0:
        faults.append(f"{name}: {overflow} pixels wider than the window")
    return faults


@pytest.mark.parametrize("look", LOOKS)
async def test_pages_please_axe_and_fit_the_window(stack: Stack, house: House, look: str) -> None:
    # Somebody new for each look: a line that was said before may be held as a repeat.
    owner_name = f"web-lea-{look}"
    creator = stack.api(owner_name)
    started = await asyncio.to_thread(
        start_stream, creator, title="Painting the harbour at dusk", description="Oil on canvas."
    )
    stream_id = started["streamId"]
    language = "lang=de" if look == "wide-german" else "lang=en"
    folder = RESULTS / "pages" / look
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        # The player's controls stay where motion is unwanted: half faded out they have no contrast.
        options = {**LOOKS[look], "reduced_motion": "reduce"}
        guest = await house.visitor(f"/?{language}", **options)
        faults = await _look_at(guest.page, "browse", folder)
        for name, path in (
            ("watch-anonymous", f"/watch?stream={stream_id}&{language}"),
            ("watch-missing", f"/watch?{language}"),
            ("studio-anonymous", f"/studio?{language}"),
            ("dashboard-anonymous", f"/dashboard?{language}"),
            ("missing", f"/nothing-here?{language}"),
        ):
            await guest.open(path)
            faults += await _look_at(guest.page, name, folder)
        await guest.page.locator("header .who button").click()
        faults += await _look_at(guest.page, "sign-in", folder)

        owner = await house.visitor(f"/studio?{language}", name=owner_name, **options)
        await owner.say("Good evening!")
        faults += await _look_at(owner.page, "studio-live", folder)
        await owner.page.locator("live-chat .menu-button").first.click()
        await owner.page.locator("studio-key [data-rotate]").click()
        faults += await _look_at(owner.page, "studio-menu-and-question", folder)
        for name, path in (
            ("watch-owner", f"/watch?stream={stream_id}&{language}"),
            ("dashboard-stream", f"/dashboard?stream={stream_id}&{language}"),
            ("dashboard", f"/dashboard?{language}"),
        ):
            await owner.open(path)
            faults += await _look_at(owner.page, name, folder)
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
    await owner.open(f"/studio?{language}")
    faults += await _look_at(owner.page, "studio-new", folder)
    assert not faults, "\n".join(faults)
