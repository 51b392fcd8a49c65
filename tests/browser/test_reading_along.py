"""What somebody does who only reads and looks: an empty house, and a chat that runs."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from tests.browser.conftest import chromium
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform

_LIST = "document.querySelector('live-chat').shadowRoot.querySelector('.list')"


async def test_chat_pauses_where_one_reads_and_leads_back_to_what_is_new(pages: Path) -> None:
    platform = RecordedPlatform(pages, messages_per_second=20)
    async with platform.serving(), chromium() as browser:
        page = await browser.new_page(locale="en-GB")
        await page.goto(f"{platform.url}/watch?stream={STREAM_ID}")
        messages = page.locator("live-chat .message")
        await expect(messages.nth(40)).to_be_attached()
        news = page.locator("live-chat .new")
        await expect(news).to_have_count(0)
        await page.evaluate(f"{_LIST}.scrollTop = 0")
        await expect(news).to_be_visible()
        count = await messages.count()
        await expect(messages.nth(count + 20)).to_be_attached()
        assert await page.evaluate(f"{_LIST}.scrollTop") == 0
        await news.click()
        await expect(news).to_have_count(0)
        await page.wait_for_function(
            f"() => {_LIST}.scrollHeight - {_LIST}.scrollTop - {_LIST}.clientHeight < 50"
        )
        names = page.locator("live-chat .message .name")
        colours = {
            await names.nth(number).evaluate("(name) => getComputedStyle(name).color")
            for number in range(10)
        }
        assert len(colours) > 1


async def test_share_gives_the_pages_own_address(pages: Path) -> None:
    platform = RecordedPlatform(pages)
    async with platform.serving(), chromium() as browser:
        context = await browser.new_context(locale="en-GB")
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = await context.new_page()
        address = f"{platform.url}/watch?stream={STREAM_ID}"
        await page.goto(address)
        await page.get_by_role("button", name="Share").click()
        await expect(page.locator(".facts [role=status]")).to_have_text("Link copied")
        assert await page.evaluate("navigator.clipboard.readText()") == address


async def test_empty_house_says_so_and_how_to_begin(pages: Path) -> None:
    platform = RecordedPlatform(pages, listed=0)
    async with platform.serving(), chromium() as browser:
        page = await browser.new_page(locale="de-DE")
        await page.goto(platform.url)
        await expect(page.locator(".empty a[href='/studio']")).to_be_visible()
        assert await page.locator("html").get_attribute("lang") == "de"
        await page.goto(f"{platform.url}/?lang=en")
        await expect(page.locator(".empty")).to_contain_text("Nobody is live right now.")
