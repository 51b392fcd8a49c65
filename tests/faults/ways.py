"""The four ways through the house, each walked while something is broken and judged after."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx

from tests.faults.deaths import end_workers
from tests.faults.outcomes import WAYS, Outcome
from tests.faults.proxy import FaultyRuntime
from tests.faults.rules import EVERYTHING, Cell
from tests.faults.talking import PAUSE_SECONDS, disordered, overtaken, words
from tests.support.broadcast import publishing
from tests.support.following import FollowingClient
from tests.support.spying import BusTap
from tests.support.stack import Stack

FAULTY_SECONDS = 8.0
FAULTY_SECONDS_OF_ONE = 4.0
RECOVERY_SECONDS = 90.0
GUESTS = 4
# Until the emulator sees that a process is gone; it would hand it the next request.
DYING_SECONDS = 0.5
LIFE_OF_A_STREAM = {"StreamCreated", "StreamStarted", "StreamEnded"}


@dataclass(frozen=True)
class House:
    """What all experiments share.

    Attributes:
        stack: The stack.
        http: For calls.
        stream_id: A stream that stands open, whose chat is used.
        owner: Its creator's name.
        viewers: The clients in its chat.
    """

    stack: Stack
    http: httpx.AsyncClient
    stream_id: str
    owner: str
    viewers: list[FollowingClient]


class Experiment:
    """One cell of the matrix, over all four ways at once.

    Args:
        house: Where it is done.
        cell: What is broken.
        runtime: Breaks and mends it.
    """

    def __init__(self, house: House, cell: Cell, runtime: FaultyRuntime) -> None:
        self._house = house
        self._stack = house.stack
        self._http = house.http
        self._api = house.stack.outputs["apiUrl"]
        self._viewers = house.viewers
        self._cell = cell
        self._runtime = runtime
        self._name = f"{cell}".lower()
        self._healed_at = 0.0
        self._healed = asyncio.Event()
        self.broken = 0

    async def run(self) -> dict[str, Outcome]:
        """Break things, walk all ways, mend things and judge."""
        # Tokens are no part of what is tested.
        await asyncio.to_thread(self._stack.token, f"{self._name}-creator")
        # Secrets are kept by those who have read them; who comes new has to read them.
        if self._cell.target in {EVERYTHING, "Secrets-Manager"}:
            end_workers(self._runtime, "chat_api", "chat_authorizer", "streams_api")
            await asyncio.sleep(DYING_SECONDS)
        await asyncio.to_thread(self._runtime.inject, self._cell.rules())
        walks = (self.https, self.chat, self.stream, self.audience)
        walking = [asyncio.create_task(walk()) for walk in walks]
        is_all = self._cell.target == EVERYTHING
        await asyncio.sleep(FAULTY_SECONDS if is_all else FAULTY_SECONDS_OF_ONE)
        await asyncio.to_thread(self._runtime.heal)
        self._healed_at = time.monotonic()
        self._healed.set()
        outcomes = await asyncio.gather(*walking)
        self.broken = await asyncio.to_thread(self._runtime.fired)
        return dict(zip(WAYS, outcomes, strict=True))

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
        """Talk; what was accepted every client is shown, once and in its sender's order."""
        outcome = Outcome()
        before = sum(client.seen.repeats for client in self._viewers)
        shown_twice = {client: len(client.seen.twice) for client in self._viewers}
        talking = [self._talk(client, outcome) for client in self._viewers]
        parts = await asyncio.gather(*talking)
        sent = {message for part in parts for message in part}
        outcome.accepted = len(sent)

        async def is_shown() -> bool:
            return all(sent <= client.seen.shown.keys() for client in self._viewers)

        await self._until(is_shown, "all messages everywhere", outcome)
        for client in self._viewers:
            outcome.lost += sorted(sent - client.seen.shown.keys())
            outcome.twice += client.seen.twice[shown_twice[client] :]
        outcome.disordered = disordered(parts)
        outcome.overtaken = overtaken(self._viewers, parts)
        outcome.repeats = sum(client.seen.repeats for client in self._viewers) - before
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
        outcome = Outcome(accepted=GUESTS)
        guests = [self._guest() for _ in range(GUESTS)]
        running = [asyncio.create_task(guest.run()) for guest in guests]
        wanted = len(self._viewers) + GUESTS

        async def are_open() -> bool:
            return all(guest.is_open.is_set() for guest in guests)

        async def is_counted() -> bool:
            return await self._viewer_count() == wanted

        try:
            await self._until(are_open, "open connections", outcome)
            await self._healed.wait()
            await self._until(is_counted, f"{wanted} viewers counted", outcome)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
        outcome.refused = sum(guest.refused for guest in guests)
        return outcome

    def _guest(self) -> FollowingClient:
        address = self._stack.outputs["chatUrl"]
        return FollowingClient(self._http, self._api, self._house.stream_id, chat_url=address)

    async def _talk(self, client: FollowingClient, outcome: Outcome) -> list[str]:
        """Say one thing after the other until everything works again, and one more."""
        sent: list[str] = []
        is_last = False
        while not is_last:
            is_last = self._healed.is_set()
            try:
                sent.append(await client.send(words()))
            except TimeoutError as error:
                outcome.unaccepted.append(f"{client.viewer_id}: {error}")
            if not is_last:
                await asyncio.sleep(PAUSE_SECONDS)
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
            path = answer.request.url.path[-40:]
            outcome.notes.append(f"{path}: {answer.status_code} {kind} {answer.text[:200]}")

    async def _invite(self, guest: str) -> httpx.Response:
        path = f"{self._api}/{self._house.stream_id}/invitations/{guest}"
        return await self._http.put(path, headers=self._as_owner())

    async def _succeeds(self, guest: str) -> bool:
        return (await self._invite(guest)).is_success

    async def _invitations(self) -> set[str]:
        found: set[str] = set()
        after = ""
        while True:
            query = {"limit": "100", **({"after": after} if after else {})}
            answer = await self._http.get(
                f"{self._api}/{self._house.stream_id}/invitations",
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
        answer = await self._http.get(f"{self._api}/status/{self._house.stream_id}")
        return int(answer.json()["viewerCount"]) if answer.is_success else -1

    def _as_owner(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._stack.token(self._house.owner)}"}


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
            pong_seconds=10,
        )
        for _ in range(count)
    ]
    for client in clients:
        task = asyncio.create_task(client.run())
        exits.push_async_callback(asyncio.wait, {task})
        exits.callback(task.cancel)
        await asyncio.wait_for(client.is_open.wait(), 60)
    return clients
