"""Dials: opening wires, some at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ayinel_live.fan_out.endpoint import Dialer
from ayinel_live.fan_out.wire import WireOwner

# Handshakes at one time: a few at first, then as many as there are wires, never more than 32,
# since they stand in each other's way on one core.
_FIRST_DIALS = 4
_MAX_DIALS = 32


class Dials:
    """The handshakes under way to one endpoint.

    Args:
        dialer: Opens wires.
        owner: Who uses them.
        max_wires: Wires and handshakes at most.
        opened: Called when one more wire is open.
        failed: Called when a dial failed, with the seconds since the first that did; a success
            starts them anew.
    """

    def __init__(
        self,
        dialer: Dialer,
        owner: WireOwner,
        max_wires: int,
        opened: Callable[[], None],
        failed: Callable[[float], None],
    ) -> None:
        self._dialer = dialer
        self._owner = owner
        self._max_wires = max_wires
        self._opened = opened
        self._failed = failed
        self._tasks: set[asyncio.Task[bool]] = set()
        self._failing_since: float | None = None

    def forget_failures(self) -> None:
        """Count the time of failing from now on."""
        self._failing_since = None

    def open(self, wanted: int, wires: int) -> None:
        """Start as many dials as are wanted and allowed beside those under way.

        Args:
            wanted: How many more wires there is work for.
            wires: How many are open.
        """
        spare = min(self._max_wires - wires, max(_FIRST_DIALS, wires), _MAX_DIALS)
        for _ in range(min(spare, wanted) - len(self._tasks)):
            task = asyncio.create_task(self._dial())
            self._tasks.add(task)
            task.add_done_callback(self._dialed)

    def cancel(self) -> None:
        """Give up the dials under way."""
        for task in self._tasks:
            task.cancel()

    async def _dial(self) -> bool:
        try:
            await self._dialer.open(self._owner)
        except OSError:
            now = asyncio.get_running_loop().time()
            if self._failing_since is None:
                self._failing_since = now
            self._failed(now - self._failing_since)
            return False
        self._failing_since = None
        return True

    def _dialed(self, task: asyncio.Task[bool]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.result():
            self._opened()
