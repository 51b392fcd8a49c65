"""The four ways through the house, each walked while something is broken and judged after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.support.broadcast import publishing
from tests.support.following import FollowingClient
from tests.support.spying import BusTap
from tests.support.stack import Stack

FAULTY_SECONDS = 8.0
RECOVERY_SECONDS = 90.0
LIFE_OF_A_STREAM = {"StreamCreated", "StreamStarted", "StreamEnded"}


@dataclass
class Outcome:
    """What became of one way in one experiment.

    Attributes:
        accepted: How many things the service took on while it was broken.
        refused: How many it refused, clearly.
        recovery_seconds: From the end of the faults until all that was accepted was there.
        lost: What was accepted and is not there.
        notes: Answers that should not have been given.
    """

    accepted: int = 0
    refused: int = 0
    recovery_seconds: float = 0.0
    lost: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Experiment:
    """One kind of fault at one rate, over all four ways at once.

    Args:
        stack: The stack.
        http: For calls.
        stream_id: A stream that stands open, whose chat is used.
        owner: Its creator's name.
        viewers: The clients in its chat.
        name: Tells this experiment's creators and guests from others'.
    """

    def __init__(
        self,
        stack: Stack,
        http: httpx.AsyncClient,
        stream_id: str,
        owner: str,
        viewers: list[FollowingClient],
        name: str,
    ) -> None:
        self._stack = stack
        self._http = http
        self._api = stack.outputs["apiUrl"]
        self._stream_id = stream_id
        self._owner = owner
        self._viewers = viewers
        self._name = name
        self._healed_at = 0.0
        self._healed = asyncio.Event()
        self._is_over = False

    async def run(self, inject: Callable[[], None], heal: Callable[[], None]) -> dict[str, Outcome]:
        """Break things, walk all ways, mend things and judge.

        Args:
            inject: Begins the faults.
            heal: Ends them.
        """
        ways = {
            "HTTPS": self.https,
            "chat": self.chat,
            "stream": self.stream,
            "audience": self.audience,
        }
        # Tokens and the bus are no part of what is tested.
        await asyncio.to_thread(self._stack.token, f"{self._name}-creator")
        await asyncio.to_thread(inject)
        walking = [asyncio.create_task(walk()) for walk in ways.values()]
        await asyncio.sleep(FAULTY_SECONDS)
        await asyncio.to_thread(heal)
        self._healed_at = time.monotonic()
        self._healed.set()
        outcomes = await asyncio.gather(*walking)
        return dict(zip(ways, outcomes, strict=True))

    async def https(self) -> Outcome:
        """Invite people; who was invited with success is on the list."""
        outcome, invited, number = Outcome(), [], 0
        while not self._healed.is_set():
            number += 1
            guest = f"{self._name}-guest-{number}"
            answer = await self._invite(guest)
            if answer.is_success:
                invited.append(guest)
            else:
                outcome.refused += 1
                self._check_problem(answer, outcome)
            await asyncio.sleep(0.25)
        await self._until(lambda: self._succeeds(f"{self._name}-last"), "a call", outcome)
        outcome.accepted = len(invited)
        present = await self._invitations()
        outcome.lost += [guest for guest in invited if guest not in present]
        return outcome

    async def chat(self) -> Outcome:
        """Talk; what was accepted every client is shown, once."""
        outcome = Outcome()
        talking = [self._talk(client, number) for number, client in enumerate(self._viewers)]
        sent = [message for part in await asyncio.gather(*talking) for message in part]
        outcome.accepted = len(sent)

        async def is_shown() -> bool:
            return all(set(sent) <= c.seen.shown.keys() for c in self._viewers)

        await self._until(is_shown, "all messages everywhere", outcome)
        for client in self._viewers:
            outcome.lost += sorted(set(sent) - client.seen.shown.keys())
            outcome.notes += [f"shown twice: {message}" for message in client.seen.twice]
        return outcome

    async def stream(self) -> Outcome:
        """Start, push and stop; state and bus tell the whole life."""
        outcome = Outcome()
        tap = BusTap(self._stack, f"tap-{self._name}")
        await asyncio.to_thread(tap.open)
        token = self._stack.token(f"{self._name}-creator")
        key = {"idempotency-key": f"key-{self._name}"}
        body = {"title": self._name, "visibility": "PUBLIC", "quality": "720p"}
        started = await self._insist("POST", "/start", outcome, token, body, key)
        stream_id = started["streamId"]
        async with publishing(started):
            await self._until(lambda: self._is(stream_id, "live"), "live", outcome)
            await self._insist("POST", f"/{stream_id}/stop", outcome, token)
        await self._until(lambda: self._is(stream_id, "offline", "processing"), "over", outcome)
        told: set[str] = set()

        async def is_told() -> bool:
            for event in await asyncio.to_thread(tap.events):
                if event["detail"].get("streamId") == stream_id:
                    told.add(event["detail-type"])
            return told >= LIFE_OF_A_STREAM

        await self._until(is_told, "the bus", outcome)
        outcome.lost += sorted(LIFE_OF_A_STREAM - told)
        outcome.accepted = 1
        await asyncio.to_thread(tap.close)
        return outcome

    async def audience(self) -> Outcome:
        """Come while it is broken; everybody who is there is counted, once."""
        outcome = Outcome()
        guests = [self._guest() for _ in range(4)]
        running = [asyncio.create_task(guest.run()) for guest in guests]
        try:
            await asyncio.wait_for(
                asyncio.gather(*(guest.is_open.wait() for guest in guests)), RECOVERY_SECONDS
            )
            await self._healed.wait()
            wanted = len(self._viewers) + len(guests)

            async def is_counted() -> bool:
                return await self._viewer_count() == wanted

            await self._until(is_counted, f"{wanted} viewers counted", outcome)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        outcome.accepted = len(guests)
        outcome.refused = sum(guest.refused for guest in guests)
        return outcome

    def _guest(self) -> FollowingClient:
        address = self._stack.outputs["chatUrl"]
        return FollowingClient(self._http, self._api, self._stream_id, chat_url=address)

    async def _talk(self, client: FollowingClient, number: int) -> list[str]:
        sent = []
        for turn in range(4):
            text = f"{self._name} says {number} of {turn} in {'abcd'[turn] * 6} words"
            sent.append(await client.send(text))
            await asyncio.sleep(1.6)
        return sent

    async def _until(
        self, check: Callable[[], Awaitable[bool]], what: str, outcome: Outcome
    ) -> None:
        """Wait until a check holds; the longest wait after the faults is the recovery."""
        deadline = time.monotonic() + RECOVERY_SECONDS + FAULTY_SECONDS
        while not await check():
            if time.monotonic() > deadline:
                outcome.lost.append(f"not there: {what}")
                return
            await asyncio.sleep(0.25)
        if self._healed.is_set():
            outcome.recovery_seconds = max(
                outcome.recovery_seconds, time.monotonic() - self._healed_at
            )

    async def _insist(
        self,
        method: str,
        path: str,
        outcome: Outcome,
        token: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Call until it is taken, as a client does with an idempotency key."""
        for _ in range(120):
            answer = await self._http.request(
                method,
                self._api + path,
                json=body,
                headers={"authorization": f"Bearer {token}", **(headers or {})},
            )
            if answer.is_success:
                found: dict[str, Any] = answer.json()
                return found
            outcome.refused += 1
            self._check_problem(answer, outcome)
            await asyncio.sleep(1)
        raise AssertionError(f"{path} is refused to the end: {answer.text}")

    def _check_problem(self, answer: httpx.Response, outcome: Outcome) -> None:
        """A refusal is a problem that invites to try again, whatever broke."""
        kind = answer.headers.get("content-type", "")
        is_clear = answer.status_code in {409, 429, 503} and "problem+json" in kind
        if not is_clear:
            outcome.notes.append(f"{answer.request.url.path[-40:]}: {answer.status_code} {kind}")

    async def _invite(self, guest: str) -> httpx.Response:
        path = f"{self._api}/{self._stream_id}/invitations/{guest}"
        return await self._http.put(path, headers=self._as_owner())

    async def _succeeds(self, guest: str) -> bool:
        return (await self._invite(guest)).is_success

    async def _invitations(self) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            query = {"limit": "100", **({"after": after} if after else {})}
            answer = await self._http.get(
                f"{self._api}/{self._stream_id}/invitations",
                params=query,
                headers=self._as_owner(),
            )
            page = [entry["userId"] for entry in answer.raise_for_status().json()["invitations"]]
            found |= set(page)
            if len(page) < 100:
                return found
            after = page[-1]

    async def _is(self, stream_id: str, *wanted: str) -> bool:
        answer = await self._http.get(f"{self._api}/status/{stream_id}")
        return answer.is_success and answer.json()["status"] in wanted

    async def _viewer_count(self) -> int:
        answer = await self._http.get(f"{self._api}/status/{self._stream_id}")
        return int(answer.json()["viewerCount"]) if answer.is_success else -1

    def _as_owner(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._stack.token(self._owner)}"}


async def open_viewers(
    stack: Stack, http: httpx.AsyncClient, stream_id: str, count: int, exits: AsyncExitStack
) -> list[FollowingClient]:
    """Open chat clients that stay until the exits are taken."""
    clients = [
        FollowingClient(
            http,
            stack.outputs["apiUrl"],
            stream_id,
            chat_url=stack.outputs["chatUrl"],
            heartbeat_seconds=4,
        )
        for _ in range(count)
    ]
    for client in clients:
        task = asyncio.create_task(client.run())
        exits.push_async_callback(asyncio.wait, {task})
        exits.callback(task.cancel)
        await asyncio.wait_for(client.is_open.wait(), 60)
    return clients
