"""Signing in at an existing OpenID Connect issuer, in the place of the Cognito pool."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jwt
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import chromium
from tests.browser.recorded.issuer import CLIENT_ID, NAME, RecordedIssuer
from tests.browser.recorded.platform import STREAM_ID, RecordedPlatform


@asynccontextmanager
async def _visit(
    pages: Path, issuer: RecordedIssuer
) -> AsyncIterator[tuple[RecordedPlatform, Page]]:
    """Open the watch page of a platform that trusts the issuer."""
    platform = RecordedPlatform(pages, config=issuer.config, connect=(issuer.url,))
    async with platform.serving(), issuer.serving(), chromium() as browser:
        page = await browser.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        await page.goto(f"{platform.url}/watch?stream={STREAM_ID}")
        await page.locator("header .who button").click()
        await page.locator("#allow").wait_for()
        yield platform, page
        assert not faults, faults


@pytest.mark.parametrize("gives_refresh_tokens", [True, False])
async def test_issuer_signs_in_and_leads_back_to_where_one_was(
    pages: Path, *, gives_refresh_tokens: bool
) -> None:
    issuer = RecordedIssuer(gives_refresh_tokens=gives_refresh_tokens)
    async with _visit(pages, issuer) as (platform, page):
        await page.locator("#allow").click()
        await expect(page.locator("header .who .name")).to_have_text(NAME)
        assert page.url == f"{platform.url}/watch?stream={STREAM_ID}", "the code is in the address"
        await expect(page.locator("live-chat textarea")).to_have_count(1)
        token = next(token for _, token in reversed(platform.calls) if token)
        key = issuer.tokens.key.public_key()
        claims = jwt.decode(token, key, algorithms=["RS256"], audience=CLIENT_ID)
        assert claims["sub"] == "nora"
        kept = await page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
        assert token not in kept
        assert await page.evaluate("sessionStorage.getItem('ayinel.sign-in')") is None

        await page.reload()
        button = page.locator("header .who button")
        if not gives_refresh_tokens:
            await expect(button).to_have_text("Sign in")
            return
        await expect(page.locator("header .who .name")).to_have_text(NAME)
        await button.click()
        await expect(button).to_have_text("Sign in")
        # The page does not wait for the issuer's answer.
        for _ in range(100):
            if issuer.revoked:
                break
            await asyncio.sleep(0.05)
        assert len(issuer.revoked) == 1, "signing out leaves the refresh token valid"
        assert await page.evaluate("sessionStorage.length") == 0


async def test_who_says_no_at_the_issuer_reads_along(pages: Path) -> None:
    async with _visit(pages, RecordedIssuer()) as (platform, page):
        await page.locator("#deny").click()
        await expect(page.locator("header .who button")).to_have_text("Sign in")
        assert page.url == f"{platform.url}/watch?stream={STREAM_ID}"
        await expect(page.locator("h1")).to_contain_text("A busy evening")


async def test_code_that_another_page_asked_for_is_refused(pages: Path) -> None:
    async with _visit(pages, RecordedIssuer()) as (platform, page):
        await page.goto(f"{platform.url}/?code=stolen&state=of-somebody-else")
        await expect(page.locator("header .who button")).to_have_text("Sign in")
        assert await page.evaluate("sessionStorage.length") == 0
