"""The creator's desk beyond the main path: a new key, sanctions, the held queue, figures."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, Page, expect
from ulid import ULID

from local.client import LiveApi
from tests.browser.conftest import House
from tests.browser.test_pages import picture_moves
from tests.support.broadcast import publishing, start_stream, wait_until_live
from tests.support.stack import Stack

pytestmark = pytest.mark.slow

SLOW_MODE_SECONDS = 20


def _with_terms(api: LiveApi, **changes: Any) -> None:
    """Change the channel's moderation settings."""
    settings = api.get("/channel/chat-settings")
    body = {**settings, "moderation": {**settings["moderation"], **changes}}
    api.call("PUT", "/channel/chat-settings", body).raise_for_status()


def _row(page: Page, kind: str) -> Locator:
    return page.locator(f"studio-people[kind={kind}]")


async def test_new_key_cuts_the_old_encoder_off_and_the_picture_comes_back(
    stack: Stack, house: House
) -> None:
    creator = stack.api("web-rosa")
    started = await asyncio.to_thread(start_stream, creator)
    path = f"/watch?stream={started['streamId']}"
    async with publishing(started) as old:
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
        viewer = await house.visitor(path)
        await picture_moves(viewer.page)
        studio = await house.visitor("/studio", name="web-rosa")
        await studio.page.locator("studio-key [data-rotate]").click()
        await studio.page.locator("studio-key live-confirm button.danger").click()
        await studio.page.locator("studio-key [data-copy-key]").click()
        key = await studio.page.evaluate("navigator.clipboard.readText()")
        assert key != started["streamKey"]
        assert await asyncio.wait_for(old.wait(), timeout=30) != 0, "the old encoder goes on"
    overlay = viewer.page.locator("live-player .overlay")
    await expect(overlay).to_contain_text("interrupted", timeout=30_000)
    async with publishing({**started, "streamKey": key}):
        await asyncio.to_thread(wait_until_live, creator, started["streamId"])
        await expect(overlay).to_have_count(0, timeout=60_000)
        await picture_moves(viewer.page)
        await viewer.page.reload()
        await picture_moves(viewer.page)
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")


async def test_slow_mode_blocked_terms_and_a_ban_reach_the_viewer(
    stack: Stack, house: House
) -> None:
    creator = stack.api("web-olga")
    started = await asyncio.to_thread(start_stream, creator)
    studio = await house.visitor("/studio", name="web-olga")
    settings = studio.page.locator("studio-settings")
    await settings.locator("input[name=slow]").fill(str(SLOW_MODE_SECONDS))
    await settings.locator("textarea[name=terms]").fill("turnip")
    await settings.locator("button.primary").click()
    await expect(settings.locator("[role=status]")).to_have_text("Saved")
    await studio.page.reload()
    await expect(settings.locator("input[name=slow]")).to_have_value(str(SLOW_MODE_SECONDS))
    await expect(settings.locator("textarea[name=terms]")).to_have_value("turnip")

    name = f"pia-{ULID()}".lower()
    viewer = await house.visitor(f"/watch?stream={started['streamId']}", name=name)
    await viewer.say("a turnip on a table")
    rejected = viewer.message("a turnip on a table", "rejected")
    await expect(rejected).to_contain_text("Not shown:")
    await viewer.say("the second one comes too early")
    wait = viewer.page.locator("live-chat [data-wait]")
    await expect(wait).to_contain_text("Slow mode")
    await expect(viewer.page.locator("live-chat form button.primary")).to_be_disabled()
    first = await wait.inner_text()
    await expect(wait).not_to_have_text(first)
    await expect(wait).to_have_count(0, timeout=(SLOW_MODE_SECONDS + 5) * 1000)
    await viewer.say("and a carrot, in oil")
    await expect(studio.message("and a carrot, in oil")).to_have_count(1)

    message = studio.message("and a carrot, in oil")
    await message.locator(".menu-button").click()
    await message.get_by_role("button", name="Ban", exact=True).click()
    await expect(viewer.page.locator("live-chat .bar.error")).to_be_visible(timeout=40_000)
    await studio.page.reload()
    bans = _row(studio.page, "bans")
    await expect(bans.locator("li")).to_have_count(1)
    await bans.locator("li button").click()
    await expect(bans.locator("li")).to_have_count(0)
    await viewer.page.reload()
    await viewer.wait_for_chat()
    await expect(viewer.page.locator("live-chat .bar.error")).to_have_count(0)
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")


async def test_moderator_is_named_and_dismissed_in_the_studio(stack: Stack, house: House) -> None:
    creator = stack.api("web-vera")
    started = await asyncio.to_thread(start_stream, creator)
    moderator_id = await asyncio.to_thread(house.account, "web-udo")
    studio = await house.visitor("/studio", name="web-vera")
    moderators = _row(studio.page, "moderators")
    await moderators.locator("input[name=user]").fill(moderator_id)
    await moderators.get_by_role("button", name="Add").click()
    await expect(moderators.locator("li code")).to_have_text(moderator_id)

    studio_chat = studio.page.locator("live-chat")
    await studio.say("Who can see this menu?")
    await expect(studio.message("Who can see this menu?")).to_have_count(1)
    udo = await house.visitor(f"/watch?stream={started['streamId']}", name="web-udo")
    await udo.message("Who can see this menu?").locator(".menu-button").click()
    await udo.page.locator("live-chat .menu").get_by_role("button", name="Remove").click()
    await expect(studio_chat.locator(".message[data-state=removed]")).to_have_count(1)

    await moderators.locator("li button").click()
    await expect(moderators.locator("li")).to_have_count(0)
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")


async def test_held_messages_wait_for_the_moderator(stack: Stack, house: House) -> None:
    creator = stack.api("web-petra")
    started = await asyncio.to_thread(start_stream, creator)
    terms = [{"term": "gouache", "kind": "exact", "decision": "hold"}]
    await asyncio.to_thread(_with_terms, creator, blockedTerms=terms)
    studio = await house.visitor("/studio", name="web-petra")
    name = f"quinn-{ULID()}".lower()
    viewer = await house.visitor(f"/watch?stream={started['streamId']}", name=name)
    for text, decision in (("gouache for the sky", "Approve"), ("gouache again", "Deny")):
        await viewer.say(text)
        await expect(viewer.message(text, "held")).to_contain_text("Waiting for a moderator")
        entry = studio.page.locator("live-chat [data-held]", has_text=text)
        await entry.get_by_role("button", name=decision).click()
        await expect(entry).to_have_count(0)
        state = "shown" if decision == "Approve" else "rejected"
        await expect(viewer.message(text, state)).to_have_count(1)
    await expect(studio.message("gouache for the sky")).to_have_count(1)
    await expect(studio.message("gouache again")).to_have_count(0)
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")


async def test_dashboard_updates_itself_and_gives_tables_and_csv(
    stack: Stack, house: House, tmp_path: Path
) -> None:
    creator = stack.api("web-rita")
    started = await asyncio.to_thread(start_stream, creator, title="Figures, =1+1")
    stream_id = started["streamId"]
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        owner = await house.visitor("/dashboard", name="web-rita")
        await owner.open(f"/dashboard?stream={stream_id}")
        views = owner.page.locator("live-analytics [data-figure=totalViews]")
        await expect(views).to_have_text("0")
        await house.visitor(f"/watch?stream={stream_id}")
        await expect(views).to_have_text("1", timeout=40_000)
        charts = owner.page.locator("live-chart")
        await expect(charts.first).to_be_visible(timeout=90_000)
        for number in range(await charts.count()):
            chart = charts.nth(number)
            await chart.locator("summary").click()
            await expect(chart.locator("table tbody tr").first).to_be_visible()
        async with owner.page.expect_download() as downloading:
            await owner.page.locator("live-analytics").get_by_text("Download CSV").click()
        await (await downloading.value).save_as(tmp_path / "series.csv")
        rows = list(csv.DictReader(io.StringIO((tmp_path / "series.csv").read_text())))
        assert sum(int(row["joins"]) for row in rows) == 1
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")
    await owner.open("/dashboard")
    history = owner.page.locator("live-history")
    await expect(history.locator("input[name=from]")).to_be_visible()
    await history.locator("input[name=from]").fill("2026-02-02")
    await history.locator("input[name=to]").fill("2026-02-01")
    await history.get_by_text("Apply").click()
    await expect(history.locator("[role=alert]")).to_contain_text("must not be after")
    await history.locator("input[name=to]").fill("2026-02-03")
    await history.get_by_text("Apply").click()
    await expect(history).to_contain_text("No data in this range.")
    assert not owner.faults, owner.faults
