"""Events in the shape that IVS gives EventBridge, and their way to whoever listens.

Source: "Using Amazon EventBridge with IVS Low-Latency Streaming" in the IVS user guide. Unlike
IVS, which promises best effort only, the stand-in delivers each event once accepted, in order.
"""

import asyncio
import contextlib
import logging
import uuid
from collections import deque
from datetime import datetime

import httpx

from local.video.clock import utc_now
from local.video.resources import JsonObject

STATE_CHANGE = "IVS Stream State Change"
HEALTH_CHANGE = "IVS Stream Health Change"
LIMIT_BREACH = "IVS Limit Breach"
RECORDING_CHANGE = "IVS Recording State Change"

MAX_WAITING = 10_000
MAX_BATCH = 10
MAX_RETRY_SECONDS = 5.0
REQUEST_TIMEOUT_SECONDS = 10.0

_log = logging.getLogger(__name__)


class EventSender:
    """Numbers events, keeps the newest, and posts them until they are accepted.

    Attributes:
        recent: The newest events, delivered or not.
    """

    def __init__(self, url: str, account_id: str, region: str) -> None:
        """Prepare to send.

        Args:
            url: Where ``{"events": [...]}`` is posted; nothing is posted without one.
            account_id: The account on the envelopes.
            region: The region on the envelopes.
        """
        self._url = url
        self._account_id = account_id
        self._region = region
        self.recent: deque[JsonObject] = deque(maxlen=MAX_WAITING)
        self._waiting: deque[JsonObject] = deque(maxlen=MAX_WAITING)
        self._wake = asyncio.Event()
        self._drained = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def emit(
        self,
        detail_type: str,
        resources: list[str],
        detail: JsonObject,
        moment: datetime | None = None,
    ) -> None:
        """Send an event.

        Args:
            detail_type: What IVS calls this sort.
            resources: The channel's ARN, or nothing.
            detail: The sort's own members.
            moment: When it happened, now if left out.
        """
        event: JsonObject = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": detail_type,
            "source": "aws.ivs",
            "account": self._account_id,
            "time": (moment or utc_now()).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "region": self._region,
            "resources": [*resources],
            "detail": detail,
        }
        self.recent.append(event)
        if self._url:
            self._waiting.append(event)
            self._drained.clear()
            self._wake.set()

    def start(self) -> None:
        """Begin posting."""
        if self._url:
            self._task = asyncio.create_task(self._post_all())

    async def stop(self, grace_seconds: float = 3.0) -> None:
        """Stop posting, once what waits is delivered or the grace is over.

        Args:
            grace_seconds: How long to try.
        """
        if self._waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(grace_seconds):
                    await self._drained.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._waiting:
            _log.warning("events were not delivered", extra={"count": len(self._waiting)})

    async def _post_all(self) -> None:
        delay = 0.1
        async with httpx.AsyncClient(timeout=REQUEST_TIMEOUT_SECONDS, trust_env=False) as client:
            while True:
                await self._wake.wait()
                self._wake.clear()
                while self._waiting:
                    batch = [self._waiting[at] for at in range(min(MAX_BATCH, len(self._waiting)))]
                    if await self._post(client, batch):
                        delay = 0.1
                        for event in batch:
                            if self._waiting and self._waiting[0] is event:
                                self._waiting.popleft()
                    else:
                        await asyncio.sleep(delay)
                        delay = min(2 * delay, MAX_RETRY_SECONDS)
                self._drained.set()

    async def _post(self, client: httpx.AsyncClient, batch: list[JsonObject]) -> bool:
        try:
            response = await client.post(self._url, json={"events": batch})
        except httpx.HTTPError:
            _log.info("event sink did not answer")
            return False
        if not response.is_success:
            _log.warning("event sink refused", extra={"status": response.status_code})
        return response.is_success
