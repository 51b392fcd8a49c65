"""The calls that the walks make, repeated as a client repeats them."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx

from tests.faults.house import House
from tests.faults.outcomes import Outcome

_TRIES = 120
_PAGE = 100
_AT_ONCE = 8


class Calls:
    """Calls of the API.

    Args:
        house: Where they are made.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._api = house.stack.outputs["apiUrl"]

    async def insist(
        self,
        method: str,
        path: str,
        outcome: Outcome,
        person: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call until it is taken, as a client does with an idempotency key; count refusals."""
        for _ in range(_TRIES):
            answer = await self._call(method, path, person, body, headers)
            if answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            outcome.refused += 1
            await asyncio.sleep(1)
        raise AssertionError(f"{path} is refused to the end: {answer.text}")

    async def invite(self, guest: str) -> bool:
        """Invite somebody to the house's stream; returns whether it was taken."""
        return (await self._call("PUT", self._invitation(guest), self._house.owner)).is_success

    async def withdraw(self, guests: set[str]) -> None:
        """Take invitations back: a stream has only so many, and the next cell needs them."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def withdraw_one(guest: str) -> None:
            async with limit:
                path = self._invitation(guest)
                (await self._call("DELETE", path, self._house.owner)).raise_for_status()

        await asyncio.gather(*map(withdraw_one, guests))

    async def invited(self) -> set[str]:
        """Return who is invited to the house's stream."""
        found: set[str] = set()
        after = ""
        while True:
            query = f"?limit={_PAGE}" + (f"&after={after}" if after else "")
            path = f"/{self._house.stream_id}/invitations{query}"
            answer = await self._call("GET", path, self._house.owner)
            page = [entry["userId"] for entry in answer.raise_for_status().json()["invitations"]]
            found |= set(page)
            if len(page) < _PAGE:
                return found
            after = page[-1]

    async def streams_of(self, person: str) -> list[str]:
        """Return the ids of a creator's streams, up to a page of them."""
        answer = await self._call("GET", "/mine", person)
        return [stream["streamId"] for stream in answer.raise_for_status().json()["streams"]]

    async def status(self, stream_id: str) -> dict[str, Any]:
        """Return a stream's status; empty where it is not to be had now."""
        answer = await self._house.http.get(f"{self._api}/status/{stream_id}")
        found: dict[str, Any] = answer.json() if answer.is_success else {}
        return found

    async def _call(
        self,
        method: str,
        path: str,
        person: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        token = self._house.stack.token(person)
        named = {"authorization": f"Bearer {token}", **(headers or {})}
        return await self._house.http.request(method, self._api + path, json=body, headers=named)

    def _invitation(self, guest: str) -> str:
        return f"/{self._house.stream_id}/invitations/{guest}"
