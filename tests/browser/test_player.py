"""The player's controls, its captions, and the video service's own player where it is given."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import chromium
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform

pytestmark = pytest.mark.slow

SDK = "https://player.live-video.net/1.44.0/amazon-ivs-player.min.js"
IVS_PLAYLIST = "https://a1b2c3.us-east-1.playback.live-video.net/api/video/v1/channel.m3u8"
# What the pages use of the proprietary player, as its documentation describes it.
FAKE_SDK = """window.IVSPlayer = {
  isPlayerSupported: true,
  PlayerState: { READY: 'Ready', PLAYING: 'Playing', BUFFERING: 'Buffering', ENDED: 'Ended' },
  PlayerEventType: { ERROR: 'PlayerError' },
  create: () => {
    const heard = {};
    window.sdk = { loaded: [], quality: 'auto', tell: (name, detail) => heard[name](detail) };
    return {
      attachHTMLVideoElement: (video) => (window.sdk.video = video.localName),
      addEventListener: (name, listener) => (heard[name] = listener),
      load: (url) => window.sdk.loaded.push(url),
      play: () => undefined,
      delete: () => (window.sdk.isDeleted = true),
      getLiveLatency: () => 2.5,
      getQualities: () => [{ name: '720p60' }, { name: '160p' }],
      setQuality: (quality) => (window.sdk.quality = quality.name),
      setAutoQualityMode: () => (window.sdk.quality = 'auto'),
    };
  },
};"""
_VIDEO = "document.querySelector('live-player').shadowRoot.querySelector('video')"


@asynccontextmanager
async def _watching(pages: Path, **options: Any) -> AsyncIterator[Page]:
    """Open the watch page of a recorded platform."""
    platform = RecordedPlatform(pages, **options)
    async with platform.serving(), chromium() as browser:
        page = await browser.new_page(locale="en-GB")
        await page.goto(f"{platform.url}/404")
        yield page


async def _watch(page: Page) -> None:
    await page.goto(page.url.replace("/404", f"/watch?stream={STREAM_ID}"))
    await page.locator("live-player").wait_for()


async def _plays(page: Page) -> None:
    before = await page.evaluate(f"{_VIDEO}.currentTime")
    await page.wait_for_function(f"() => {_VIDEO}.currentTime > {before} + 0.5")


async def _is(page: Page, what: str) -> None:
    """Wait until something about the video, `video`, is true."""
    await page.wait_for_function(f"() => {{ const video = {_VIDEO}; return {what}; }}")


async def test_controls_and_keys_do_what_they_say(pages: Path) -> None:
    async with _watching(pages) as page:
        await _watch(page)
        await _plays(page)
        player = page.locator("live-player")
        await expect(player.locator("[data-latency]")).to_be_visible()
        quality = player.get_by_label("Quality")
        await expect(quality.locator("option")).to_have_text(["Auto", "180p", "360p"])
        for label, height in (("180p", 180), ("360p", 360)):
            await quality.select_option(label=label)
            await _is(page, f"video.videoHeight === {height}")

        await expect(player.get_by_label("Picture in picture")).to_be_visible()
        await player.locator("video").focus()
        await page.keyboard.press("k")
        await _is(page, "video.paused")
        await page.keyboard.press(" ")
        await _is(page, "!video.paused")
        await page.keyboard.press("m")
        await _is(page, "!video.muted")
        await page.keyboard.press("ArrowDown")
        await _is(page, "Math.abs(video.volume - 0.9) < 0.01")
        await page.keyboard.press("f")
        await page.wait_for_function(
            "() => document.fullscreenElement?.localName === 'live-player'"
        )
        await page.keyboard.press("f")
        await page.wait_for_function("() => document.fullscreenElement === null")


async def test_who_fell_behind_comes_back_to_the_live_edge_and_a_reload_plays_on(
    pages: Path,
) -> None:
    async with _watching(pages) as page:
        await _watch(page)
        await _plays(page)
        await page.locator("live-player video").focus()
        await page.evaluate(f"{_VIDEO}.currentTime = {_VIDEO}.seekable.start(0)")
        edge = await page.evaluate(f"{_VIDEO}.currentTime")
        await page.keyboard.press("l")
        await _is(page, f"video.currentTime > {edge} + 2")
        await page.reload()
        await page.locator("live-player").wait_for()
        await _plays(page)


async def test_captions_are_offered_where_there_are_any(pages: Path) -> None:
    async with _watching(pages) as page:
        await _watch(page)
        await _plays(page)
        button = page.locator("live-player").get_by_label("Captions")
        await expect(button).to_have_count(0)
        await page.evaluate(
            "document.querySelector('live-player').captionsUrl = '/video/captions.vtt'"
        )
        await expect(button).to_be_visible()
        await _is(page, "video.textTracks[0]?.mode === 'showing'")
        await _is(page, "video.textTracks[0].cues?.[0]?.text === 'The harbour at dusk'")
        await button.click()
        await _is(page, "video.textTracks[0].mode === 'hidden'")
        await page.locator("live-player video").focus()
        await page.keyboard.press("c")
        await _is(page, "video.textTracks[0].mode === 'showing'")


async def test_private_stream_goes_on_with_a_fresh_token_when_the_old_one_is_refused(
    pages: Path,
) -> None:
    async with _watching(pages, stream={"visibility": "PRIVATE"}) as page:
        tokens = iter(("stale", "fresh", "fresh", "fresh"))

        async def details(route: Route) -> None:
            answer = await route.fetch()
            body = await answer.json()
            body["playbackUrl"] += f"?token={next(tokens)}"
            await route.fulfill(response=answer, json=body)

        async def refuse(route: Route) -> None:
            await route.fulfill(status=403)

        await page.route(f"**/live/{STREAM_ID}", details)
        await page.route("**/live.m3u8?token=stale", refuse)
        await _watch(page)
        await _plays(page)
        await expect(page.locator("live-player .overlay")).to_have_count(0)


async def _third_parties(page: Page, *, sdk: str | None) -> list[str]:
    """Answer for the video service; return what the page asks of it."""
    asked: list[str] = []

    async def answer(route: Route) -> None:
        asked.append(route.request.url)
        if route.request.url == SDK and sdk is not None:
            await route.fulfill(body=sdk, content_type="text/javascript")
        else:
            await route.abort()

    await page.route(re.compile("^https://"), answer)
    return asked


async def test_ivs_channel_plays_with_the_services_player_where_it_is_given(pages: Path) -> None:
    config = {"ivsPlayerUrl": SDK}
    async with _watching(pages, config=config, stream={"playbackUrl": IVS_PLAYLIST}) as page:
        asked = await _third_parties(page, sdk=FAKE_SDK)
        await _watch(page)
        await page.wait_for_function("() => window.sdk?.video === 'video'")
        assert await page.evaluate("window.sdk.loaded") == [IVS_PLAYLIST]
        await page.evaluate("window.sdk.tell('Ready')")
        quality = page.locator("live-player").get_by_label("Quality")
        await expect(quality.locator("option")).to_have_text(["Auto", "720p60", "160p"])
        await quality.select_option(label="160p")
        assert await page.evaluate("window.sdk.quality") == "160p"
        await quality.select_option(label="Auto")
        assert await page.evaluate("window.sdk.quality") == "auto"
        await page.evaluate("window.sdk.tell('Ended')")
        await expect(page.locator("live-player .overlay")).to_contain_text("interrupted")
        await page.wait_for_function("() => window.sdk.loaded.length === 2")
        await page.evaluate("window.sdk.tell('Playing')")
        await expect(page.locator("live-player .overlay")).to_have_count(0)
        assert asked == [SDK], "the open player asked for the stream too"


async def test_services_player_that_does_not_load_leaves_the_open_one_playing(
    pages: Path,
) -> None:
    config = {"ivsPlayerUrl": SDK, "connectSources": ["https://*.live-video.net"]}
    async with _watching(pages, config=config, stream={"playbackUrl": IVS_PLAYLIST}) as page:
        asked = await _third_parties(page, sdk=None)
        async with page.expect_request(IVS_PLAYLIST):
            await _watch(page)
        assert SDK in asked


async def test_services_player_is_not_loaded_for_other_channels_nor_unless_given(
    pages: Path,
) -> None:
    async with _watching(pages, config={"ivsPlayerUrl": SDK}) as page:
        asked = await _third_parties(page, sdk=FAKE_SDK)
        await _watch(page)
        await _plays(page)
        assert not asked
    async with _watching(pages, stream={"playbackUrl": IVS_PLAYLIST}) as page:
        asked = await _third_parties(page, sdk=FAKE_SDK)
        await _watch(page)
        await page.locator("live-player .overlay").wait_for()
        assert SDK not in asked
        policy = (await page.request.get(page.url)).headers["content-security-policy"]
        assert "live-video.net" not in policy
        assert "wasm" not in policy
