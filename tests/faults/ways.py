"""The four ways through the house, each walked while something is broken and judged after."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable

from tests.faults.calls import Calls
from tests.faults.deaths import end_workers
from tests.faults.house import House
from tests.faults.outcomes import WAYS, Outcome
from tests.faults.proxy import FaultyRuntime, Traffic
from tests.faults.rules import EVERYTHING, Cell
from tests.faults.talking import PAUSE_SECONDS, disordered, overtaken, words
from tests.support.broadcast import publishing
from tests.support.following import FollowingClient
from tests.support.spying import BusTap

FAULTY_SECONDS = 8.0
FAULTY_SECONDS_OF_ONE = 4.0
FIRST_REQUEST_SECONDS = 30.0
RECOVERY_SECONDS = 90.0
GUESTS = 4
# Until the emulator sees that a process is gone; it would hand it the next request.
DYING_SECONDS = 0.5
LOGGED_CHARACTERS = 1500
LIFE_OF_A_STREAM = {"StreamCreated", "StreamStarted", "StreamEnded"}
_WAY_OF_ROUTE = {"invitations": "HTTPS", "chat": "chat", "chat-ticket": "audience"}


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
        self._calls = Calls(house)
        self._viewers = house.viewers
        self._cell = cell
        self._runtime = runtime
        self._name = f"{cell}".lower()
        self._creator = f"{self._name}-creator"
        self._healed_at = 0.0
        self._healed = asyncio.Event()
        self.traffic = Traffic()
        self.logged: list[str] = []

    async def run(self) -> dict[str, Outcome]:
        """Break things, walk all ways, mend things and judge."""
        # Tokens are no part of what is tested.
        await asyncio.to_thread(self._stack.token, self._creator)
        # Secrets are kept by those who have read them; who comes new has to read them.
        if self._cell.target in {EVERYTHING, "Secrets-Manager"}:
            end_workers(self._runtime, "chat_api", "chat_authorizer", "streams_api")
            await asyncio.sleep(DYING_SECONDS)
        begun_ms = int(time.time() * 1000)
        self._house.unclear.clear()
        await asyncio.to_thread(self._runtime.inject, self._cell.rules())
        walks = (self.https, self.chat, self.stream, self.audience)
        walking = [asyncio.create_task(walk()) for walk in walks]
        is_all = self._cell.target == EVERYTHING
        await asyncio.sleep(FAULTY_SECONDS if is_all else FAULTY_SECONDS_OF_ONE)
        await self._until_broken()
        self.traffic = await asyncio.to_thread(self._runtime.heal)
        self._healed_at = time.monotonic()
        self._healed.set()
        outcomes = dict(zip(WAYS, await asyncio.gather(*walking), strict=True))
        for route, said in self._house.unclear:
            outcomes[_WAY_OF_ROUTE.get(route, "stream")].notes.append(f"{route}: {said}")
        if self._house.unclear:
            self.logged = await asyncio.to_thread(self._faults_since, begun_ms)
        return outcomes

    async def _until_broken(self) -> None:
        """Wait for the first request that was broken: new workers take a while to ask."""
        deadline = time.monotonic() + FIRST_REQUEST_SECONDS
        while not (await asyncio.to_thread(self._runtime.seen)).broken.total():
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(PAUSE_SECONDS)

    async def https(self) -> Outcome:
        """Invite people; who was invited with success is on the list."""
        outcome, invited, number = Outcome(), set(), 0
        while not self._healed.is_set():
            number += 1
            guest = f"{self._name}-guest-{number}"
            if await self._calls.invite(guest):
                invited.add(guest)
            else:
                outcome.refused += 1
            await asyncio.sleep(0.25)
        last = f"{self._name}-last"
        await self._until(lambda: self._calls.invite(last), "a call", outcome)
        outcome.accepted = len(invited)
        present = await self._calls.invited()
        outcome.lost += sorted(invited - present)
        await self._calls.withdraw(present)
        outcome.lost += [f"withdrawn, yet there: {one}" for one in await self._calls.invited()]
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
        """Start, push and stop; state and bus tell the whole life, of one stream."""
        outcome = Outcome(accepted=1)
        tap = BusTap(self._stack, f"tap-{self._name}")
        await asyncio.to_thread(tap.open)
        stream_id = await self._broadcast(outcome)
        told: Counter[str] = Counter()

        async def is_told() -> bool:
            for event in await asyncio.to_thread(tap.events):
                if event["detail"].get("streamId") == stream_id:
                    told[event["detail-type"]] += 1
            return told.keys() >= LIFE_OF_A_STREAM

        await self._until(is_told, "the bus", outcome)
        outcome.lost += sorted(LIFE_OF_A_STREAM - told.keys())
        outcome.repeats = sum(told[kind] - 1 for kind in LIFE_OF_A_STREAM & told.keys())
        # A start that is asked for again under its key must not become another stream.
        owned = await self._calls.streams_of(self._creator)
        outcome.twice += sorted(set(owned) - {stream_id})
        await asyncio.to_thread(tap.close)
        return outcome

    async def _broadcast(self, outcome: Outcome) -> str:
        key = {"idempotency-key": f"key-{self._name}"}
        body = {"title": self._name, "visibility": "PUBLIC", "quality": "720p"}
        started = await self._calls.insist("POST", "/start", outcome, self._creator, body, key)
        stream_id: str = started["streamId"]
        async with publishing(started):
            await self._until(lambda: self._is(stream_id, "live"), "live", outcome)
            await self._calls.insist("POST", f"/{stream_id}/stop", outcome, self._creator)
        await self._until(lambda: self._is(stream_id, "offline", "processing"), "over", outcome)
        return stream_id

    async def audience(self) -> Outcome:
        """Come while it is broken; everybody who is there is counted, once."""
        outcome = Outcome(accepted=GUESTS)
        guests = [self._guest() for _ in range(GUESTS)]
        running = [asyncio.create_task(guest.run()) for guest in guests]
        wanted = len(self._viewers) + GUESTS

        async def are_open() -> bool:
            return all(guest.is_open.is_set() for guest in guests)

        async def is_counted() -> bool:
            status = await self._calls.status(self._house.stream_id)
            return bool(status.get("viewerCount") == wanted)

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
        outputs, house = self._stack.outputs, self._house
        return FollowingClient(
            house.http,
            outputs["apiUrl"],
            house.stream_id,
            chat_url=outputs["chatUrl"],
            on_frame=house.judge_frame,
        )

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

    async def _is(self, stream_id: str, *wanted: str) -> bool:
        return (await self._calls.status(stream_id)).get("status") in wanted

    def _faults_since(self, since_ms: int) -> list[str]:
        """Return the ends of what functions logged of faults that nobody expected."""
        logs = self._stack.client("logs")
        found: list[str] = []
        for page in logs.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                lines = logs.get_paginator("filter_log_events").paginate(
                    logGroupName=group["logGroupName"], startTime=since_ms
                )
                texts = [event["message"] for part in lines for event in part["events"]]
                found += [text for text in texts if '_failed"' in text or "Task timed out" in text]
        return [text[-LOGGED_CHARACTERS:] for text in found]
