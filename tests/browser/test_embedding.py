"""The elements in a page of somebody else, who hands in client and person."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Page, expect
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from tests.browser.conftest import chromium
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform

_PAGE = f"""<!doctype html><title>Of the platform</title>
<live-player live stream-url="/video/live.m3u8"></live-player>
<live-chat stream-id="{STREAM_ID}" channel-id="host"></live-chat>
<script type="module">
  import {{ ApiClient, defineElement }} from '/elements.js';
  await Promise.all([defineElement('live-player'), defineElement('live-chat')]);
  window.token = undefined;
  const chat = document.querySelector('live-chat');
  window.events = [];
  chat.addEventListener('live-event', ({{ detail }}) => window.events.push(detail.type));
  chat.api = new ApiClient('/api/v1/live', async () => window.token);
  window.chat = chat;
</script>"""


async def _page(_: Request) -> Response:
    return HTMLResponse(_PAGE)


async def _enter(page: Page, person: str, token: str) -> None:
    await page.evaluate(f"window.token = {token}; window.chat.person = {person}; undefined")


async def test_emoji_is_put_into_the_draft_and_a_report_reaches_the_platform(pages: Path) -> None:
    platform = RecordedPlatform(pages, messages_per_second=1, routes=(Route("/embedding", _page),))
    async with platform.serving(), chromium() as browser:
        page = await browser.new_page(locale="en-GB")
        await page.goto(f"{platform.url}/embedding")
        chat = page.locator("live-chat")
        await expect(chat.locator(".message").first).to_be_visible()
        await _enter(page, "{ userId: 'bob', name: 'Bob' }", "'token-of-bob'")
        draft = chat.locator("textarea")
        await draft.fill("well painted ")
        await chat.get_by_label("Emoji").click()
        emoji = chat.locator(".emoji button").first
        await emoji.click()
        await expect(draft).to_have_value(f"well painted {await emoji.inner_text()}")

        message = chat.locator(".message[data-state=shown]").first
        message_id = await message.get_attribute("data-id")
        await message.locator(".menu-button").click()
        await message.get_by_role("button", name="Spam").click()
        await expect(chat.locator(".foot [role=status]")).to_have_text("Reported. Thank you.")
        assert (f"{STREAM_ID}/messages/{message_id}/reports", "token-of-bob") in platform.calls


async def test_new_person_opens_the_chat_anew_with_that_persons_rights(pages: Path) -> None:
    platform = RecordedPlatform(pages, messages_per_second=4, routes=(Route("/embedding", _page),))

    def tickets() -> list[str]:
        return [token for path, token in platform.calls if path.endswith("/chat-ticket")]

    async with platform.serving(), chromium() as browser:
        page = await browser.new_page(locale="en-GB")
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{platform.url}/embedding")
        chat = page.locator("live-chat")
        await expect(chat.locator(".message").first).to_be_visible()
        await expect(chat.locator("textarea")).to_have_count(0)
        assert tickets() == [""]

        await _enter(page, "{ userId: 'anon', name: 'Ada' }", "'token-of-ada'")
        await expect(chat.locator("textarea")).to_be_visible()
        await expect(chat.locator(".message").first).to_be_visible()
        await chat.locator("textarea").fill("hello, from outside")
        await chat.locator("textarea").press("Enter")
        own = chat.locator(".message[data-state=sending]")
        await expect(own).to_contain_text("hello, from outside")
        await expect(own.locator(".name")).to_have_text("Ada")

        await _enter(page, "{ userId: 'bob', name: 'Bob' }", "'token-of-bob'")
        await expect(own).to_have_count(0)
        await expect(chat.locator(".message").first).to_be_visible()
        await _enter(page, "undefined", "undefined")
        await expect(chat.locator("textarea")).to_have_count(0)
        await expect(chat.locator("[data-connection]")).to_have_count(0)
        assert tickets() == ["", "token-of-ada", "token-of-bob", ""]
        await page.wait_for_function("() => window.events.includes('message')")
        await page.wait_for_function(
            "() => document.querySelector('live-player').shadowRoot"
            ".querySelector('video').currentTime > 0.5"
        )
        assert not faults, faults
