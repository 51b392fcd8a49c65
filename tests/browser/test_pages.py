"""The main path: watch, chat, count, studio, end and recording, private."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import House, Visitor
from tests.support.broadcast import publishing, start_stream, wait_until, wait_until_live
from tests.support.stack import Stack

_PICTURE = """() => {
  const video = document.querySelector('live-player').shadowRoot.querySelector('video');
  const canvas = new OffscreenCanvas(64, 36);
  const context = canvas.getContext('2d');
  context.drawImage(video, 0, 0, 64, 36);
  return [video.currentTime, Array.from(context.getImageData(0, 0, 64, 36).data).join()];
}"""


async def picture_moves(page: Page) -> None:
    """Wait until the video's time goes on and its pixels change."""
    await page.wait_for_function(
        "() => document.querySelector('live-player')?.shadowRoot?.querySelector('video')"
        "?.currentTime > 0.5"
    )
    first: list[Any] = await page.evaluate(_PICTURE)
    await asyncio.sleep(1.5)
    second: list[Any] = await page.evaluate(_PICTURE)
    assert second[0] > first[0] + 0.5, "the time stands still"
    assert second[1] != first[1], "the picture stands still"


async def _viewers(visitor: Visitor, count: int, *, seconds: float = 45) -> None:
    shown = visitor.page.locator("[data-viewer-count]")
    await expect(shown).to_have_attribute("data-viewer-count", str(count), timeout=seconds * 1000)


async def test_two_people_watch_and_chat_and_a_removed_message_goes_in_both(
    stack: Stack, house: House
) -> None:
    creator = stack.api("web-ana")
    started = await asyncio.to_thread(start_stream, creator, title="Watch <b>me</b>")
    stream_id = started["streamId"]
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, stack.api(), stream_id)
        ben = await house.visitor(f"/watch?stream={stream_id}", name="web-ben")
        cleo = await house.visitor(f"/watch?stream={stream_id}", name="web-cleo")
        await picture_moves(ben.page)
        await expect(ben.page.locator("h1")).to_have_text("Watch <b>me</b>")
        await _viewers(ben, 2)

        await ben.say("hello from ben")
        await expect(ben.message("hello from ben")).to_have_count(1)
        await expect(cleo.message("hello from ben")).to_have_count(1)
        await cleo.say("hello back https://example.com/a?b=c")
        await expect(ben.message("hello back")).to_have_count(1)
        link = ben.message("hello back").locator("a")
        if await link.count():
            await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")

        ana = await house.visitor(f"/watch?stream={stream_id}", name="web-ana")
        await ana.message("hello from ben").locator("button").click()
        await ana.page.locator("live-chat .menu button").first.click()
        for visitor in (ben, cleo, ana):
            await expect(visitor.message("hello from ben")).to_have_count(0)
            await expect(visitor.message("Message removed", "removed")).to_have_count(1)

        kept = await ben.page.evaluate("Object.keys(localStorage).concat(document.cookie)")
        assert set(kept) <= {"ayinel.viewer", ""}, "a token outlives its tab"
        await cleo.page.close()
        await ana.page.close()
        await _viewers(ben, 1, seconds=60)
        assert not ben.faults, ben.faults
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")


async def test_studio_creates_a_stream_shows_its_health_and_the_recording_plays(
    stack: Stack, house: House
) -> None:
    studio = await house.visitor("/studio", name="web-dora")
    page = studio.page
    end = page.locator("[data-end]")
    sure = page.locator("studio-stream live-confirm button.danger").last
    await page.locator("studio-new, studio-stream").first.wait_for()
    if await end.count():
        await end.click()
        await sure.click()
    await page.locator("studio-new input[name=title]").fill("From the studio")
    await page.locator("studio-new button.primary").click()
    key_field = page.locator("studio-key input[name=key]")
    await key_field.wait_for(timeout=60_000)
    assert set(await key_field.input_value()) == {"•"}
    await page.locator("studio-key [data-copy-key]").click()
    key = await page.evaluate("navigator.clipboard.readText()")
    url = await page.locator("studio-key input[name=server]").input_value()
    assert key.startswith("sk_"), "the copied key is not a key"

    async with publishing({"rtmpUrl": url, "streamKey": key}):
        await expect(page.locator("studio-stream [data-state=LIVE]")).to_have_count(
            1, timeout=40_000
        )
        await expect(page.locator("studio-health [data-health=healthy]")).to_have_count(
            1, timeout=40_000
        )
        await page.wait_for_function(
            """() => {
              const studio = document.querySelector('live-studio').shadowRoot;
              const stream = studio.querySelector('studio-stream').shadowRoot;
              const player = stream.querySelector('live-player');
              return player?.shadowRoot?.querySelector('video')?.currentTime > 0.5;
            }"""
        )
        stream_id = (await page.locator("studio-stream a").first.get_attribute("href") or "").split(
            "="
        )[1]
        viewer = await house.visitor(f"/watch?stream={stream_id}")
        await picture_moves(viewer.page)
        await end.click()
        await sure.click()
        await expect(
            viewer.page.locator(".screen[data-state], live-player:not([live])").first
        ).to_be_visible(timeout=30_000)
    await asyncio.to_thread(
        wait_until,
        lambda: stack.api().get(f"/{stream_id}/recording")["state"] == "ready",
        seconds=90,
        what="the recording",
    )
    # The page was never reloaded: it followed the stream to its end and to its recording.
    await viewer.page.locator("live-player:not([live])").wait_for(timeout=40_000)
    await picture_moves(viewer.page)
    await viewer.page.locator("live-player .timeline").fill("0")
    await picture_moves(viewer.page)
    await expect(page.locator("studio-new")).to_have_count(1, timeout=30_000)
    assert not studio.faults, studio.faults


async def test_private_stream_is_refused_until_invited(stack: Stack, house: House) -> None:
    creator = stack.api("web-emil")
    started = await asyncio.to_thread(start_stream, creator, visibility="PRIVATE")
    stream_id = started["streamId"]
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, creator, stream_id)
        guest = await house.visitor(f"/watch?stream={stream_id}")
        await guest.page.locator("[data-refused]").wait_for()
        guest_id = await asyncio.to_thread(house.account, "web-fay")
        await guest.sign_in("web-fay")
        await guest.page.locator("[data-refused]").wait_for()
        await asyncio.to_thread(creator.call, "PUT", f"/{stream_id}/invitations/{guest_id}")
        await guest.page.reload()
        await picture_moves(guest.page)
    await asyncio.to_thread(creator.post, f"/{stream_id}/stop")


async def test_early_visitor_sees_it_begin_and_browse_lists_what_is_live(
    stack: Stack, house: House
) -> None:
    creator = stack.api("web-gil")
    started = await asyncio.to_thread(start_stream, creator, title="In the list")
    early = await house.visitor(f"/watch?stream={started['streamId']}")
    await expect(early.page.locator(".screen[data-state=offline]")).to_have_text("Starting soon")
    async with publishing(started):
        await asyncio.to_thread(wait_until_live, stack.api(), started["streamId"])
        await picture_moves(early.page)
        guest = await house.visitor("/")
        card = guest.page.locator(f'a[href="/watch?stream={started["streamId"]}"]')
        await expect(card).to_contain_text("In the list")
        await expect(card).to_contain_text("watching")
        await card.click()
        await picture_moves(guest.page)
    await asyncio.to_thread(creator.post, f"/{started['streamId']}/stop")
