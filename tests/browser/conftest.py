"""A Chromium for each test, and people at it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from local.layout import REPOSITORY, Layout
from local.website.build import build_pages
from tests.support.stack import Stack

RESULTS = REPOSITORY / "test-results" / "browser"
# Of users that live in the emulator alone.
PASSWORD = "Browser-Test-2026"
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOOPBACK = frozenset({"127.0.0.1", "localhost"})
WAIT_MILLISECONDS = 20_000
expect.set_options(timeout=WAIT_MILLISECONDS)


@dataclass
class Visitor:
    """Somebody at a page, with what the browser complained about.

    Attributes:
        page: The page.
        context: The page's own profile.
        faults: Errors of the console and of scripts, as text.
        strangers: Addresses outside the platform that the page asked for.
    """

    page: Page
    context: BrowserContext
    web_url: str
    faults: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def note(self, address: str) -> None:
        """Note a request, if it leaves the platform; all of it is on the loopback."""
        parts = urlsplit(address)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in LOOPBACK:
            self.strangers.append(address)

    async def open(self, path: str) -> None:
        """Open a page of the site."""
        await self.page.goto(self.web_url + path)

    async def sign_in(self, name: str) -> None:
        """Sign in through the dialog of whatever page is open."""
        await self.page.locator("header .who button").click()
        dialog = self.page.locator("live-sign-in")
        await dialog.locator("input[name=name]").fill(name)
        await dialog.locator("input[name=password]").fill(PASSWORD)
        await dialog.locator("button.primary").click()
        await self.page.locator("header .who .name").wait_for()

    async def wait_for_chat(self) -> None:
        """Wait until the chat is drawn and its connection open."""
        chat = self.page.locator("live-chat")
        await chat.locator("[role=log]").wait_for()
        await expect(chat.locator("[data-connection]")).to_have_count(0)

    async def say(self, message: str) -> None:
        """Send a chat message."""
        await self.page.locator("live-chat textarea").fill(message)
        await self.page.locator("live-chat form button.primary").click()

    def message(self, text: str, state: str = "shown") -> Any:
        """Return the locator of a chat message."""
        return self.page.locator(f'live-chat .message[data-state="{state}"]', has_text=text)


class House:
    """Makes visitors and their accounts."""

    def __init__(self, browser: Browser, stack: Stack) -> None:
        self._browser = browser
        self._stack = stack
        self.visitors: list[Visitor] = []

    def account(self, name: str) -> str:
        """Make a user with the tests' password, and return the user id."""
        self._stack.token(name)
        pool = self._stack.client("cognito-idp")
        pool_id = self._stack.outputs["userPoolId"]
        pool.admin_set_user_password(
            UserPoolId=pool_id, Username=name, Password=PASSWORD, Permanent=True
        )
        user = pool.admin_get_user(UserPoolId=pool_id, Username=name)
        ids = {entry["Name"]: entry["Value"] for entry in user["UserAttributes"]}
        return str(ids["sub"])

    async def visitor(self, path: str = "/", *, name: str | None = None, **options: Any) -> Visitor:
        """Open a page in a profile of its own.

        Args:
            path: Below the site's root.
            name: Who signs in; None looks on anonymously.
            options: More of the browser's context, such as `color_scheme`.
        """
        options.setdefault("viewport", {"width": 1280, "height": 800})
        context = await self._browser.new_context(locale="en-GB", **options)
        await context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.set_default_timeout(WAIT_MILLISECONDS)
        page = await context.new_page()
        visitor = Visitor(page, context, self._stack.outputs["webUrl"])
        page.on("pageerror", lambda error: visitor.faults.append(str(error)))
        page.on(
            "console",
            lambda line: visitor.faults.append(line.text) if line.type == "error" else None,
        )
        page.on("request", lambda request: visitor.note(request.url))
        page.on("websocket", lambda socket: visitor.note(socket.url))
        self.visitors.append(visitor)
        await visitor.open(path)
        if name is not None:
            await asyncio.to_thread(self.account, name)
            await visitor.sign_in(name)
        return visitor


def chromium_path() -> Path:
    """Return Debian's Chromium; the test is skipped nowhere, it fails where there is none."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert found, "chromium is missing: run `make chromium`"
    return Path(found)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run a Chromium that ends with what it is needed for."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(), args=list(_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            await browser.close()


@pytest.fixture(scope="session")
def pages() -> Path:
    """The built pages, for tests that need no stack behind them."""
    return build_pages(Layout().local_dir, lambda line: print(line, file=sys.stderr))


@pytest.fixture
async def house(stack: Stack, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A browser; at a test's end every open page is kept as a picture."""
    async with chromium() as browser:
        house = House(browser, stack)
        try:
            yield house
        finally:
            RESULTS.mkdir(parents=True, exist_ok=True)
            for number, visitor in enumerate(house.visitors):
                picture = RESULTS / f"{request.node.name}-{number}.png"
                if not visitor.page.is_closed():
                    await visitor.page.screenshot(path=picture)
        strangers = [address for visitor in house.visitors for address in visitor.strangers]
        assert not strangers, f"asked of third parties: {strangers}"
