"""Signing up: a mailed code, a wrong one, another one, and coming back to it later."""

from __future__ import annotations

import asyncio
import re

import httpx
from playwright.async_api import Locator, Page, Route, expect
from ulid import ULID

from tests.browser.conftest import PASSWORD, House
from tests.support.broadcast import wait_until
from tests.support.stack import Stack

# What the pool answers to a code that it did not send; the emulator takes any.
WRONG_CODE = {
    "__type": "CodeMismatchException",
    "message": "Invalid verification code provided, please try again.",
}


async def _mailed_code(stack: Stack, email: str, number: int = 1) -> str:
    """Wait until so many mails have gone to somebody, and return the last one's code."""
    address = f"{stack.outputs['awsEndpointUrl']}/_ministack/ses/messages"

    def mails() -> list[str]:
        by_account = httpx.get(address).raise_for_status().json()["messages"]
        every = (mail for account in by_account.values() for mail in account)
        return [f"{mail['BodyText']}{mail['BodyHtml']}" for mail in every if email in mail["To"]]

    def has_come() -> bool:
        return len(mails()) >= number

    await asyncio.to_thread(wait_until, has_come, seconds=20, what="the mailed code")
    found = re.search(r"(?<!\d)\d{6}(?!\d)", mails()[-1])
    assert found, "the mail holds no code"
    return found[0]


async def _sign_up(page: Page, name: str, email: str) -> Locator:
    """Ask for an account; returns the dialog, which says what comes next."""
    await page.locator("header .who button").click()
    dialog = page.locator("live-sign-in")
    await dialog.get_by_role("button", name="Sign up").click()
    await dialog.locator("input[name=name]").fill(name)
    await dialog.locator("input[name=email]").fill(email)
    await dialog.locator("input[name=password]").fill(PASSWORD)
    await dialog.locator("button.primary").click()
    return dialog


async def _refuse_once(route: Route) -> None:
    if "ConfirmSignUp" not in route.request.headers.get("x-amz-target", ""):
        await route.fallback()
        return
    headers = {"access-control-allow-origin": "*"}
    await route.fulfill(status=400, json=WRONG_CODE, headers=headers)


async def test_mailed_code_opens_the_studio_to_somebody_new(stack: Stack, house: House) -> None:
    name = f"nell-{ULID()}".lower()
    email = f"{name}@example.com"
    visitor = await house.visitor("/studio")
    dialog = await _sign_up(visitor.page, name, email)
    await expect(dialog).to_contain_text(f"We sent a code to {email}.")
    pool = stack.outputs["awsEndpointUrl"]

    await visitor.page.route(f"{pool}/**", _refuse_once)
    await dialog.locator("input[name=code]").fill("000000")
    await dialog.locator("button.primary").click()
    await expect(dialog.locator("[role=alert]")).to_have_text(WRONG_CODE["message"])
    await visitor.page.unroute(f"{pool}/**", _refuse_once)
    await dialog.get_by_role("button", name="Send another code").click()
    await expect(dialog.locator("[role=alert]")).to_have_count(0)
    code = await _mailed_code(stack, email, number=2)

    await dialog.locator("input[name=code]").fill(code)
    await dialog.locator("button.primary").click()
    await expect(visitor.page.locator("header .who .name")).to_have_text(name)
    await expect(visitor.page.locator("studio-new")).to_be_visible()
    await expect(dialog.locator("dialog")).not_to_be_visible()


async def test_who_left_before_the_code_came_gives_it_at_the_next_sign_in(
    stack: Stack, house: House
) -> None:
    name = f"owen-{ULID()}".lower()
    email = f"{name}@example.com"
    early = await house.visitor("/")
    dialog = await _sign_up(early.page, name, email)
    await dialog.locator("input[name=code]").wait_for()
    await early.page.reload()

    await early.page.locator("header .who button").click()
    await dialog.locator("input[name=name]").fill(name)
    await dialog.locator("input[name=password]").fill(PASSWORD)
    await dialog.locator("button.primary").click()
    await dialog.locator("input[name=code]").fill(await _mailed_code(stack, email, number=2))
    await dialog.locator("button.primary").click()
    await expect(early.page.locator("header .who .name")).to_have_text(name)
